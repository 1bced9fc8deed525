//! Whether a value of a list fulfils a filter.

use serde_json::Value;

use super::filter::{Filter, Operator};
use super::schema::{self, Attribute};

/// Returns whether two texts are the same in any case.
pub fn same_text(one: &str, other: &str) -> bool {
    text::name_key(one) == text::name_key(other)
}

/// Returns whether a value of a multi-valued attribute fulfils a filter on its sub-attributes.
pub fn element(attribute: &Attribute, filter: &Filter, value: &Value) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(|part| element(attribute, part, value)),
        Filter::Or(parts) => parts.iter().any(|part| element(attribute, part, value)),
        Filter::Not(inner) => !element(attribute, inner, value),
        Filter::Element(..) => false,
        Filter::Present(path) => sub(attribute, &path.name, value).is_some(),
        Filter::Compare(path, operator, expected) => {
            let found = sub(attribute, &path.name, value);
            compare(found, *operator, expected)
        }
    }
}

fn sub<'a>(attribute: &Attribute, name: &str, value: &'a Value) -> Option<&'a Value> {
    let known = schema::find(attribute.subs(), name)?;
    value.get(known.name)
}

fn compare(found: Option<&Value>, operator: Operator, expected: &Value) -> bool {
    let as_text = |value: &Value| match value {
        Value::String(text) => Some(text::name_key(text)),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match (found, expected) {
        (Some(Value::Bool(found)), _) => {
            let expected = match expected {
                Value::Bool(expected) => Some(*expected),
                Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
                Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
                _ => None,
            };
            match operator {
                Operator::Eq => Some(*found) == expected,
                Operator::Ne => Some(*found) != expected,
                _ => false,
            }
        }
        (found, expected) => {
            let (found, expected) = (found.and_then(as_text), as_text(expected));
            match (operator, found, expected) {
                (Operator::Eq, found, expected) => found == expected,
                (Operator::Ne, found, expected) => found != expected,
                (_, Some(found), Some(expected)) => match operator {
                    Operator::Co => found.contains(&expected),
                    Operator::Sw => found.starts_with(&expected),
                    Operator::Ew => found.ends_with(&expected),
                    Operator::Gt => found > expected,
                    Operator::Ge => found >= expected,
                    Operator::Lt => found < expected,
                    Operator::Le => found <= expected,
                    Operator::Eq | Operator::Ne => false,
                },
                _ => false,
            }
        }
    }
}
