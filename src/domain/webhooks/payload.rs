//! The body of a delivery. It is thin: it names what was changed, to be read with `node(id:)`.

use std::collections::BTreeSet;

use chrono::SecondsFormat;
use entity::audit_entry::Model as Entry;
use entity::webhook_delivery::Model as Delivery;
use entity::{
    ChangeId, DepartmentId, DirectoryId, DismissalId, HandoverId, IntegrationId, IntegrationSecretId,
    SessionId, UserId, WebhookId, id,
};
use serde_json::{Value, json};

use super::event::Event;

/// Types of objects in events: the prefix of the id, and the name in the API.
pub const TYPES: [(&str, &str); 9] = [
    (UserId::PREFIX, "User"),
    (DepartmentId::PREFIX, "Department"),
    (DismissalId::PREFIX, "Dismissal"),
    (HandoverId::PREFIX, "Handover"),
    (IntegrationId::PREFIX, "Integration"),
    (IntegrationSecretId::PREFIX, "IntegrationSecret"),
    (DirectoryId::PREFIX, "Directory"),
    (SessionId::PREFIX, "Session"),
    (WebhookId::PREFIX, "Webhook"),
];
/// Maximum number of related objects.
const MAX_RELATED: usize = 100;

/// The id of an event: the same on every attempt, so that a receiver recognizes what it has received before. A test has
/// the id of its own delivery.
pub fn event_id(delivery: &Delivery) -> String {
    match delivery.sequence {
        Some(_) => ChangeId(delivery.entry_id.0).to_string(),
        None => delivery.id.to_string(),
    }
}

/// The body of a delivery.
pub fn body(delivery: &Delivery, entry: &Entry) -> String {
    let subject = subject(entry);
    let name = subject.and_then(|(prefix, _)| type_name(prefix));
    let mut data = json!({
        "id": subject.map(|(prefix, id)| id::with_prefix(prefix, id)),
        "__typename": name,
        "sequence": delivery.sequence,
        "related": related(entry),
    });
    if delivery.sequence.is_none() {
        data["test"] = Value::Bool(true);
    }
    let event = Event::parse(&delivery.event).map_or("", Event::as_str);
    let timestamp = entry.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({ "type": event, "timestamp": timestamp, "data": data }).to_string()
}

/// The changed object.
pub fn subject(entry: &Entry) -> Option<(&str, uuid::Uuid)> {
    Some((entry.subject_type.as_deref()?, entry.subject_id?))
}

/// The ids of other objects that the entry names.
pub fn related(entry: &Entry) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    // Data that is no JSON names nothing.
    collect(&serde_json::from_str(&entry.data).unwrap_or_default(), &mut found);
    if let Some((prefix, id)) = subject(entry) {
        found.remove(&id::with_prefix(prefix, id));
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let names_an_object = id::split(text).is_some_and(|(prefix, _)| type_name(prefix).is_some());
            if names_an_object && found.len() < MAX_RELATED {
                found.insert(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, found)),
        _ => {}
    }
}

fn type_name(prefix: &str) -> Option<&'static str> {
    let found = TYPES.iter().find(|(known, _)| *known == prefix);
    found.map(|(_, name)| *name)
}
