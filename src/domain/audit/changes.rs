//! The changed fields of an audit entry.

use entity::audit_entry::Model as Entry;
use serde_json::{Map, Value};

/// Returns the fields that an entry says were changed, with their values before and after as text.
pub fn of(entry: &Entry) -> Vec<(String, Option<String>, Option<String>)> {
    let data: Map<String, Value> = serde_json::from_str(&entry.data).unwrap_or_default();
    let change = |(field, value): (String, Value)| {
        let value = value.as_object()?;
        let (before, after) = (value.get("from")?, value.get("to")?);
        Some((field, text(before), text(after)))
    };
    data.into_iter().filter_map(change).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
