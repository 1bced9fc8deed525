//! The data of an audit entry about changed fields.

use serde_json::{Map, Value, json};

/// The fields that an operation changes, with their values before and after: the data of its audit entry.
#[derive(Debug, Default)]
pub struct Changes(Map<String, Value>);

impl Changes {
    /// Adds a field, unless its value stays.
    #[must_use]
    pub fn with(mut self, field: &str, before: impl Into<Value>, after: impl Into<Value>) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.0
                .insert(field.to_owned(), json!({ "from": before, "to": after }));
        }
        self
    }
}

impl From<Changes> for Value {
    fn from(changes: Changes) -> Self {
        Self::Object(changes.0)
    }
}
