use serde_json::json;

use super::super::schema::{ENTERPRISE, GROUPS_SCHEMA, USERS};
use super::*;

fn patched(schema: &Schema, before: Value, operations: Value) -> Result<Value, Problem> {
    let mut document = before.as_object().unwrap().clone();
    let body = json!({ "Operations": operations });
    apply(schema, "9", &mut document, body.as_object().unwrap()).map(|_| document.into())
}

fn user(before: Value, operations: Value) -> Value {
    patched(&USERS, before, operations).unwrap()
}

fn group(before: Value, operations: Value) -> Value {
    patched(&GROUPS_SCHEMA, before, operations).unwrap()
}

#[test]
fn active_in_every_spelling() {
    for operation in [
        json!({ "op": "replace", "value": { "active": false } }),
        json!({ "op": "Replace", "path": "active", "value": "False" }),
        json!({ "op": "Replace", "path": "Active", "value": false }),
        json!({ "op": "add", "value": { "active": false } }),
        json!({ "op": "Add", "path": "active", "value": "false" }),
        json!({ "OP": "REPLACE", "PATH": "active", "VALUE": "FALSE" }),
        json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": false }),
        json!({ "op": "replace", "value": { "urn:ietf:params:scim:schemas:core:2.0:User:active": "False" } }),
    ] {
        let after = user(json!({ "active": true }), json!([operation]));
        assert_eq!(after, json!({ "active": false }), "{operation}");
    }
}

/// The forms of Entra, with and without its flag.
#[test]
fn paths_and_keys_name_the_same_places() {
    let before = || json!({ "name": { "familyName": "Archer" }, "emails": [{ "type": "home", "value": "h@x.example" }] });
    for operations in [
        json!([
            { "op": "Add", "path": "name.givenName", "value": "Ann" },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "w@x.example" },
            { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
            { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "7" },
        ]),
        json!([{ "op": "add", "value": {
            "name.givenName": "Ann", "emails[type eq \"work\"].value": "w@x.example",
            format!("{ENTERPRISE}:department"): "Sales", ENTERPRISE: { "manager": { "value": "7" } },
        } }]),
    ] {
        let after = user(before(), operations);
        let expected = json!({
            "name": { "familyName": "Archer", "givenName": "Ann" },
            "emails": [{ "type": "home", "value": "h@x.example" }, { "type": "work", "value": "w@x.example" }],
            ENTERPRISE: { "department": "Sales", "manager": { "value": "7" } },
        });
        assert_eq!(after, expected);
    }
    let no_manager = json!([{ "op": "Replace", "path": format!("{ENTERPRISE}:manager"), "value": "" }]);
    let before = json!({ ENTERPRISE: { "manager": { "value": "7" } } });
    assert_eq!(user(before, no_manager), json!({}));
}

#[test]
fn members_are_taken_out_one_by_one() {
    let before = || json!({ "displayName": "Team", "members": [{ "value": "1" }, { "value": "2" }, { "value": "3" }] });
    let left = |operations: Value| {
        let after = group(before(), operations);
        assert_eq!(after["displayName"], "Team");
        let members = after["members"].as_array().cloned().unwrap_or_default();
        members
            .iter()
            .map(|member| member["value"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    for (operations, members) in [
        (
            json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "2" }] }]),
            vec!["1", "3"],
        ),
        (
            json!([{ "op": "remove", "path": "members[value eq \"2\"]" }]),
            vec!["1", "3"],
        ),
        (json!([{ "op": "remove", "path": "members" }]), vec![]),
        (
            json!([{ "op": "replace", "path": "members", "value": [] }]),
            vec![],
        ),
        (
            json!([{ "op": "add", "path": "members", "value": [{ "value": "1" }, { "value": "4" }] }]),
            vec!["1", "2", "3", "4"],
        ),
        (
            json!([{ "op": "add", "path": "Members", "value": "4" }]),
            vec!["1", "2", "3", "4"],
        ),
        (
            json!([{ "op": "replace", "value": { "id": "9", "members": [{ "value": "5" }] } }]),
            vec!["5"],
        ),
    ] {
        assert_eq!(left(operations.clone()), members, "{operations}");
    }
    let renamed = group(
        before(),
        json!([{ "op": "replace", "value": { "displayName": "Crew" } }]),
    );
    assert_eq!(renamed["members"].as_array().unwrap().len(), 3);
}

#[test]
fn one_value_stays_primary() {
    let before = json!({ "emails": [{ "value": "a@x.example", "primary": true }] });
    let add =
        json!([{ "op": "add", "path": "emails", "value": [{ "value": "b@x.example", "primary": true }] }]);
    let expected = json!({ "emails": [
        { "value": "a@x.example", "primary": false }, { "value": "b@x.example", "primary": true },
    ] });
    let once = user(before, add.clone());
    assert_eq!(once, expected);
    assert_eq!(user(once, add), expected);
}

#[test]
fn invalid_operations_have_their_kind() {
    for (operations, kind) in [
        (json!([]), Kind::InvalidSyntax),
        (json!("x"), Kind::InvalidSyntax),
        (json!([{ "op": "move", "path": "title" }]), Kind::InvalidSyntax),
        (json!([{ "op": "add", "value": "x" }]), Kind::InvalidSyntax),
        (json!([{ "op": "remove" }]), Kind::NoTarget),
        (
            json!([{ "op": "replace", "path": "titel", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!([{ "op": "replace", "path": "name.nick", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!([{ "op": "replace", "path": "title[", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!([{ "op": "replace", "path": "title[value eq 1]", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!([{ "op": "replace", "path": "emails[value co \"q\"].type", "value": "x" }]),
            Kind::NoTarget,
        ),
        (
            json!([{ "op": "replace", "path": "id", "value": "x" }]),
            Kind::Mutability,
        ),
        (
            json!([{ "op": "replace", "path": "active", "value": "no" }]),
            Kind::InvalidValue,
        ),
        (
            json!([{ "op": "replace", "path": 1, "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!(vec![json!({ "op": "remove", "path": "title" }); 1_001]),
            Kind::TooMany,
        ),
    ] {
        let problem = patched(&USERS, json!({}), operations.clone()).unwrap_err();
        assert_eq!(problem.kind, kind, "{operations}");
    }
    let unknown = json!([{ "op": "replace", "value": { "shoeSize": 1 } }, { "op": "add", "path": "urn:x:y:z", "value": 1 }]);
    assert_eq!(user(json!({ "title": "x" }), unknown), json!({ "title": "x" }));
}
