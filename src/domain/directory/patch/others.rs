//! Bodies as the smaller clients send them, in the form of [`clients`](super::clients).

use serde_json::json;

use super::super::schema::{ENTERPRISE, GROUP, GROUPS_SCHEMA, USER, USERS};
use super::clients::Message::{Patch as Ops, Whole};
use super::clients::replay;
use super::*;

fn team(members: Value) -> Value {
    json!({ "displayName": "Team", "members": members })
}

#[test]
fn authentik() {
    replay(
        &GROUPS_SCHEMA,
        "authentik",
        [
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "replace", "path": null, "value": {
                "schemas": [GROUP], "id": "g-1", "externalId": "5b2f", "displayName": "Crew",
                "meta": { "resourceType": "Group", "location": "https://x.example/scim/v2/Groups/g-1" },
            } }])),
                json!({ "displayName": "Crew", "externalId": "5b2f", "members": [{ "value": "1" }] }),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(
                    json!([{ "op": "add", "path": "members", "value": [{ "value": "2" }, { "value": "3" }] }]),
                ),
                team(json!([{ "value": "1" }, { "value": "2" }, { "value": "3" }])),
            ),
            (
                team(json!([{ "value": "1" }, { "value": "2" }])),
                Ops(json!([{ "op": "remove", "path": "members", "value": [{ "value": "2" }] }])),
                team(json!([{ "value": "1" }])),
            ),
        ],
    );
    replay(
        &USERS,
        "authentik",
        [(
            json!({ "title": "x" }),
            Whole(json!({
                "schemas": [USER], "id": "g-1", "externalId": "5b2f", "userName": "ann", "displayName": "Ann Archer",
                "name": { "formatted": "Ann Archer", "givenName": "Ann", "familyName": "Archer" }, "locale": null,
                "active": true, "emails": [{ "value": "a@x.example", "type": "other", "primary": true }],
            })),
            json!({
                "externalId": "5b2f", "userName": "ann", "displayName": "Ann Archer", "active": true,
                "name": { "formatted": "Ann Archer", "givenName": "Ann", "familyName": "Archer" },
                "emails": [{ "value": "a@x.example", "type": "other", "primary": true }],
            }),
        )],
    );
}

#[test]
fn keycloak() {
    replay(
        &USERS,
        "Keycloak",
        [
            (
                json!({ "active": true }),
                Ops(json!([{ "op": "replace", "value": { "active": "false" } }])),
                json!({ "active": false }),
            ),
            (
                json!({}),
                Whole(json!({
                    "schemas": [USER], "userName": "ann", "active": "true", "displayName": "Ann",
                    "emails": [{ "primary": "true", "value": "a@x.example" }], "roles": [{ "value": "user" }],
                })),
                json!({
                    "userName": "ann", "active": true, "displayName": "Ann",
                    "emails": [{ "primary": true, "value": "a@x.example" }], "roles": [{ "value": "user" }],
                }),
            ),
        ],
    );
    replay(
        &GROUPS_SCHEMA,
        "Keycloak",
        [
            (
                team(json!([{ "value": "1" }])),
                Whole(json!({
                    "schemas": [GROUP], "displayName": "Team", "externalId": "kc",
                    "members": [{ "value": "2", "$ref": "https://x.example/scim/v2/Users/2", "type": "User" }],
                })),
                json!({
                    "displayName": "Team", "externalId": "kc",
                    "members": [{ "value": "2", "$ref": "https://x.example/scim/v2/Users/2", "type": "User" }],
                }),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(json!([{ "op": "add", "path": "members", "value": { "value": "2" } }])),
                team(json!([{ "value": "1" }, { "value": "2" }])),
            ),
        ],
    );
}

