//! What a directory says of a user or a group: a JSON object with the attributes of the schema, under their names as in
//! the schema. Values are kept as sent.

use std::borrow::Cow;
use std::collections::HashSet;

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

use super::matching;
use super::problem::{Kind, Problem};
use super::schema::{self, Attribute, Mutability, Schema, Type};

/// Attributes by name; those of the extension under its URN.
pub type Document = Map<String, Value>;

/// Names that every message may contain, and that nobody writes.
const IGNORED: [&str; 4] = ["schemas", "id", "meta", "password"];

/// A message read into a document.
#[derive(Debug, Default)]
pub struct ReadDocument {
    /// What it says.
    pub document: Document,
    /// Names that the schema doesn't know.
    pub unknown: Vec<String>,
}

/// Reads the body of a POST or PUT.
///
/// # Errors
/// [`Kind::InvalidSyntax`] for a foreign schema or an attribute that is given twice; [`Kind::InvalidValue`] for a value of
/// another type.
pub fn read(schema: &Schema, body: &Map<String, Value>) -> Result<ReadDocument, Problem> {
    check_schemas(schema.urn, body)?;
    check_names(body)?;
    let mut read = ReadDocument::default();
    for (name, value) in body {
        if IGNORED.iter().any(|ignored| ignored.eq_ignore_ascii_case(name)) {
            continue;
        }
        if let Some((urn, attributes)) = schema.extension
            && urn.eq_ignore_ascii_case(name)
        {
            let extension = read_extension(urn, attributes, value, &mut read.unknown)?;
            if !extension.is_empty() {
                read.document.insert(urn.to_owned(), extension.into());
            }
            continue;
        }
        match schema.core(name) {
            Some(attribute) => put(&mut read.document, attribute, value)?,
            None => read.unknown.push(name.clone()),
        }
    }
    tidy(schema, &mut read.document);
    Ok(read)
}

fn read_extension(
    urn: &str,
    attributes: &'static [Attribute],
    value: &Value,
    unknown: &mut Vec<String>,
) -> Result<Document, Problem> {
    let mut extension = Map::new();
    let inner = match value {
        Value::Null => return Ok(extension),
        Value::Object(inner) => inner,
        _ => return Err(Problem::value(urn, "it must be an object")),
    };
    check_names(inner)?;
    for (name, value) in inner {
        match schema::find(attributes, name) {
            Some(attribute) => put(&mut extension, attribute, value)?,
            // Some clients repeat the URN in the extension.
            None if name == "schemas" => {}
            None => unknown.push(format!("{urn}:{name}")),
        }
    }
    Ok(extension)
}

/// Checks that a message is for this schema, if it says for which.
///
/// # Errors
/// [`Kind::InvalidSyntax`].
pub fn check_schemas(urn: &str, body: &Map<String, Value>) -> Result<(), Problem> {
    let given = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    let is_it = |given: &Value| {
        given
            .as_str()
            .is_some_and(|given| given.eq_ignore_ascii_case(urn))
    };
    let fits = match given {
        None | Some((_, Value::Null)) => true,
        Some((_, Value::Array(schemas))) => schemas.is_empty() || schemas.iter().any(is_it),
        Some((_, single)) => is_it(single),
    };
    match fits {
        true => Ok(()),
        false => Err(Problem::new(
            Kind::InvalidSyntax,
            format!("schemas must contain {urn}"),
        )),
    }
}

/// Checks that no name is given twice: the case of names doesn't matter (RFC 7643, section 2.1).
///
/// # Errors
/// [`Kind::InvalidSyntax`].
pub fn check_names(object: &Map<String, Value>) -> Result<(), Problem> {
    let mut seen = HashSet::with_capacity(object.len());
    match object.keys().find(|name| !seen.insert(name.to_ascii_lowercase())) {
        None => Ok(()),
        Some(name) => Err(twice(name)),
    }
}

/// The problem that a name is given twice.
pub(super) fn twice(name: &str) -> Problem {
    Problem::new(Kind::InvalidSyntax, format!("{name} is given twice"))
}

