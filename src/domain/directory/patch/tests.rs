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

fn refused(operations: &Value, kind: Kind) {
    let problem = patched(&USERS, json!({}), operations.clone()).unwrap_err();
    assert_eq!(problem.kind, kind, "{operations}");
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
    ] {
        refused(&operations, kind);
    }
}

#[test]
fn what_may_not_be_changed_has_its_kind() {
    for (operations, kind) in [
        (json!([{ "op": "remove", "path": "userName" }]), Kind::Mutability),
        (json!([{ "op": "remove", "path": "active" }]), Kind::Mutability),
        (json!([{ "op": "remove", "path": "id" }]), Kind::Mutability),
        (
            json!([{ "op": "replace", "path": "meta.version", "value": "x" }]),
            Kind::Mutability,
        ),
        (
            json!([{ "op": "replace", "path": "userName", "value": "" }]),
            Kind::InvalidValue,
        ),
        (
            json!([{ "op": "replace", "path": ENTERPRISE, "value": "x" }]),
            Kind::InvalidValue,
        ),
        (
            json!([{ "op": "replace", "path": "x509Certificates", "value": [{ "value": "no base64!" }] }]),
            Kind::InvalidValue,
        ),
        (
            json!([{ "op": "replace", "value": { "title": "x", "Title": "y" } }]),
            Kind::InvalidSyntax,
        ),
        (
            json!([{ "op": "replace", "value": { "title": "x", "urn:ietf:params:scim:schemas:core:2.0:User:title": "y" } }]),
            Kind::InvalidSyntax,
        ),
        (
            json!([{ "op": "add", "Op": "remove", "path": "title" }]),
            Kind::InvalidSyntax,
        ),
        (
            json!([{ "op": "add", "path": "emails[colour eq \"x\"].value", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!([{ "op": "add", "path": "emails.value[type eq \"x\"]", "value": "x" }]),
            Kind::InvalidPath,
        ),
        (
            json!(vec![json!({ "op": "remove", "path": "title" }); 1_001]),
            Kind::TooMany,
        ),
    ] {
        refused(&operations, kind);
    }
}

#[test]
fn unknown_names_are_ignored() {
    let unknown = json!([{ "op": "replace", "value": { "shoeSize": 1 } }, { "op": "add", "path": "urn:x:y:z", "value": 1 }]);
    assert_eq!(user(json!({ "title": "x" }), unknown), json!({ "title": "x" }));
}

#[test]
fn foreign_messages_are_refused() {
    let operations = json!([{ "op": "remove", "path": "title" }]);
    for (schemas, valid) in [
        (json!([PATCH]), true),
        (json!(PATCH.to_uppercase()), true),
        (json!([]), true),
        (json!(["urn:other"]), false),
        (json!(7), false),
    ] {
        let body = json!({ "schemas": schemas, "Operations": operations });
        let applied = apply(&USERS, "9", &mut Document::new(), body.as_object().unwrap());
        assert_eq!(applied.is_ok(), valid, "{schemas}");
    }
}

#[test]
fn members_are_not_changed_in_place() {
    let before = || json!({ "members": [{ "value": "1" }, { "value": "2" }] });
    for operation in [
        json!({ "op": "replace", "path": "members.value", "value": "3" }),
        json!({ "op": "remove", "path": "members.value" }),
        json!({ "op": "replace", "path": "members[value eq \"1\"].value", "value": "3" }),
    ] {
        let problem = patched(&GROUPS_SCHEMA, before(), json!([operation])).unwrap_err();
        assert_eq!(problem.kind, Kind::Mutability, "{operation}");
    }
}

#[test]
fn the_value_that_is_made_primary_stays_it() {
    let before =
        json!({ "emails": [{ "value": "a@x.example" }, { "value": "b@x.example", "primary": true }] });
    let operations =
        json!([{ "op": "replace", "path": "emails[value eq \"a@x.example\"].primary", "value": "True" }]);
    let expected = json!({ "emails": [
        { "value": "a@x.example", "primary": true }, { "value": "b@x.example", "primary": false },
    ] });
    assert_eq!(user(before, operations), expected);
}

#[test]
fn selected_values_are_replaced_whole() {
    let before = json!({ "addresses": [{ "type": "work", "country": "DE", "formatted": "Old" }] });
    let address =
        |more: Value| json!([{ "op": "replace", "path": "addresses[type eq \"work\"]", "value": more }]);
    let after = user(before.clone(), address(json!({ "country": "FR" })));
    assert_eq!(
        after,
        json!({ "addresses": [{ "type": "work", "country": "FR" }] })
    );
    assert_eq!(user(before, address(Value::Null)), json!({}));
    let before = json!({ "emails": [{ "type": "work", "value": "a@x.example" }] });
    let primary =
        json!([{ "op": "replace", "path": "emails[type eq \"work\"]", "value": { "primary": true } }]);
    let expected = json!({ "emails": [{ "type": "work", "value": "a@x.example", "primary": true }] });
    assert_eq!(user(before, primary), expected);
}

#[test]
fn problems_and_notes_contain_no_values() {
    let path = "emails[value eq \"secret@x.example\"].colour";
    let operations = json!([{ "op": "replace", "path": path, "value": "x" }]);
    let problem = patched(&USERS, json!({}), operations).unwrap_err();
    assert_eq!(problem.detail, "there is no attribute emails");
    let extension = json!({ "schemas": [ENTERPRISE], "hat": 1 });
    let body = json!({ "Operations": [{ "op": "replace", "value": { path: "x", "shoe": 1, ENTERPRISE: extension } }] });
    let unknown = apply(&USERS, "9", &mut Document::new(), body.as_object().unwrap());
    let mut unknown = unknown.unwrap();
    unknown.sort_unstable();
    assert_eq!(unknown, ["emails", "shoe", &format!("{ENTERPRISE}:hat")]);
}