#[test]
fn jumpcloud() {
    replay(
        &USERS,
        "JumpCloud",
        [(
            json!({ "userName": "ann", "active": true }),
            Whole(json!({
                "schemas": [USER, ENTERPRISE], "userName": "ann", "active": false, "externalId": "5f1b",
                "name": { "givenName": "Ann", "familyName": "Archer", "formatted": "" }, "addresses": [{ "type": "work" }],
                "emails": [{ "value": "a@x.example", "type": "work", "primary": true }], "phoneNumbers": [],
                ENTERPRISE: { "employeeNumber": "", "department": "Sales" },
            })),
            json!({
                "userName": "ann", "active": false, "externalId": "5f1b",
                "name": { "givenName": "Ann", "familyName": "Archer" },
                "emails": [{ "value": "a@x.example", "type": "work", "primary": true }],
                ENTERPRISE: { "department": "Sales" },
            }),
        )],
    );
    let add = || Ops(json!([{ "op": "add", "path": "members", "value": [{ "value": "1" }] }]));
    replay(
        &GROUPS_SCHEMA,
        "JumpCloud",
        [
            (
                team(json!([{ "value": "2" }])),
                add(),
                team(json!([{ "value": "2" }, { "value": "1" }])),
            ),
            (
                team(json!([{ "value": "1" }])),
                add(),
                team(json!([{ "value": "1" }])),
            ),
            (
                team(json!([{ "value": "1" }])),
                Ops(
                    json!([{ "op": "replace", "value": { "displayName": "Team", "members": [{ "value": "3" }] } }]),
                ),
                team(json!([{ "value": "3" }])),
            ),
        ],
    );
}

#[test]
fn sailpoint() {
    replay(
        &USERS,
        "SailPoint",
        [
            (
                json!({ "active": true }),
                Ops(json!([{ "op": "add", "value": { "active": false } }])),
                json!({ "active": false }),
            ),
            (
                json!({ "name": { "givenName": "Ann" }, "title": "x" }),
                Ops(json!([
                    { "op": "replace", "path": "name", "value": { "familyName": "Archer" } },
                    { "op": "add", "value": { "title": "y", ENTERPRISE: { "costCenter": "7" } } },
                ])),
                json!({
                    "name": { "givenName": "Ann", "familyName": "Archer" }, "title": "y",
                    ENTERPRISE: { "costCenter": "7" },
                }),
            ),
            (
                json!({ "entitlements": [{ "value": "a" }, { "value": "b", "display": "B" }] }),
                Ops(json!([{ "op": "remove", "path": "entitlements", "value": [{ "value": "b" }] }])),
                json!({ "entitlements": [{ "value": "a" }] }),
            ),
        ],
    );
    replay(
        &GROUPS_SCHEMA,
        "SailPoint",
        [(
            team(json!([{ "value": "1" }, { "value": "2" }])),
            Ops(json!([{ "op": "remove", "path": "members[value eq \"1\" or value eq \"2\"]" }])),
            json!({ "displayName": "Team" }),
        )],
    );
}

#[test]
fn onelogin() {
    replay(
        &USERS,
        "OneLogin",
        [
            (
                json!({ "active": true }),
                Ops(json!([{ "op": "replace", "path": "active", "value": false }])),
                json!({ "active": false }),
            ),
            (
                json!({ "userName": "ann", "name": { "givenName": "Ann" } }),
                Ops(json!([
                    { "op": "replace", "path": "name.givenName", "value": "Anna" },
                    { "op": "replace", "path": "emails", "value": [{ "value": "a@x.example", "primary": true }] },
                ])),
                json!({
                    "userName": "ann", "name": { "givenName": "Anna" },
                    "emails": [{ "value": "a@x.example", "primary": true }],
                }),
            ),
            (
                json!({}),
                Whole(json!({
                    "schemas": [USER, ENTERPRISE], "userName": "ann", "title": "Engineer", "roles": ["admin", "user"],
                    "emails": "a@x.example", ENTERPRISE: { "manager": "7" },
                })),
                json!({
                    "userName": "ann", "title": "Engineer", "roles": [{ "value": "admin" }, { "value": "user" }],
                    "emails": [{ "value": "a@x.example" }], ENTERPRISE: { "manager": { "value": "7" } },
                }),
            ),
        ],
    );
}

#[test]
fn rippling() {
    replay(
        &USERS,
        "Rippling",
        [
            (
                json!({ "userName": "ann", "active": true }),
                Ops(json!([{ "op": "Replace", "value": { "active": false } }])),
                json!({ "userName": "ann", "active": false }),
            ),
            (
                json!({ "userName": "ann", "title": "x" }),
                Ops(json!([{ "op": "replace", "value": {
                "id": "g-1", "schemas": [USER], "userName": "ann", "title": "y", "favouriteColour": "blue",
            } }])),
                json!({ "userName": "ann", "title": "y" }),
            ),
        ],
    );
    replay(
        &GROUPS_SCHEMA,
        "Rippling",
        [(
            team(json!([{ "value": "1" }])),
            Ops(json!([{ "op": "add", "value": { "members": [{ "value": "2", "display": "Bob" }] } }])),
            team(json!([{ "value": "1" }, { "value": "2" }])),
        )],
    );
}