fn put(document: &mut Document, attribute: &'static Attribute, value: &Value) -> Result<(), Problem> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if let Some(value) = checked(attribute, value)? {
        document.insert(attribute.name.to_owned(), value);
    }
    Ok(())
}

/// Returns the value in the form of the attribute; `None` for no value: null, and empty texts, lists and objects.
///
/// # Errors
/// [`Kind::InvalidValue`] for a value of another type.
pub fn checked(attribute: &'static Attribute, value: &Value) -> Result<Option<Value>, Problem> {
    if attribute.name == "active" && value.is_null() {
        return Err(Problem::value("active", "it must be true or false"));
    }
    if !attribute.multi {
        return checked_single(attribute, value);
    }
    // A single value is taken as a list of one.
    let values = match value {
        Value::Array(values) => values.as_slice(),
        Value::Null => &[],
        single => std::slice::from_ref(single),
    };
    let mut list = Vec::with_capacity(values.len());
    for one in values.iter().filter(|one| !one.is_null()) {
        let one = checked_single(attribute, one)?;
        if attribute.name == "members" && one.as_ref().is_none_or(|one| one.get("value").is_none()) {
            return Err(Problem::value("members", "a member has no value"));
        }
        list.extend(one);
    }
    let mut seen = HashSet::new();
    list.retain(|one| {
        identity(attribute, one).is_none_or(|(value, label)| seen.insert((value.into_owned(), label)))
    });
    keep_one_primary(&mut list);
    Ok((!list.is_empty()).then(|| list.into()))
}

/// What makes a value of a list the same as another: its `value`, and its `type` (RFC 7643, section 2.4). Members have
/// one type only.
pub(super) fn identity<'a>(attribute: &Attribute, one: &'a Value) -> Option<(Cow<'a, str>, Option<String>)> {
    let value = one.get("value")?.as_str()?;
    let label = one.get("type").and_then(Value::as_str).map(text::name_key);
    let exact = schema::find(attribute.subs(), "value").is_some_and(|sub| sub.exact);
    Some((
        matching::key(value, exact),
        label.filter(|_| attribute.name != "members"),
    ))
}

/// As [`checked`], for one value of a list.
///
/// # Errors
/// As [`checked`].
pub fn checked_single(attribute: &'static Attribute, value: &Value) -> Result<Option<Value>, Problem> {
    let wrong = |expected: &str| Err(Problem::value(attribute.name, expected));
    Ok(match (attribute.ty, value) {
        (_, Value::Null) => None,
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) if text.is_empty() => None,
        (Type::Binary, Value::String(text)) if !is_base64(text) => return wrong("it must be in base64"),
        (Type::String | Type::Reference, Value::String(text)) if has_control(text) => {
            return wrong("it must not contain control characters");
        }
        (Type::String | Type::Reference | Type::Binary, Value::String(_)) => Some(value.clone()),
        // Numbers of employees and the like.
        (Type::String, Value::Number(number)) => Some(number.to_string().into()),
        (Type::String | Type::Reference | Type::Binary, _) => return wrong("it must be a text"),
        (Type::Boolean, Value::Bool(_)) => Some(value.clone()),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true.into()),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false.into()),
        (Type::Boolean, _) => return wrong("it must be true or false"),
        (Type::Complex(subs), Value::Object(fields)) => {
            check_names(fields)?;
            let mut inner = Map::new();
            for (name, value) in fields {
                if let Some(sub) = schema::find(subs, name)
                    && let Some(value) = checked(sub, value)?
                {
                    inner.insert(sub.name.to_owned(), value);
                }
            }
            (!inner.is_empty()).then(|| inner.into())
        }
        // A plain value in place of an object with it: managers of Entra, members of some clients.
        (Type::Complex(subs), Value::String(text)) if schema::find(subs, "value").is_some() => {
            let object = || Map::from_iter([("value".to_owned(), Value::from(text.as_str()))]);
            (!text.is_empty()).then(|| object().into())
        }
        (Type::Complex(_), _) => return wrong("it must be an object"),
    })
}

