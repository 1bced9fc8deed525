//! What a request says of a group: its names, and changes of its members, which are never read as one document, because
//! a group may have tens of thousands.

use std::collections::BTreeSet;

use entity::UserId;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::domain::directory::document::{self, Document};
use crate::domain::directory::filter::{Filter, Operator, Path, parse_path};
use crate::domain::directory::patch;
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::schema::{GROUP, GROUPS_SCHEMA};
use crate::store::input;

/// Maximum length of the name of a group, in characters.
const NAME: usize = 500;
/// Maximum length of an external id, in characters.
const EXTERNAL_ID: usize = 254;

/// A change of the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberChange {
    /// These are added.
    Add(BTreeSet<UserId>),
    /// These are removed.
    Remove(BTreeSet<UserId>),
    /// These are all.
    Replace(BTreeSet<UserId>),
}

/// Names of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Name.
    pub display_name: String,
    /// ID in the directory.
    pub external_id: Option<String>,
}

/// Reads the body of a POST or PUT: the names, and all members if the body says so.
///
/// # Errors
/// [`Kind::InvalidSyntax`] or [`Kind::InvalidValue`].
pub fn read(body: &Map<String, Value>) -> Result<(Names, Option<MemberChange>, Vec<String>), Problem> {
    let read = document::read(&GROUPS_SCHEMA, body)?;
    let names = names(&read.document)?;
    let says = body.keys().any(|key| key.eq_ignore_ascii_case("members"));
    let members = match read.document.get("members") {
        Some(list) => Some(MemberChange::Replace(ids(list)?)),
        None if says => Some(MemberChange::Replace(BTreeSet::new())),
        None => None,
    };
    Ok((names, members, read.unknown))
}

fn names(document: &Document) -> Result<Names, Problem> {
    let name = document.get("displayName").and_then(Value::as_str);
    let name = name.ok_or_else(|| Problem::value("displayName", "it is missing"))?;
    let name = input::check_line(name, NAME, "displayName").map_err(|_| {
        Problem::value(
            "displayName",
            "it must be a line of at most 500 visible characters",
        )
    })?;
    let external_id = document.get("externalId").and_then(Value::as_str);
    if external_id.is_some_and(|id| id.chars().count() > EXTERNAL_ID) {
        return Err(Problem::value("externalId", "it can have at most 254 characters"));
    }
    Ok(Names {
        display_name: name,
        external_id: external_id.map(str::to_owned),
    })
}

/// Applies a PATCH to the names; returns them with the changes of the members, in order, and unknown names.
///
/// # Errors
/// Those of [`patch::apply`].
pub fn apply(
    id: &str,
    before: &Names,
    body: &Map<String, Value>,
) -> Result<(Names, Vec<MemberChange>, Vec<String>), Problem> {
    let operations = patch::operations(body)?;
    let mut document = Map::from_iter([("displayName".to_owned(), json!(before.display_name))]);
    document.extend(
        before
            .external_id
            .as_ref()
            .map(|id| ("externalId".to_owned(), json!(id))),
    );
    let (mut changes, mut others) = (Vec::new(), Vec::new());
    for operation in operations {
        let mut operation = operation.clone();
        let before = operation.clone();
        changes.extend(take_member_change(&mut operation)?);
        if operation == before || !is_empty(&operation) {
            others.push(operation);
        }
    }
    let mut unknown = Vec::new();
    if !others.is_empty() {
        let rest = Map::from_iter([("Operations".to_owned(), Value::from(others))]);
        unknown = patch::apply(&GROUPS_SCHEMA, id, &mut document, &rest)?;
    }
    Ok((names(&document)?, changes, unknown))
}

/// Returns whether nothing is left of an operation but what it does.
fn is_empty(operation: &Value) -> bool {
    let Value::Object(fields) = operation else {
        return false;
    };
    !fields
        .keys()
        .any(|key| key.eq_ignore_ascii_case("value") || key.eq_ignore_ascii_case("path"))
}

