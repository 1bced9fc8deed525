//! GraphQL types: audit log.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::audit_entry;

use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;

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
    pub(crate) subject_id: Option<ID>,
    /// Entries of changes made by this person or integration.
    pub(crate) actor_id: Option<ID>,
    /// Entries with one of these actions.
    pub(crate) action: Option<Vec<String>>,
    /// Entries at or after this time.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Entries before this time.
    pub(crate) until: Option<DateTime<Utc>>,
}
