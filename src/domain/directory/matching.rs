//! Whether a value of a list fulfils a filter.

use std::borrow::Cow;

use serde_json::Value;

use super::filter::{Filter, Operator};
use super::schema::{self, Attribute, Type};

/// Returns whether two texts are the same in any case.
pub fn same_text(one: &str, other: &str) -> bool {
    match one.is_ascii() && other.is_ascii() {
        true => one.eq_ignore_ascii_case(other),
        false => text::name_key(one) == text::name_key(other),
    }
}

/// Returns the same for all texts that an attribute holds for equal.
pub fn key(text: &str, exact: bool) -> Cow<'_, str> {
    let is_key = exact || text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match is_key {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text::name_key(text)),
    }
}

/// Returns whether a filter on the values of an attribute names nothing but its sub-attributes.
pub fn is_about(attribute: &Attribute, filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().all(|part| is_about(attribute, part)),
        Filter::Not(inner) => is_about(attribute, inner),
        Filter::Element(..) => false,
        Filter::Present(path) | Filter::Compare(path, ..) => {
            path.schema.is_none()
                && path.sub.is_none()
                && schema::find(attribute.subs(), &path.name).is_some()
        }
    }
}

/// Returns whether a value of a multi-valued attribute fulfils a filter on its sub-attributes.
pub fn element(attribute: &Attribute, filter: &Filter, value: &Value) -> bool {
    let sub = |name: &str| {
        let known = schema::find(attribute.subs(), name);
        known.map(|known| (known, value.get(known.name)))
    };
    match filter {
        Filter::And(parts) => parts.iter().all(|part| element(attribute, part, value)),
        Filter::Or(parts) => parts.iter().any(|part| element(attribute, part, value)),
        Filter::Not(inner) => !element(attribute, inner, value),
        Filter::Element(..) => false,
        Filter::Present(path) => sub(&path.name).is_some_and(|(_, found)| found.is_some()),
        Filter::Compare(path, operator, expected) => {
            sub(&path.name).is_some_and(|(known, found)| compare(known, found, *operator, expected))
        }
    }
}

fn compare(attribute: &Attribute, found: Option<&Value>, operator: Operator, expected: &Value) -> bool {
    match attribute.ty {
        Type::Boolean => compare_flags(found, operator, expected),
        _ => compare_texts(attribute.exact, found, operator, expected),
    }
}

/// An absent flag is false, as RFC 7643, section 2.4, says of `primary`.
fn compare_flags(found: Option<&Value>, operator: Operator, expected: &Value) -> bool {
    let found = found.and_then(Value::as_bool).unwrap_or(false);
    let expected = match expected {
        Value::Bool(expected) => Some(*expected),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    };
    match operator {
        Operator::Eq => expected == Some(found),
        Operator::Ne => expected != Some(found),
        _ => false,
    }
}

fn compare_texts(exact: bool, found: Option<&Value>, operator: Operator, expected: &Value) -> bool {
    let found = found.and_then(Value::as_str);
    let number;
    let expected = match expected {
        Value::String(text) => Some(text.as_str()),
        Value::Number(value) => {
            number = value.to_string();
            Some(number.as_str())
        }
        // No text is true or false.
        Value::Bool(_) => return operator == Operator::Ne,
        _ => None,
    };
    let (Some(found), Some(expected)) = (found, expected) else {
        return match operator {
            Operator::Eq => found == expected,
            Operator::Ne => found != expected,
            _ => false,
        };
    };
    let same = || match exact {
        true => found == expected,
        false => same_text(found, expected),
    };
    let keys = || (key(found, exact), key(expected, exact));
    let holds = |test: fn(&str, &str) -> bool| {
        let (found, expected) = keys();
        test(&found, &expected)
    };
    match operator {
        Operator::Eq => same(),
        Operator::Ne => !same(),
        Operator::Co => holds(|found, expected| found.contains(expected)),
        Operator::Sw => holds(|found, expected| found.starts_with(expected)),
        Operator::Ew => holds(|found, expected| found.ends_with(expected)),
        Operator::Gt => holds(|found, expected| found > expected),
        Operator::Ge => holds(|found, expected| found >= expected),
        Operator::Lt => holds(|found, expected| found < expected),
        Operator::Le => holds(|found, expected| found <= expected),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::filter::parse;
    use super::super::schema::USERS;
    use super::*;

    #[test]
    fn values_fulfil_filters() {
        let emails = USERS.core("emails").unwrap();
        let value = json!({ "value": "Ann@X.example", "type": "work" });
        for (filter, expected) in [
            ("type eq \"WORK\"", true),
            ("type ne \"work\"", false),
            (
                "value co \"@x\" and value sw \"ann\" and value ew \".EXAMPLE\"",
                true,
            ),
            ("not (type eq \"home\") or display pr", true),
            ("display pr", false),
            ("display eq null", true),
            ("display eq true", false),
            ("display gt \"a\"", false),
            ("primary eq true", false),
            ("primary eq \"False\"", true),
            ("primary ne true", true),
            ("primary gt false", false),
            ("value ge \"ann@x.example\" and value le \"ann@x.example\"", true),
            ("value gt \"ann@x.example\" or value lt \"ann@x.example\"", false),
        ] {
            let parsed = parse(filter).unwrap();
            assert!(is_about(emails, &parsed), "{filter}");
            assert_eq!(element(emails, &parsed, &value), expected, "{filter}");
        }
        for filter in ["colour pr", "value.x pr", "urn:a:b:value pr", "value[type pr]"] {
            assert!(!is_about(emails, &parse(filter).unwrap()), "{filter}");
        }
    }

    #[test]
    fn references_are_compared_with_their_case() {
        let photos = USERS.core("photos").unwrap();
        let value = json!({ "value": "https://X.example/A" });
        let fulfils = |filter: &str| element(photos, &parse(filter).unwrap(), &value);
        assert!(fulfils("value eq \"https://X.example/A\""));
        assert!(!fulfils("value eq \"https://x.example/a\""));
    }
}