/// Takes the change of members out of an operation; what is left is about other attributes.
fn take_member_change(operation: &mut Value) -> Result<Option<MemberChange>, Problem> {
    let Value::Object(fields) = operation else {
        return Ok(None);
    };
    let key_of = |fields: &Map<String, Value>, name: &str| {
        fields.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
    };
    let op = key_of(fields, "op").and_then(|key| fields[&key].as_str().map(str::to_ascii_lowercase));
    let Some(op) = op else { return Ok(None) };
    let value_key = key_of(fields, "value");
    let path_key =
        key_of(fields, "path").filter(|key| fields[key].as_str().is_some_and(|path| !path.is_empty()));
    if let Some(path_key) = path_key {
        let path = parse_path(fields[&path_key].as_str().unwrap_or_default())?;
        if !is_members(&path) {
            return Ok(None);
        }
        let value = value_key.as_ref().map_or(&Value::Null, |key| &fields[key]);
        let change = member_change(&op, &path, value)?;
        fields.remove(&path_key);
        value_key.map(|key| fields.remove(&key));
        return Ok(change);
    }
    let Some(value_key) = value_key else {
        return Ok(None);
    };
    let Some(Value::Object(values)) = fields.get_mut(&value_key) else {
        return Ok(None);
    };
    let key = values
        .keys()
        .find(|key| parse_path(key).is_ok_and(|path| is_members(&path)))
        .cloned();
    let Some(key) = key else { return Ok(None) };
    let path = parse_path(&key)?;
    let value = values.remove(&key).unwrap_or_default();
    if values.is_empty() {
        fields.remove(&value_key);
    }
    member_change(&op, &path, &value)
}

fn is_members(path: &Path) -> bool {
    let urn = path.attribute.schema.as_ref();
    path.attribute.name.eq_ignore_ascii_case("members")
        && urn.is_none_or(|urn| urn.eq_ignore_ascii_case(GROUP))
}

fn member_change(op: &str, path: &Path, value: &Value) -> Result<Option<MemberChange>, Problem> {
    let invalid = || Problem::new(Kind::InvalidPath, "members can only be selected by value");
    let sub = path.attribute.sub.as_ref().or(path.sub.as_ref());
    if sub.is_some_and(|sub| !sub.eq_ignore_ascii_case("value")) {
        return Err(Problem::new(
            Kind::Mutability,
            "only the value of a member can be given",
        ));
    }
    let selected = match &path.filter {
        Some(filter) => Some(selected(filter).ok_or_else(invalid)?),
        None => None,
    };
    let nothing = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    Ok(match (op, selected) {
        ("remove", Some(these)) => Some(MemberChange::Remove(these)),
        ("remove", None) if value.is_null() => Some(MemberChange::Replace(BTreeSet::new())),
        ("remove", None) => Some(MemberChange::Remove(removed(value))),
        ("add" | "replace", Some(these)) => Some(MemberChange::Add(these)),
        ("add", None) if nothing => None,
        ("add", None) => Some(MemberChange::Add(ids(value)?)),
        ("replace", None) if nothing => Some(MemberChange::Replace(BTreeSet::new())),
        ("replace", None) => Some(MemberChange::Replace(ids(value)?)),
        _ => {
            return Err(Problem::new(
                Kind::InvalidSyntax,
                "op must be add, replace or remove",
            ));
        }
    })
}

/// Returns the members that a filter such as `value eq "…"` names.
fn selected(filter: &Filter) -> Option<BTreeSet<UserId>> {
    match filter {
        Filter::Compare(path, Operator::Eq, Value::String(text))
            if path.name.eq_ignore_ascii_case("value") =>
        {
            // Somebody who can't exist is no member.
            Some(Uuid::parse_str(text).map(UserId).into_iter().collect())
        }
        Filter::Or(parts) => parts
            .iter()
            .map(selected)
            .try_fold(BTreeSet::new(), |mut all, some| {
                all.extend(some?);
                Some(all)
            }),
        _ => None,
    }
}

fn texts(value: &Value) -> impl Iterator<Item = Option<&str>> {
    let list = match value {
        Value::Array(list) => list.as_slice(),
        single => std::slice::from_ref(single),
    };
    list.iter().map(|one| match one {
        Value::Object(fields) => fields
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case("value"))
            .and_then(|(_, value)| value.as_str()),
        other => other.as_str(),
    })
}

fn ids(value: &Value) -> Result<BTreeSet<UserId>, Problem> {
    texts(value)
        .map(|text| {
            let id = text.and_then(|text| Uuid::parse_str(text).ok());
            id.map(UserId).ok_or_else(unknown)
        })
        .collect()
}

/// As [`ids`], for removal: somebody who can't exist is no member.
fn removed(value: &Value) -> BTreeSet<UserId> {
    let id = |text: Option<&str>| Uuid::parse_str(text?).ok().map(UserId);
    texts(value).filter_map(id).collect()
}

