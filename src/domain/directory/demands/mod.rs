//! The demands that are decided by messages alone.

mod groups;
mod users;

use serde_json::{Map, Value, json};

use super::document::{Document, read};
use super::filter::{Filter, Operator, parse};
use super::mapping::map;
use super::patch::{PATCH, apply};
use super::problem::{Kind, Problem};
use super::schema::{ENTERPRISE, GROUP, GROUPS_SCHEMA, Schema, USER, USERS};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn patched(schema: &Schema, before: Value, operations: Value) -> Result<Value, Problem> {
    let mut document = object(before);
    let body = object(json!({ "schemas": [PATCH], "Operations": operations }));
    apply(schema, "9", &mut document, &body).map(|_| document.into())
}

fn user(before: Value, operations: Value) -> Value {
    patched(&USERS, before, operations).unwrap()
}

fn group(before: Value, operations: Value) -> Value {
    patched(&GROUPS_SCHEMA, before, operations).unwrap()
}

fn posted(schema: &Schema, body: Value) -> Result<Document, Problem> {
    read(schema, &object(body)).map(|read| read.document)
}

fn team(members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    match members.is_empty() {
        true => json!({ "displayName": "Team" }),
        false => json!({ "displayName": "Team", "members": members }),
    }
}
