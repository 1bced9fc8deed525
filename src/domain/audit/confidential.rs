//! What of the audit log is for those alone who may dismiss people: planned dismissals, and reasons.

use entity::UserId;
use entity::audit_entry::{self, Model as Entry};
use sea_orm::{ColumnTrait, Condition};
use serde_json::{Map, Value};

use crate::domain::auth::{Actor, Permission};
use crate::domain::dismissal::list::sees_confidential;
use crate::store::journal::Action;

/// Actions whose entries tell what is, or was, planned.
const PLANNED: [Action; 5] = [
    Action::DismissalScheduled,
    Action::DismissalCancelled,
    Action::DismissalFailed,
    Action::DismissalPassed,
    Action::HandoverRefused,
];

/// The entries that the actor does not get: what is planned, for those who may not dismiss; what is planned about
/// themselves, for everybody.
pub fn hidden_from(actor: &Actor) -> Condition {
    let planned = audit_entry::Column::Action.is_in(PLANNED.map(Action::as_str));
    if actor.may(Permission::DismissUsers) {
        let about_them = audit_entry::Column::SubjectId.eq(actor.user_id.0);
        Condition::all().add(planned).add(about_them)
    } else {
        Condition::all().add(planned)
    }
}

/// The entry without what the actor may not read: the reason of a dismissal.
pub fn redact(actor: &Actor, mut entry: Entry) -> Entry {
    let told = entry
        .subject_id
        .is_some_and(|person| sees_confidential(actor, UserId(person)));
    if !told && entry.action == Action::UserDismissed.as_str() {
        // Data that is not an object is not shown at all: nobody could say what is in it.
        let mut data: Map<String, Value> = serde_json::from_str(&entry.data).unwrap_or_default();
        data.remove("reason");
        entry.data = Value::Object(data).to_string();
    }
    entry
}
