//! A user or a group as the server sends it.

use std::fmt;

use chrono::SecondsFormat;
use entity::Timestamp;
use serde_json::{Value, json};

use super::document::Document;
use super::problem::{Kind, Problem};

/// Version of a resource, for `ETag`, `If-Match` and `If-None-Match` (RFC 7644, section 3.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version(pub i64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

impl Version {
    /// Returns whether a list of entity tags, as in `If-Match`, contains this version, or is `*`.
    pub fn is_in(self, tags: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").trim_matches('"').to_owned();
        tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == self.0.to_string())
    }

    /// Checks an `If-Match` header.
    ///
    /// # Errors
    /// [`Kind::Precondition`].
    pub fn check(self, if_match: Option<&str>) -> Result<(), Problem> {
        match if_match {
            Some(tags) if !self.is_in(tags) => Err(Problem::new(
                Kind::Precondition,
                "the resource has been changed since this version",
            )),
            _ => Ok(()),
        }
    }
}

/// A resource.
#[derive(Debug, Clone)]
pub struct Resource {
    /// Its JSON.
    pub body: Document,
    /// Its version.
    pub version: Version,
    /// Its URL.
    pub location: String,
}

impl Resource {
    /// Completes the attributes of a resource of the given type, for example `User`.
    #[expect(clippy::too_many_arguments, reason = "one for each part of the resource")]
    pub fn new(
        resource_type: &str,
        base: &str,
        id: &str,
        schemas: &[&str],
        mut body: Document,
        version: Version,
        created: Timestamp,
        modified: Timestamp,
    ) -> Self {
        let location = format!("{base}/{resource_type}s/{id}");
        let time = |at: Timestamp| at.to_rfc3339_opts(SecondsFormat::Millis, true);
        body.insert("schemas".to_owned(), schemas.to_vec().into());
        body.insert("id".to_owned(), id.into());
        let meta = json!({
            "resourceType": resource_type,
            "created": time(created),
            "lastModified": time(modified),
            "location": location,
            "version": version.to_string(),
        });
        body.insert("meta".to_owned(), meta);
        Self {
            body,
            version,
            location,
        }
    }
}

impl From<Resource> for Value {
    fn from(resource: Resource) -> Self {
        Self::Object(resource.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_match_weak_and_strong_tags() {
        let version = Version(7);
        for tags in ["*", "W/\"7\"", "\"7\"", "\"1\", W/\"7\""] {
            assert!(version.is_in(tags), "{tags}");
        }
        for tags in ["", "W/\"8\"", "\"77\""] {
            assert!(!version.is_in(tags), "{tags}");
        }
        assert!(version.check(None).is_ok());
        assert_eq!(version.check(Some("\"6\"")).unwrap_err().kind, Kind::Precondition);
    }
}