/// Returns whether a text is base64 in either alphabet, with or without padding; lines may be broken.
fn is_base64(text: &str) -> bool {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let joined: String = text.split_ascii_whitespace().collect();
    [STANDARD, URL_SAFE]
        .iter()
        .any(|alphabet| GeneralPurpose::new(alphabet, config).decode(&joined).is_ok())
}

/// Returns whether a text has control characters other than those between the lines of a postal address.
fn has_control(text: &str) -> bool {
    text.chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// Leaves only the last primary value of a list primary.
pub fn keep_one_primary(list: &mut [Value]) {
    let primary = |value: &Value| value["primary"] == Value::Bool(true);
    if let Some(last) = list.iter().rposition(primary) {
        make_primary(list, last);
    }
}

/// Leaves no other value of a list primary than the one at this place.
pub(super) fn make_primary(list: &mut [Value], chosen: usize) {
    for (place, value) in list.iter_mut().enumerate() {
        if place != chosen && value["primary"] == Value::Bool(true) {
            value["primary"] = false.into();
        }
    }
}

/// Removes values of lists that lack what is required, or say nothing but their label.
pub(super) fn tidy(schema: &Schema, document: &mut Document) {
    for attribute in schema.attributes.iter().filter(|attribute| attribute.multi) {
        let Some(Value::Array(list)) = document.get_mut(attribute.name) else {
            continue;
        };
        let required = || attribute.subs().iter().filter(|sub| sub.required);
        list.retain(|one| {
            let says = |(name, _): (&String, &Value)| name != "type" && name != "primary";
            one.as_object().is_some_and(|one| one.iter().any(says))
                && required().all(|sub| one.get(sub.name).is_some())
        });
        if list.is_empty() {
            document.remove(attribute.name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::{ENTERPRISE, USER, USERS};
    use super::*;

    fn read_user(body: Value) -> Result<ReadDocument, Problem> {
        read(&USERS, body.as_object().unwrap())
    }

    #[test]
    fn names_are_those_of_the_schema() {
        let found = read_user(json!({
            "schemas": [USER, ENTERPRISE], "ID": "1", "meta": {}, "PassWord": "secret",
            "USERNAME": "Ann", "active": "False", "groups": [{ "value": "1" }], "roles": [], "nickName": null,
            "emails": [{ "Value": "a@x.example", "primary": "true", "colour": "red" }, { "value": "b@x.example", "primary": true }],
            "urn:IETF:params:scim:schemas:extension:enterprise:2.0:User": { "employeenumber": 42, "manager": "7", "shoe": 1 },
            "favourite": "blue",
        }))
        .unwrap();
        let expected = json!({
            "userName": "Ann", "active": false,
            "emails": [{ "value": "a@x.example", "primary": false }, { "value": "b@x.example", "primary": true }],
            ENTERPRISE: { "employeeNumber": "42", "manager": { "value": "7" } },
        });
        assert_eq!(Value::Object(found.document), expected);
        assert_eq!(
            found.unknown,
            ["favourite".to_owned(), format!("{ENTERPRISE}:shoe")]
        );
    }

    #[test]
    fn invalid_values_name_their_attribute() {
        for (body, kind, name) in [
            (json!({ "active": "no" }), Kind::InvalidValue, "active"),
            (json!({ "active": 0 }), Kind::InvalidValue, "active"),
            (json!({ "active": null }), Kind::InvalidValue, "active"),
            (json!({ "userName": ["a"] }), Kind::InvalidValue, "userName"),
            (json!({ "name": "Ann" }), Kind::InvalidValue, "name"),
            (
                json!({ "active": true, "Active": false }),
                Kind::InvalidSyntax,
                "active",
            ),
            (
                json!({ "schemas": ["urn:other"] }),
                Kind::InvalidSyntax,
                "schemas",
            ),
            (json!({ ENTERPRISE: 1 }), Kind::InvalidValue, ENTERPRISE),
        ] {
            let problem = read_user(body.clone()).unwrap_err();
            assert_eq!(problem.kind, kind, "{body}");
            assert!(problem.detail.contains(name), "{body}: {}", problem.detail);
        }
    }
}
