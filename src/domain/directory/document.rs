//! What a directory says of a user or a group: a JSON object with the attributes of the schema, under their names as in
//! the schema. Values are kept as sent.

use serde_json::{Map, Value};

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
    check_schemas(schema, body)?;
    let mut read = ReadDocument::default();
    for (name, value) in body {
        if IGNORED.iter().any(|ignored| ignored.eq_ignore_ascii_case(name)) {
            continue;
        }
        if let Some((urn, attributes)) = schema.extension
            && urn.eq_ignore_ascii_case(name)
        {
            let inner = match value {
                Value::Null => continue,
                Value::Object(inner) => inner,
                _ => return Err(Problem::value(urn, "it must be an object")),
            };
            let mut extension = Map::new();
            for (name, value) in inner {
                match schema::find(attributes, name) {
                    Some(attribute) => put(&mut extension, attribute, value)?,
                    None => read.unknown.push(format!("{urn}:{name}")),
                }
            }
            if !extension.is_empty() && read.document.insert(urn.to_owned(), extension.into()).is_some() {
                return Err(twice(urn));
            }
            continue;
        }
        match schema.core(name) {
            Some(attribute) => put(&mut read.document, attribute, value)?,
            None => read.unknown.push(name.clone()),
        }
    }
    Ok(read)
}

fn check_schemas(schema: &Schema, body: &Map<String, Value>) -> Result<(), Problem> {
    let given = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    let Some((_, Value::Array(schemas))) = given else {
        return Ok(());
    };
    let is_core = |urn: &Value| {
        urn.as_str()
            .is_some_and(|urn| urn.eq_ignore_ascii_case(schema.urn))
    };
    match schemas.is_empty() || schemas.iter().any(is_core) {
        true => Ok(()),
        false => Err(Problem::new(
            Kind::InvalidSyntax,
            format!("schemas must contain {}", schema.urn),
        )),
    }
}

fn twice(name: &str) -> Problem {
    Problem::new(Kind::InvalidSyntax, format!("{name} is given twice"))
}

fn put(document: &mut Document, attribute: &'static Attribute, value: &Value) -> Result<(), Problem> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    let Some(value) = checked(attribute, value)? else {
        return Ok(());
    };
    match document.insert(attribute.name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(twice(attribute.name)),
    }
}

/// Returns the value in the form of the attribute; `None` for no value: null, and empty texts, lists and objects.
///
/// # Errors
/// [`Kind::InvalidValue`] for a value of another type.
pub fn checked(attribute: &'static Attribute, value: &Value) -> Result<Option<Value>, Problem> {
    if attribute.name == "active" && value.is_null() {
        return Err(Problem::value("active", "it must be true or false"));
    }
    if attribute.multi {
        // A single value is taken as a list of one.
        let values = match value {
            Value::Array(values) => values.as_slice(),
            Value::Null => &[],
            single => std::slice::from_ref(single),
        };
        let mut list = Vec::with_capacity(values.len());
        for one in values {
            list.extend(checked_single(attribute, one)?);
        }
        keep_one_primary(&mut list);
        return Ok((!list.is_empty()).then(|| list.into()));
    }
    checked_single(attribute, value)
}

/// As [`checked`], for one value of a list.
///
/// # Errors
/// As [`checked`].
pub fn checked_single(attribute: &'static Attribute, value: &Value) -> Result<Option<Value>, Problem> {
    let wrong = |expected: &str| Err(Problem::value(attribute.name, expected));
    Ok(match (attribute.ty, value) {
        (_, Value::Null) => None,
        (Type::String | Type::Reference, Value::String(text)) => (!text.is_empty()).then(|| value.clone()),
        // Numbers of employees and the like.
        (Type::String, Value::Number(number)) => Some(number.to_string().into()),
        (Type::String | Type::Reference, _) => return wrong("it must be a text"),
        (Type::Boolean, Value::Bool(_)) => Some(value.clone()),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => Some(true.into()),
        (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => Some(false.into()),
        (Type::Boolean, _) => return wrong("it must be true or false"),
        (Type::Complex(subs), Value::Object(fields)) => {
            let mut inner = Map::new();
            for (name, value) in fields {
                if let Some(sub) = schema::find(subs, name)
                    && let Some(value) = checked(sub, value)?
                    && inner.insert(sub.name.to_owned(), value).is_some()
                {
                    return Err(twice(&format!("{}.{}", attribute.name, sub.name)));
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

/// Leaves only the last primary value of a list primary.
pub fn keep_one_primary(list: &mut [Value]) {
    let primary = |value: &Value| value["primary"] == Value::Bool(true);
    let last = list.iter().rposition(primary);
    for (place, value) in list.iter_mut().enumerate() {
        if primary(value) && Some(place) != last {
            value["primary"] = false.into();
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
