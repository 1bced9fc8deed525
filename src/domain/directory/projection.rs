//! Which attributes a response contains: `attributes` and `excludedAttributes` (RFC 7644, section 3.9).

use serde_json::{Map, Value};

use super::problem::{Kind, Problem};
use super::schema::{self, Schema};

/// Names that every response contains.
const ALWAYS: [&str; 2] = ["schemas", "id"];

/// Which attributes of a resource are returned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    rule: Rule,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Rule {
    #[default]
    All,
    Only(Vec<Name>),
    Without(Vec<Name>),
}

/// What a client names: an attribute, one of its sub-attributes, or a whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    /// URN of the extension that it is in.
    extension: Option<&'static str>,
    /// Attribute; none for the whole extension.
    attribute: Option<String>,
    sub: Option<String>,
}

impl Projection {
    /// Reads the two parameters of an address: names with commas between them. Empty ones count as not given; names that the
    /// schema doesn't know are ignored.
    ///
    /// # Errors
    /// [`Kind::InvalidValue`] if both are given.
    pub fn read(schema: &Schema, attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, Problem> {
        let split = |names: &str| names.split(',').map(str::to_owned).collect::<Vec<_>>();
        let names = |given: Option<&str>| given.map(split).unwrap_or_default();
        Self::new(schema, &names(attributes), &names(excluded))
    }

    /// As [`Projection::read`], with the lists of a search request (RFC 7644, section 3.4.3).
    ///
    /// # Errors
    /// As [`Projection::read`].
    pub fn new(schema: &Schema, attributes: &[String], excluded: &[String]) -> Result<Self, Problem> {
        let given = |names: &[String]| names.iter().any(|name| !name.trim().is_empty());
        let read = |names: &[String]| names.iter().filter_map(|name| Name::read(schema, name)).collect();
        let rule = match (given(attributes), given(excluded)) {
            (false, false) => Rule::All,
            (true, false) => Rule::Only(read(attributes)),
            (false, true) => Rule::Without(read(excluded)),
            (true, true) => {
                return Err(Problem::new(
                    Kind::InvalidValue,
                    "attributes and excludedAttributes exclude each other",
                ));
            }
        };
        Ok(Self { rule })
    }

    /// Returns whether a response contains anything of this attribute of the core schema, so that it has to be read.
    pub fn contains(&self, attribute: &str) -> bool {
        let is_it = |name: &&Name| name.is(None, attribute);
        match &self.rule {
            Rule::All => true,
            _ if is_always(attribute) => true,
            Rule::Only(names) => names.iter().any(|name| is_it(&name)),
            Rule::Without(names) => !names.iter().filter(is_it).any(|name| name.sub.is_none()),
        }
    }

    /// Removes from a resource what is not returned. `id` and `schemas` always are.
    pub fn apply(&self, schema: &Schema, resource: &mut Map<String, Value>) {
        let (names, only) = match &self.rule {
            Rule::All => return,
            Rule::Only(names) => (names, true),
            Rule::Without(names) => (names, false),
        };
        let extension = schema.extension.map(|(urn, _)| urn);
        resource.retain(|key, value| {
            if is_always(key) {
                return true;
            }
            if let (Some(urn), Value::Object(inner)) = (extension, &mut *value)
                && key.eq_ignore_ascii_case(urn)
            {
                let whole = |name: &Name| name.extension == Some(urn) && name.attribute.is_none();
                if names.iter().any(whole) {
                    return only;
                }
                inner.retain(|key, value| keeps(names, only, Some(urn), key, value));
                return !inner.is_empty();
            }
            keeps(names, only, None, key, value)
        });
    }
}

fn is_always(name: &str) -> bool {
    ALWAYS.iter().any(|always| always.eq_ignore_ascii_case(name))
}

/// Returns whether anything of a value is returned, and removes what isn't.
fn keeps(names: &[Name], only: bool, extension: Option<&str>, key: &str, value: &mut Value) -> bool {
    let mut subs = Vec::new();
    for name in names.iter().filter(|name| name.is(extension, key)) {
        match &name.sub {
            None => return only,
            Some(sub) => subs.push(sub.as_str()),
        }
    }
    if subs.is_empty() {
        return !only;
    }
    let keeps_sub = |key: &str| subs.iter().any(|sub| sub.eq_ignore_ascii_case(key)) == only;
    let reduce = |value: &mut Value| match value {
        Value::Object(object) => {
            object.retain(|key, _| keeps_sub(key));
            !object.is_empty()
        }
        _ => !only,
    };
    match value {
        Value::Array(list) => {
            list.retain_mut(reduce);
            !list.is_empty()
        }
        single => reduce(single),
    }
}

impl Name {
    fn read(schema: &Schema, text: &str) -> Option<Self> {
        let text = text.trim();
        let after = |urn: &str| {
            let start = text.get(..urn.len())?;
            start.eq_ignore_ascii_case(urn).then(|| &text[urn.len()..])
        };
        let (extension, rest) = match schema.extension {
            Some((urn, _)) if after(urn) == Some("") => {
                return Some(Self {
                    extension: Some(urn),
                    attribute: None,
                    sub: None,
                });
            }
            Some((urn, _)) if after(urn).is_some_and(|rest| rest.starts_with(':')) => {
                (Some(urn), &text[urn.len() + 1..])
            }
            _ => match after(schema.urn).and_then(|rest| rest.strip_prefix(':')) {
                Some(rest) => (None, rest),
                None => (None, text),
            },
        };
        let (attribute, sub) = match rest.split_once('.') {
            Some((attribute, sub)) => (attribute, Some(sub.to_owned())),
            None => (rest, None),
        };
        if attribute.is_empty() || attribute.contains(':') {
            return None;
        }
        // The URN of the extension may be left out.
        let extended = || {
            let (urn, attributes) = schema.extension?;
            schema::find(attributes, attribute).map(|_| urn)
        };
        let extension = match extension {
            None if schema.core(attribute).is_none() => extended(),
            given => given,
        };
        Some(Self {
            extension,
            attribute: Some(attribute.to_owned()),
            sub,
        })
    }

