//! Confidential parts of the audit log, visible only to those who may dismiss people: planned dismissals, and reasons.

use entity::UserId;
use entity::audit_entry::{self, Model as Entry};
use sea_orm::{ColumnTrait, Condition};
use serde_json::{Map, Value};

use crate::domain::auth::{Actor, Permission};
use crate::domain::dismissal::list::sees_confidential;
use crate::store::journal::Action;

/// Actions whose entries reveal what is, or was, planned.
const PLANNED: [Action; 5] = [
    Action::DismissalScheduled,
    Action::DismissalCancelled,
    Action::DismissalFailed,
    Action::DismissalPassed,
    Action::HandoverRefused,
];

/// Whether entries of this action reveal what is, or was, planned.
pub fn is_planned(action: Action) -> bool {
    PLANNED.contains(&action)
}

/// Returns a condition for the entries hidden from the actor: planned dismissals, if they may not dismiss people, and
/// always those of the actor.
pub fn hidden_from(actor: &Actor) -> Condition {
    let planned = audit_entry::Column::Action.is_in(PLANNED.map(Action::as_str));
    if actor.may(Permission::DismissUsers) {
        let about_them = audit_entry::Column::SubjectId.eq(actor.user_id.0);
        Condition::all().add(planned).add(about_them)
    } else {
        Condition::all().add(planned)
    }
}

/// Returns the redacted entry, unless it is [hidden](hidden_from) from the actor.
pub fn visible(actor: &Actor, entry: Entry) -> Option<Entry> {
    let planned = PLANNED.iter().any(|action| action.as_str() == entry.action);
    let about_them = entry.subject_id == Some(actor.user_id.0);
    let hidden = planned && (about_them || !actor.may(Permission::DismissUsers));
    (!hidden).then(|| redact(actor, entry))
}

/// Removes the reason of a dismissal, unless the actor may read it.
pub fn redact(actor: &Actor, mut entry: Entry) -> Entry {
    let may_read = entry
        .subject_id
        .is_some_and(|person| sees_confidential(actor, UserId(person)));
    if !may_read && entry.action == Action::UserDismissed.as_str() {
        // Data that is not an object is dropped, because it can't be redacted.
        let mut data: Map<String, Value> = serde_json::from_str(&entry.data).unwrap_or_default();
        data.remove("reason");
        entry.data = Value::Object(data).to_string();
    }
    entry
}
