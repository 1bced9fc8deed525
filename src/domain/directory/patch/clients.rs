//! Bodies as Okta and Entra send them: what was stored, the message, what is stored then.

use serde_json::json;

use super::super::document::read;
use super::super::schema::{ENTERPRISE, GROUP, GROUPS_SCHEMA, USER, USERS};
use super::*;

/// Message of a client.
pub(super) enum Message {
    /// POST or PUT of a whole resource.
    Whole(Value),
    /// The operations of a PATCH.
    Patch(Value),
}

use Message::{Patch as Ops, Whole};

/// Checks rows of what was stored, the message, and what is stored then.
pub(super) fn replay(schema: &Schema, client: &str, rows: impl IntoIterator<Item = (Value, Message, Value)>) {
    for (row, (before, message, after)) in rows.into_iter().enumerate() {
        let mut document = before.as_object().unwrap().clone();
        match message {
            Whole(body) => document = read(schema, body.as_object().unwrap()).unwrap().document,
            Ops(operations) => {
                let body = json!({ "schemas": [PATCH], "Operations": operations });
                let applied = apply(schema, "g-1", &mut document, body.as_object().unwrap());
                applied.unwrap_or_else(|problem| panic!("{client} {row}: {problem:?}"));
            }
        }
        assert_eq!(Value::Object(document), after, "{client} {row}");
    }
}

fn work(address: &str) -> Value {
    json!([{ "value": address, "type": "work", "primary": true }])
}

#[test]
fn okta_catalogue_applications() {
    let ann = |active: bool| json!({ "userName": "ann@x.example", "active": active });
    replay(
        &USERS,
        "OIN users",
        [
            (
                ann(true),
                Ops(json!([{ "op": "replace", "value": { "active": false } }])),
                ann(false),
            ),
            (
                ann(false),
                Ops(json!([{ "op": "replace", "value": { "active": true } }])),
                ann(true),
            ),
            (
                ann(true),
                Ops(json!([{ "op": "replace", "value": { "active": true, "password": "t1meMa$heen" } }])),
                ann(true),
            ),
        ],
    );
    let team = |members: Value| json!({ "displayName": "Team", "members": members });
    replay(
        &GROUPS_SCHEMA,
        "OIN groups",
        [
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "replace", "value": { "id": "g-1", "displayName": "Crew" } }])),
                json!({ "displayName": "Crew", "members": [{ "value": "1" }] }),
            ),
            (
                team(json!([{ "value": "1" }, { "value": "2" }])),
                Ops(json!([
                    { "op": "remove", "path": "members[value eq \"1\"]" },
                    { "op": "add", "path": "members", "value": [{ "value": "3", "display": "ann@x.example" }] },
                ])),
                team(json!([{ "value": "2" }, { "value": "3" }])),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "replace", "path": "members", "value": [] }])),
                json!({ "displayName": "Team" }),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "replace", "path": "members", "value": [
                { "value": "2", "display": "bob@x.example" }, { "value": "1", "display": "ann@x.example" },
            ] }])),
                team(json!([{ "value": "2" }, { "value": "1" }])),
            ),
        ],
    );
}

#[test]
fn okta_custom_applications() {
    let name = || json!({ "givenName": "Ann", "familyName": "Archer" });
    replay(
        &USERS,
        "AIW users",
        [
            (
                json!({}),
                Whole(json!({
                    "schemas": [USER], "userName": "ann@x.example", "name": { "givenName": "Ann", "familyName": "Archer" },
                    "emails": [{ "primary": true, "value": "ann@x.example", "type": "work" }], "displayName": "Ann Archer",
                    "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "groups": [], "password": "1mz050nq", "active": true,
                })),
                json!({
                    "userName": "ann@x.example", "name": name(), "emails": work("ann@x.example"),
                    "displayName": "Ann Archer", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7", "active": true,
                }),
            ),
            (
                json!({ "userName": "ann@x.example", "title": "Engineer" }),
                Whole(json!({
                    "schemas": [USER], "id": "g-1", "userName": "ann@x.example",
                    "name": { "givenName": "Ann", "middleName": "", "familyName": "Archer" },
                    "emails": [{ "primary": true, "value": "ann@x.example", "type": "work", "display": "ann@x.example" }],
                    "active": false, "groups": [], "meta": { "resourceType": "User" },
                })),
                json!({
                    "userName": "ann@x.example", "name": name(), "active": false,
                    "emails": [{ "primary": true, "value": "ann@x.example", "type": "work", "display": "ann@x.example" }],
                }),
            ),
        ],
    );
    replay(
        &GROUPS_SCHEMA,
        "AIW groups",
        [
            (
                json!({}),
                Whole(json!({ "schemas": [GROUP], "displayName": "Team", "members": [] })),
                json!({ "displayName": "Team" }),
            ),
            (
                json!({ "displayName": "Team", "members": [{ "value": "1" }] }),
                Whole(json!({
                    "schemas": [GROUP], "id": "g-1", "displayName": "Crew",
                    "members": [{ "value": "2", "display": "bob@x.example" }],
                })),
                json!({ "displayName": "Crew", "members": [{ "value": "2" }] }),
            ),
        ],
    );
}