    fn is(&self, extension: Option<&str>, attribute: &str) -> bool {
        let own = self.attribute.as_deref();
        self.extension == extension && own.is_some_and(|own| own.eq_ignore_ascii_case(attribute))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::schema::{ENTERPRISE, GROUPS_SCHEMA, USER, USERS};
    use super::*;

    fn user() -> Value {
        json!({
            "schemas": [USER, ENTERPRISE], "id": "1", "userName": "ann",
            "name": { "givenName": "Ann", "familyName": "Archer" },
            "emails": [{ "value": "a@x.example", "type": "work" }, { "type": "home" }],
            "meta": { "resourceType": "User", "version": "W/\"1\"" },
            ENTERPRISE: { "department": "Sales", "manager": { "value": "2", "displayName": "Bob" } },
        })
    }

    fn projected(attributes: Option<&str>, excluded: Option<&str>) -> Value {
        let mut resource = user().as_object().unwrap().clone();
        let projection = Projection::read(&USERS, attributes, excluded).unwrap();
        projection.apply(&USERS, &mut resource);
        resource.into()
    }

    fn with(more: Value) -> Value {
        let mut resource = json!({ "schemas": [USER, ENTERPRISE], "id": "1" });
        resource
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        resource
    }

    #[test]
    fn attributes_are_all_that_is_returned() {
        let department = || json!({ ENTERPRISE: { "department": "Sales" } });
        for (attributes, expected) in [
            ("userName", json!({ "userName": "ann" })),
            ("USERNAME, shoeSize", json!({ "userName": "ann" })),
            ("shoeSize", json!({})),
            ("id", json!({})),
            ("name.givenName", json!({ "name": { "givenName": "Ann" } })),
            (
                "name.givenname,name",
                json!({ "name": { "givenName": "Ann", "familyName": "Archer" } }),
            ),
            ("emails.value", json!({ "emails": [{ "value": "a@x.example" }] })),
            ("emails.display", json!({})),
            ("userName.x", json!({})),
            ("meta.version", json!({ "meta": { "version": "W/\"1\"" } })),
            (&format!("{USER}:userName"), json!({ "userName": "ann" })),
            (&format!("{ENTERPRISE}:department"), department()),
            (
                &ENTERPRISE.to_uppercase(),
                json!({ ENTERPRISE: user()[ENTERPRISE] }),
            ),
            ("department", department()),
            (
                &format!("{ENTERPRISE}:manager.displayName"),
                json!({ ENTERPRISE: { "manager": { "displayName": "Bob" } } }),
            ),
            ("urn:other:User:userName", json!({})),
        ] {
            assert_eq!(projected(Some(attributes), None), with(expected), "{attributes}");
        }
    }

    #[test]
    fn excluded_attributes_are_not_returned() {
        assert_eq!(projected(None, None), user());
        assert_eq!(projected(Some(" "), Some("")), user());
        assert_eq!(projected(None, Some("shoeSize,id,Schemas")), user());
        let removed = projected(None, Some("emails,name.givenName,meta,urn:other:x"));
        let expected = with(json!({
            "userName": "ann", "name": { "familyName": "Archer" }, ENTERPRISE: user()[ENTERPRISE],
        }));
        assert_eq!(removed, expected);
        assert!(projected(None, Some(ENTERPRISE)).get(ENTERPRISE).is_none());
        let both = format!("{ENTERPRISE}:department,{ENTERPRISE}:manager");
        assert!(projected(None, Some(&both)).get(ENTERPRISE).is_none());
        let typeless = projected(None, Some("emails.type"));
        assert_eq!(typeless["emails"], json!([{ "value": "a@x.example" }]));
        let flat = projected(None, Some("userName.x"));
        assert_eq!(flat["userName"], "ann");
    }

    #[test]
    fn both_at_once_are_refused() {
        let problem = Projection::read(&USERS, Some("a"), Some("b")).unwrap_err();
        assert_eq!(problem.kind, Kind::InvalidValue);
    }

    #[test]
    fn members_are_read_only_if_they_are_returned() {
        let contains = |attributes, excluded| {
            let read = Projection::read(&GROUPS_SCHEMA, attributes, excluded).unwrap();
            read.contains("members")
        };
        assert!(contains(None, None));
        assert!(!contains(None, Some("Members")));
        assert!(!contains(Some("displayName"), None));
        assert!(contains(Some("members.value"), None));
        assert!(contains(None, Some("members.type")));
        assert!(
            Projection::read(&USERS, Some("userName"), None)
                .unwrap()
                .contains("id")
        );
    }
}
