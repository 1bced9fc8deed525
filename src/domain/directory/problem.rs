//! What is wrong with a request of a directory: the error types of RFC 7644, section 3.12.

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
}