#[test]
fn entra_creates() {
    replay(
        &USERS,
        "Entra POST",
        [(
            json!({}),
            Whole(json!({
                "schemas": [USER, ENTERPRISE], "externalId": "0a21f0f2", "userName": "Ann@x.example", "active": true,
                "emails": [{ "primary": true, "type": "work", "value": "ann@x.example" }],
                "meta": { "resourceType": "User" }, "name": { "formatted": "Ann Archer", "givenName": "Ann" }, "roles": [],
            })),
            json!({
                "externalId": "0a21f0f2", "userName": "Ann@x.example", "active": true, "emails": work("ann@x.example"),
                "name": { "formatted": "Ann Archer", "givenName": "Ann" },
            }),
        )],
    );
    replay(
        &GROUPS_SCHEMA,
        "Entra POST",
        [(
            json!({}),
            Whole(json!({
                "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
                "externalId": "8aa1a0c0", "displayName": "Team", "meta": { "resourceType": "Group" },
            })),
            json!({ "externalId": "8aa1a0c0", "displayName": "Team" }),
        )],
    );
}

#[test]
fn entra_users_without_its_flag() {
    replay(
        &USERS,
        "Entra users",
        [
            (
                json!({ "emails": work("old@x.example"), "name": { "givenName": "Ann", "familyName": "Old" } }),
                Ops(json!([
                    { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "new@x.example" },
                    { "op": "Replace", "path": "name.familyName", "value": "New" },
                ])),
                json!({ "emails": work("new@x.example"), "name": { "givenName": "Ann", "familyName": "New" } }),
            ),
            (
                json!({ "userName": "a" }),
                Ops(json!([{ "op": "Replace", "path": "userName", "value": "B@x.example" }])),
                json!({ "userName": "B@x.example" }),
            ),
            (
                json!({ "active": true }),
                Ops(json!([{ "op": "Replace", "path": "active", "value": "False" }])),
                json!({ "active": false }),
            ),
            (
                json!({ "active": false }),
                Ops(json!([{ "op": "Add", "path": "active", "value": "True" }])),
                json!({ "active": true }),
            ),
            (
                json!({}),
                Ops(json!([
                    { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "a@x.example" },
                    { "op": "Add", "path": "addresses[type eq \"work\"].country", "value": "DE" },
                    { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 1" },
                    { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
                    { "op": "Add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": 42 },
                ])),
                json!({
                    "emails": [{ "type": "work", "value": "a@x.example" }],
                    "addresses": [{ "type": "work", "country": "DE" }],
                    "phoneNumbers": [{ "type": "mobile", "value": "+49 1" }],
                    ENTERPRISE: { "department": "Sales", "employeeNumber": "42" },
                }),
            ),
        ],
    );
}

#[test]
fn entra_takes_away_without_its_flag() {
    replay(
        &USERS,
        "Entra users",
        [
            (
                json!({ "title": "x", "emails": work("a@x.example"), "userName": "a" }),
                Ops(json!([
                    { "op": "Replace", "path": "title", "value": null },
                    { "op": "Remove", "path": "emails[type eq \"work\"].value" },
                ])),
                json!({ "userName": "a" }),
            ),
            (
                json!({ "roles": [{ "value": "old", "primary": true }] }),
                Ops(json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "new" }])),
                json!({ "roles": [{ "value": "new", "primary": true }] }),
            ),
            (
                json!({}),
                Ops(json!([{ "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "new" }])),
                json!({ "roles": [{ "value": "new", "primary": true }] }),
            ),
        ],
    );
}

#[test]
fn entra_managers() {
    let manager = |value: &str| json!({ ENTERPRISE: { "manager": { "value": value } } });
    let set_manager = |op: &str, value: Value| {
        Ops(json!([{ "op": op, "path": format!("{ENTERPRISE}:manager"), "value": value }]))
    };
    replay(
        &USERS,
        "Entra managers",
        [
            (manager("7"), set_manager("Add", json!("8")), manager("8")),
            (
                manager("7"),
                set_manager("Replace", json!({ "value": "8" })),
                manager("8"),
            ),
            (
                manager("7"),
                set_manager("Add", json!([{ "$ref": null, "value": "8" }])),
                manager("8"),
            ),
            (manager("7"), set_manager("Replace", json!("")), json!({})),
            (manager("7"), set_manager("Remove", Value::Null), json!({})),
        ],
    );
}

#[test]
fn entra_groups_without_its_flag() {
    let team = |members: Value| json!({ "displayName": "Team", "members": members });
    replay(
        &GROUPS_SCHEMA,
        "Entra groups",
        [
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "Replace", "path": "displayName", "value": "Crew" }])),
                json!({ "displayName": "Crew", "members": [{ "value": "1" }] }),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "2" }] }])),
                team(json!([{ "value": "1" }, { "value": "2" }])),
            ),
            (
                team(json!([{ "value": "1" }, { "value": "2" }, { "value": "3" }])),
                Ops(
                    json!([{ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": "2" }] }]),
                ),
                team(json!([{ "value": "1" }, { "value": "3" }])),
            ),
        ],
    );
}

