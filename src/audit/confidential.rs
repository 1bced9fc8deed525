//! What of the audit log is for those alone who may dismiss people: planned dismissals, and reasons.

use entity::audit_entry::Model as Entry;
use serde_json::{Map, Value};

use crate::auth::Actor;
use crate::dismissal::list::sees_confidential;
use crate::journal::Action;

/// Actions whose entries tell what is, or was, planned.
const PLANNED: [Action; 5] = [
    Action::DismissalScheduled,
    Action::DismissalCancelled,
    Action::DismissalFailed,
    Action::DismissalPassed,
    Action::HandoverRefused,
];

/// The actions whose entries the actor does not get.
pub fn hidden_from(actor: &Actor) -> &'static [Action] {
    if sees_confidential(actor) { &[] } else { &PLANNED }
}

/// The entry without what the actor may not read: the reason of a dismissal.
pub fn redact(actor: &Actor, mut entry: Entry) -> Entry {
    if !sees_confidential(actor) && entry.action == Action::UserDismissed.as_str() {
        // Data that is not an object is not shown at all: nobody could say what is in it.
        let mut data: Map<String, Value> = serde_json::from_str(&entry.data).unwrap_or_default();
        data.remove("reason");
        entry.data = Value::Object(data).to_string();
    }
    entry
}
