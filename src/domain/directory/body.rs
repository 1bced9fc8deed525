//! Bodies of requests: JSON objects in which no name occurs twice.

use std::collections::HashSet;
use std::fmt;
use std::sync::OnceLock;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::problem::{Kind, Problem};

/// Maximum nesting of objects and lists.
const MAX_DEPTH: usize = 32;

/// The body of a request: parsed once, when it is first needed.
#[derive(Debug, Clone, Default)]
pub struct Body {
    bytes: Vec<u8>,
    object: OnceLock<Result<Map<String, Value>, Problem>>,
}

impl Body {
    /// Returns the bytes, as they were received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the object.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn object(&self) -> Result<&Map<String, Value>, Problem> {
        let object = self.object.get_or_init(|| parse(&self.bytes));
        object.as_ref().map_err(Clone::clone)
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            bytes,
            object: OnceLock::new(),
        }
    }
}

impl From<Map<String, Value>> for Body {
    fn from(object: Map<String, Value>) -> Self {
        Self {
            bytes: Vec::new(),
            object: Ok(object).into(),
        }
    }
}

/// Reads a body. The case of names doesn't matter (RFC 7643, section 2.1), so `active` and `Active` are one name.
///
/// # Errors
/// [`Kind::InvalidSyntax`] if it is not JSON, no object, nested too deep, or has one name twice.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Problem> {
    let invalid =
        |error: serde_json::Error| Problem::new(Kind::InvalidSyntax, format!("invalid JSON: {error}"));
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { depth: 0 }
        .deserialize(&mut deserializer)
        .map_err(invalid)?;
    deserializer.end().map_err(invalid)?;
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Problem::new(Kind::InvalidSyntax, "the body must be an object")),
    }
}

/// Returns the value of a name, in any case.
pub fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// Reads a value at this depth.
#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inner<E: Error>(self) -> Result<Self, E> {
        match self.depth < MAX_DEPTH {
            true => Ok(Self {
                depth: self.depth + 1,
            }),
            false => Err(E::custom(format_args!("nested deeper than {MAX_DEPTH}"))),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(value) = values.next_element_seed(inner)? {
            list.push(value);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let (mut object, mut seen) = (Map::new(), HashSet::new());
        while let Some(name) = fields.next_key::<String>()? {
            if !seen.insert(name.to_ascii_lowercase()) {
                return Err(A::Error::custom(format_args!("{name} is given twice")));
            }
            object.insert(name, fields.next_value_seed(inner)?);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_read_as_they_are() {
        let text = r#"{"a":[1,-2,1.5,true,null,"x\n"],"b":{"A":{},"c":[]}}"#;
        let expected = json!({ "a": [1, -2, 1.5, true, null, "x\n"], "b": { "A": {}, "c": [] } });
        assert_eq!(Value::Object(parse(text.as_bytes()).unwrap()), expected);
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let deep = format!("{}{}", "{\"a\":".repeat(33), "1".to_owned() + &"}".repeat(33));
        for (text, detail) in [
            ("", "invalid JSON: EOF"),
            ("{", "invalid JSON: EOF"),
            ("[]", "the body must be an object"),
            ("null", "the body must be an object"),
            ("{} {}", "invalid JSON: trailing characters"),
            (
                "{\"active\":true,\"Active\":false}",
                "invalid JSON: Active is given twice",
            ),
            ("{\"a\":{\"b\":1,\"b\":2}}", "invalid JSON: b is given twice"),
            (deep.as_str(), "invalid JSON: nested deeper than 32"),
        ] {
            let problem = parse(text.as_bytes()).unwrap_err();
            assert_eq!(problem.kind, Kind::InvalidSyntax, "{text}");
            assert!(problem.detail.starts_with(detail), "{text}: {}", problem.detail);
        }
        assert!(parse(b"{\"a\":\"\xff\"}").is_err());
        let shallow = format!("{}{}", "{\"a\":".repeat(32), "1".to_owned() + &"}".repeat(32));
        assert!(parse(shallow.as_bytes()).is_ok());
    }
}