#[test]
fn entra_with_its_flag() {
    replay(
        &USERS,
        "Entra users",
        [
            (
                json!({ "active": true, "displayName": "Ann", ENTERPRISE: { "division": "North" } }),
                Ops(json!([{ "op": "replace", "value": {
                "displayName": "Ann A.", "name.givenName": "Ann", "name.familyName": "Archer", "active": false,
                format!("{ENTERPRISE}:employeeNumber"): "42", "emails[type eq \"work\"].value": "a@x.example",
            } }])),
                json!({
                    "displayName": "Ann A.", "name": { "givenName": "Ann", "familyName": "Archer" }, "active": false,
                    "emails": [{ "type": "work", "value": "a@x.example" }],
                    ENTERPRISE: { "division": "North", "employeeNumber": "42" },
                }),
            ),
            (
                json!({ "title": "x" }),
                Ops(json!([
                    { "op": "add", "value": { "phoneNumbers[type eq \"work\"].value": "1" } },
                    { "op": "remove", "path": "title" },
                ])),
                json!({ "phoneNumbers": [{ "type": "work", "value": "1" }] }),
            ),
            (
                json!({ "active": true }),
                Ops(json!([{ "op": "replace", "path": "active", "value": false }])),
                json!({ "active": false }),
            ),
            (
                json!({}),
                Ops(json!([{ "op": "add", "value": { format!("{ENTERPRISE}:manager"): { "value": "7" } } }])),
                json!({ ENTERPRISE: { "manager": { "value": "7" } } }),
            ),
        ],
    );
    replay(
        &GROUPS_SCHEMA,
        "Entra groups",
        [
            (
                json!({ "displayName": "Team", "members": [{ "value": "1" }, { "value": "2" }] }),
                Ops(json!([{ "op": "remove", "path": "members[value eq \"2\"]" }])),
                json!({ "displayName": "Team", "members": [{ "value": "1" }] }),
            ),
            (
                json!({ "displayName": "Team" }),
                Ops(json!([{ "op": "replace", "value": { "displayName": "Crew", "externalId": "8aa1" } }])),
                json!({ "displayName": "Crew", "externalId": "8aa1" }),
            ),
        ],
    );
}
