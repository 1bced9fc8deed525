//! What is wrong with a request of a directory: the error types of RFC 7644, section 3.12, and RFC 9865, section 3.

use serde_json::{Value, json};

/// URN of the messages of errors.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Kind of a problem, which decides the status and the `scimType` of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The body is not a valid message.
    InvalidSyntax,
    /// A value is missing or not allowed.
    InvalidValue,
    /// A filter can't be parsed, or compares what can't be compared.
    InvalidFilter,
    /// The path of an operation can't be parsed, or names nothing.
    InvalidPath,
    /// A path selects nothing.
    NoTarget,
    /// An attribute can't be changed.
    Mutability,
    /// A value is in use by somebody else.
    Uniqueness,
    /// There is no such resource.
    NotFound,
    /// A rule of the company forbids it.
    Conflict,
    /// The person is exempt from the directory.
    Exempt,
    /// The resource has changed since the client read it.
    Precondition,
    /// Too many operations in one request.
    TooMany,
    /// A cursor that this server never gave out.
    InvalidCursor,
    /// A cursor that is too old.
    ExpiredCursor,
}

impl Kind {
    /// Status of the response.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidSyntax
            | Self::InvalidValue
            | Self::InvalidFilter
            | Self::InvalidPath
            | Self::NoTarget
            | Self::Mutability
            | Self::InvalidCursor
            | Self::ExpiredCursor => 400,
            Self::Exempt => 403,
            Self::NotFound => 404,
            Self::Uniqueness | Self::Conflict => 409,
            Self::Precondition => 412,
            Self::TooMany => 413,
        }
    }

    /// Keyword for clients (RFC 7644, table 9; RFC 9865, table 2), if there is one that fits.
    pub const fn scim_type(self) -> Option<&'static str> {
        Some(match self {
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidValue => "invalidValue",
            Self::InvalidFilter => "invalidFilter",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::Mutability => "mutability",
            Self::Uniqueness => "uniqueness",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::NotFound | Self::Conflict | Self::Exempt | Self::Precondition | Self::TooMany => {
                return None;
            }
        })
    }
}

/// A problem, and what is wrong in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Kind.
    pub kind: Kind,
    /// What is wrong, for the administrator of the directory. Contains no values of attributes.
    pub detail: String,
}

impl Problem {
    /// Creates a problem.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// Creates a problem with the value of an attribute.
    pub fn value(attribute: &str, detail: &str) -> Self {
        Self::new(Kind::InvalidValue, format!("{attribute}: {detail}"))
    }

    /// Returns the body of the response.
    pub fn to_json(&self) -> Value {
        error_body(self.kind.status(), self.kind.scim_type(), &self.detail)
    }
}

/// Returns the body of a response with an error (RFC 7644, section 3.12): the status is a text.
pub fn error_body(status: u16, scim_type: Option<&str>, detail: &str) -> Value {
    let mut body = json!({ "schemas": [ERROR], "status": status.to_string(), "detail": detail });
    if let Some(scim_type) = scim_type {
        body["scimType"] = scim_type.into();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_a_textual_status_and_the_keyword_that_fits() {
        let problem = Problem::value("userName", "it is missing");
        let expected = json!({
            "schemas": [ERROR], "status": "400", "scimType": "invalidValue", "detail": "userName: it is missing",
        });
        assert_eq!(problem.to_json(), expected);
        let missing = Problem::new(Kind::NotFound, "no such user");
        let expected = json!({ "schemas": [ERROR], "status": "404", "detail": "no such user" });
        assert_eq!(missing.to_json(), expected);
    }

    #[test]
    fn kinds_have_the_status_of_the_rfc() {
        for (kind, status, scim_type) in [
            (Kind::InvalidSyntax, 400, Some("invalidSyntax")),
            (Kind::InvalidValue, 400, Some("invalidValue")),
            (Kind::InvalidFilter, 400, Some("invalidFilter")),
            (Kind::InvalidPath, 400, Some("invalidPath")),
            (Kind::NoTarget, 400, Some("noTarget")),
            (Kind::Mutability, 400, Some("mutability")),
            (Kind::Uniqueness, 409, Some("uniqueness")),
            (Kind::NotFound, 404, None),
            (Kind::Conflict, 409, None),
            (Kind::Exempt, 403, None),
            (Kind::Precondition, 412, None),
            (Kind::TooMany, 413, None),
            (Kind::InvalidCursor, 400, Some("invalidCursor")),
            (Kind::ExpiredCursor, 400, Some("expiredCursor")),
        ] {
            assert_eq!((kind.status(), kind.scim_type()), (status, scim_type), "{kind:?}");
        }
    }
}
