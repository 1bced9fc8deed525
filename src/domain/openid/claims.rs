//! Claims of a token, and how they are read: strictly, because the same bytes must mean the same to everybody.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Maximum length of a subject, a session or another name in a token, in bytes (OpenID Connect Core, section 2).
pub const MAX_NAME: usize = 255;

/// The members of a JSON object, none of which occurs twice.
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Reads a JSON object; `None` for anything else, and if a member occurs twice.
    pub fn read(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    /// Returns a member.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns a member that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Returns a member that is a name: 1 to [`MAX_NAME`] bytes without control characters.
    pub fn name(&self, name: &str) -> Option<&str> {
        let fits =
            |text: &&str| !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control);
        self.text(name).filter(fits)
    }

    /// Returns a member that is a time, in seconds since 1970.
    pub fn time(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(Value::as_f64)
    }

    /// Returns the audiences: a text, or a list of texts.
    pub fn audiences(&self) -> Option<Vec<&str>> {
        match self.get("aud")? {
            Value::String(one) => Some(vec![one]),
            Value::Array(several) => several.iter().map(Value::as_str).collect(),
            _ => None,
        }
    }

    /// Returns whether a member is true. Some providers write it as a text or a number.
    pub fn is_true(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
            Some(Value::Number(number)) => number.as_u64() == Some(1),
            _ => false,
        }
    }
}

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Claims, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = access.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member occurs twice"));
                    }
                }
                Ok(Claims(members))
            }
        }

        from.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_unique_and_typed() {
        let claims =
            Claims::read(br#"{"a":"x","b":1.5,"aud":["x","y"],"t":"TRUE","n":1,"f":false}"#).unwrap();
        assert_eq!((claims.text("a"), claims.text("b")), (Some("x"), None));
        assert_eq!(claims.time("b"), Some(1.5));
        assert_eq!(claims.audiences(), Some(vec!["x", "y"]));
        assert!(claims.is_true("t") && claims.is_true("n"));
        assert!(!claims.is_true("f") && !claims.is_true("missing"));
        for odd in [
            "",
            "[]",
            "null",
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            "{} {}",
        ] {
            assert!(Claims::read(odd.as_bytes()).is_none(), "{odd}");
        }
        for odd in [r#"{"aud":1}"#, r#"{"aud":["x",1]}"#, "{}"] {
            assert!(Claims::read(odd.as_bytes()).unwrap().audiences().is_none());
        }
        let long = format!(r#"{{"a":"{}","b":"x\u0000","c":""}}"#, "x".repeat(256));
        let claims = Claims::read(long.as_bytes()).unwrap();
        assert!(["a", "b", "c"].iter().all(|name| claims.name(name).is_none()));
    }
}