/// Returns the problem of a member that is no user.
pub(super) fn unknown() -> Problem {
    Problem::value(
        "members",
        "each member must be the id of a user of this directory",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn set(ids: &[u128]) -> BTreeSet<UserId> {
        ids.iter().copied().map(id).collect()
    }

    fn apply_to(body: &Value) -> Result<(Names, Vec<MemberChange>), Problem> {
        let before = Names {
            display_name: "Staff".to_owned(),
            external_id: None,
        };
        let (names, changes, _) = apply("1", &before, body.as_object().unwrap())?;
        Ok((names, changes))
    }

    #[test]
    fn changes_of_members_in_the_forms_of_clients() {
        use MemberChange::{Add, Remove, Replace};
        let (one, two) = (id(1).0.to_string(), id(2).0.to_string());
        for (operation, expected) in [
            (
                json!({ "op": "Add", "path": "members", "value": [{ "value": one, "$ref": null }] }),
                vec![Add(set(&[1]))],
            ),
            (
                json!({ "op": "add", "path": "Members", "value": [one, two] }),
                vec![Add(set(&[1, 2]))],
            ),
            (
                json!({ "op": "add", "path": "members", "value": { "value": one, "display": "x" } }),
                vec![Add(set(&[1]))],
            ),
            (
                json!({ "op": "add", "value": { "members": [{ "value": two }] } }),
                vec![Add(set(&[2]))],
            ),
            (
                json!({ "op": "Remove", "path": "members", "value": [{ "value": one, "$ref": null }] }),
                vec![Remove(set(&[1]))],
            ),
            (
                json!({ "op": "remove", "path": format!("members[value eq \"{one}\"]") }),
                vec![Remove(set(&[1]))],
            ),
            (
                json!({ "op": "remove", "path": "members[value eq \"nobody\"]" }),
                vec![Remove(set(&[]))],
            ),
            (
                json!({ "op": "remove", "path": "members" }),
                vec![Replace(set(&[]))],
            ),
            (
                json!({ "op": "replace", "path": "members", "value": [] }),
                vec![Replace(set(&[]))],
            ),
            (
                json!({ "op": "replace", "path": format!("{GROUP}:members"), "value": [{ "value": two }] }),
                vec![Replace(set(&[2]))],
            ),
            (
                json!({ "op": "replace", "value": { "displayName": "Staff", "id": "1" } }),
                vec![],
            ),
        ] {
            let (names, changes) = apply_to(&json!({ "Operations": [operation] })).unwrap();
            assert_eq!(changes, expected, "{operation}");
            assert_eq!(names.display_name, "Staff");
        }
    }

    #[test]
    fn names_and_members_change_in_one_operation() {
        let one = id(1).0.to_string();
        let operation =
            json!({ "op": "replace", "value": { "displayName": "Crew", "members": [{ "value": one }] } });
        let (names, changes) = apply_to(&json!({ "Operations": [operation] })).unwrap();
        assert_eq!(names.display_name, "Crew");
        assert_eq!(changes, [MemberChange::Replace(set(&[1]))]);
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (operation, kind) in [
            (
                json!({ "op": "add", "path": "members", "value": [{ "value": "nobody" }] }),
                Kind::InvalidValue,
            ),
            (
                json!({ "op": "add", "path": "members", "value": [{ "display": "x" }] }),
                Kind::InvalidValue,
            ),
            (
                json!({ "op": "remove", "path": "members[display eq \"x\"]" }),
                Kind::InvalidPath,
            ),
            (
                json!({ "op": "replace", "path": "memberz", "value": [] }),
                Kind::InvalidPath,
            ),
            (
                json!({ "op": "move", "path": "members", "value": [] }),
                Kind::InvalidSyntax,
            ),
            (json!({ "op": "remove" }), Kind::NoTarget),
            (json!({ "op": "bogus" }), Kind::InvalidSyntax),
            (json!({}), Kind::InvalidSyntax),
            (
                json!({ "op": "replace", "path": "displayName", "value": "" }),
                Kind::InvalidValue,
            ),
        ] {
            let problem = apply_to(&json!({ "Operations": [operation] })).unwrap_err();
            assert_eq!(problem.kind, kind, "{operation}: {}", problem.detail);
        }
    }
}
