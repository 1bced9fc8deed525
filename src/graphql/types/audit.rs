//! The types of the API: audit.

use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::audit_entry;

/// One change: who did what to whom, and when. Entries are only ever added.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct AuditEntry {
    /// The id.
    pub id: ID,
    /// When.
    at: DateTime<Utc>,
    /// What: `user.dismissed`, `user.hired`, `handover.queued`, …
    action: String,
    /// Who: an e-mail address, or the name of a command.
    actor: String,
    /// What changed, as a JSON object.
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

/// Which entries. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Those about this node.
    pub(crate) subject_id: Option<ID>,
    /// Those of changes by this person or integration.
    pub(crate) actor_id: Option<ID>,
    /// Those with one of these actions.
    pub(crate) action: Option<Vec<String>>,
    /// Those at this moment or later.
    pub(crate) since: Option<DateTime<Utc>>,
    /// Those before this moment.
    pub(crate) until: Option<DateTime<Utc>>,
}
