//! Responses as JSON.
//!
//! A response is a tree of values, in which the objects of a page may already be text: see [`item`](super::item).
//! Nothing in this API is binary, so the tree's variant for bytes holds such text.

use async_graphql::{Response, Value};
use serde::Serialize;

/// JSON text, as part of a response.
pub fn text(json: Vec<u8>) -> Value {
    Value::Binary(json.into())
}

/// Whether a request was rejected before any of it was executed.
pub fn was_refused(answer: &Response) -> bool {
    answer.data == Value::Null
        && !answer.errors.is_empty()
        && answer.errors.iter().all(|error| error.path.is_empty())
}

/// The response as it is sent. A request that was rejected before execution has no `data`, not even null.
pub fn answer(answer: &Response) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    out.push(b'{');
    if !answer.errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        write_any(&answer.errors, &mut out);
    }
    if !was_refused(answer) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(b"\"data\":");
        write_value(&answer.data, &mut out);
    }
    out.push(b'}');
    out
}

/// Converts what was written here into a string.
pub fn into_string(json: Vec<u8>) -> String {
    // All parts were valid UTF-8.
    String::from_utf8(json).unwrap_or_default()
}

/// Writes a value as JSON.
pub fn write_value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Binary(text) => out.extend_from_slice(text),
        Value::List(list) => {
            out.push(b'[');
            for (at, value) in list.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_value(value, out);
            }
            out.push(b']');
        }
        Value::Object(object) => {
            out.push(b'{');
            for (at, (key, value)) in object.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_any(key.as_str(), out);
                out.push(b':');
                write_value(value, out);
            }
            out.push(b'}');
        }
        leaf => write_any(leaf, out),
    }
}

/// Writes any value that serde can serialize.
pub fn write_any<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let start = out.len();
    if serde_json::to_writer(&mut *out, value).is_err() {
        // Only a map with keys that are not strings can't be written; there is none.
        out.truncate(start);
        out.extend_from_slice(b"null");
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::indexmap::IndexMap;
    use async_graphql::{Name, ServerError};

    use super::*;

    #[test]
    fn an_answer_is_written_as_serde_would_write_it() {
        let object = |entries: Vec<(&str, Value)>| {
            let entries = entries.into_iter().map(|(key, value)| (Name::new(key), value));
            Value::Object(entries.collect::<IndexMap<_, _>>())
        };
        let value = object(vec![
            ("none", Value::Null),
            ("flags", Value::List(vec![true.into(), false.into()])),
            ("number", Value::from(-7.25)),
            ("text", Value::from("a \"quoted\"\n\u{1f}text, é 🦀")),
            ("word", Value::Enum(Name::new("ACTIVE"))),
            ("empty", Value::List(Vec::new())),
            ("nothing", object(Vec::new())),
        ]);
        let mut out = Vec::new();
        write_value(&value, &mut out);
        assert_eq!(into_string(out), serde_json::to_string(&value).unwrap());
    }

    #[test]
    fn what_is_text_already_is_passed_on() {
        let answer = Response::new(Value::List(vec![text(br#"{"a":1}"#.to_vec()), Value::Null]));
        assert_eq!(into_string(super::answer(&answer)), r#"{"data":[{"a":1},null]}"#);
    }

    #[test]
    fn what_was_refused_has_no_data() {
        let refused = Response::from_errors(vec![ServerError::new("no", None)]);
        assert_eq!(into_string(answer(&refused)), r#"{"errors":[{"message":"no"}]}"#);
    }
}
