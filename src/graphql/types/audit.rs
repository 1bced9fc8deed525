//! GraphQL types: audit log.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::audit_entry;

use crate::domain::audit::list;
use crate::error::Error;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::{argument_id, read_id};
use crate::store::input;

/// Audit log entry: who changed what, and when. Entries are append-only.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct AuditEntry {
    /// ID of the object.
    pub id: ID,
    /// When the change was made.
    at: DateTime<Utc>,
    /// Action, for example `user.dismissed`, `user.hired` or `handover.queued`.
    action: String,
    /// Who made the change: an e-mail address, or the name of a command.
    actor: String,
    /// Details of the change, as a JSON object.
    data: String,
    #[graphql(skip)]
    pub(crate) row: audit_entry::Model,
}

impl From<audit_entry::Model> for AuditEntry {
    fn from(row: audit_entry::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            at: row.at,
            action: row.action.clone(),
            actor: row.actor.clone(),
            data: row.data.clone(),
            row,
        }
    }
}

columns!(AuditEntry {
    "id": id,
    "at": at,
    "action": action,
    "actor": actor,
    "data": data,
});

connection!(AuditEntry, AuditEntryConnection, AuditEntryEdge, "audit entries");

/// A changed field of an object, with its values as text.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// Name of the field.
    pub(crate) field: String,
    /// Value before the change; null for none.
    pub(crate) before: Option<String>,
    /// Value after the change; null for none.
    pub(crate) after: Option<String>,
}

/// An action of the audit log.
#[derive(SimpleObject)]
pub struct AuditAction {
    /// Name, for `AuditFilter.action`.
    pub(crate) name: String,
    /// What has happened, as a sentence.
    pub(crate) description: String,
}

/// Filter for entries. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Entries about this object.
    subject_id: Option<ID>,
    /// Entries of changes made by this person or integration.
    actor_id: Option<ID>,
    /// Entries with one of these actions.
    action: Option<Vec<String>>,
    /// Entries at or after this time.
    since: Option<DateTime<Utc>>,
    /// Entries before this time.
    until: Option<DateTime<Utc>>,
}

impl AuditFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<list::AuditFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(list::AuditFilter {
            subject: self
                .subject_id
                .map(|id| read_id(&id, &path("subjectId")).map(|(_, id)| id))
                .transpose()?,
            actor: self
                .actor_id
                .map(|id| author(&id, &path("actorId")))
                .transpose()?,
            action: input::argument_texts(self.action, &path("action"))?,
            since: self.since.map(input::clamp_timestamp),
            until: self.until.map(input::clamp_timestamp),
        })
    }
}

fn author(id: &ID, at: &str) -> Result<list::Author, Error> {
    match id.parse() {
        Ok(integration) => Ok(list::Author::Integration(integration)),
        Err(_) => argument_id(id, at).map(list::Author::Person),
    }
}
