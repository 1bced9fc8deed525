//! GraphQL types: handovers and their ledger.

use async_graphql::{ID, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{handover, handover_entry};

use crate::domain::handover::kinds;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::types::work::{HandoverOutcome, HandoverState, WorkKind, int};

/// A handover of work: queued, run in the background, and recorded in a ledger.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Handover {
    /// ID of the object.
    pub id: ID,
    /// Current state.
    state: HandoverState,
    /// When it was requested.
    created_at: DateTime<Utc>,
    /// When it ended; null while it is not finished.
    finished_at: Option<DateTime<Utc>>,
    /// Number of items moved to their recipients.
    moved: i32,
    /// Number of items skipped, for a reason given in the ledger.
    skipped: i32,
    /// Number of items that could not be moved.
    failed: i32,
    #[graphql(skip)]
    pub(crate) row: handover::Model,
}

impl From<handover::Model> for Handover {
    fn from(row: handover::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            state: row.state.into(),
            created_at: row.created_at,
            finished_at: row.finished_at,
            moved: int(row.moved),
            skipped: int(row.skipped),
            failed: int(row.failed),
            row,
        }
    }
}

/// Result of a handover for one kind and one recipient.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HandoverLine {
    /// Kind.
    kind: WorkKind,
    /// Number of items moved to the recipient.
    moved: i32,
    /// Number of items skipped, for a reason given in the ledger.
    skipped: i32,
    /// Number of items that could not be moved.
    failed: i32,
    #[graphql(skip)]
    pub(crate) user: entity::UserId,
}

impl From<entity::handover_line::Model> for HandoverLine {
    fn from(row: entity::handover_line::Model) -> Self {
        Self {
            kind: row.kind.into(),
            moved: int(row.moved),
            skipped: int(row.skipped),
            failed: int(row.failed),
            user: row.user_id,
        }
    }
}

/// Ledger entry: the outcome for one item.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct HandoverEntry {
    /// ID of the object.
    pub id: ID,
    /// Kind of work.
    kind: WorkKind,
    /// Outcome.
    outcome: HandoverOutcome,
    /// Reason code, when the outcome needs one: RECIPIENT_NOT_ACTIVE, REFUSED_BY_DATABASE, THEIRS_ALREADY, MOVED_ON,
    /// ALREADY_THERE, STAYS, KEPT_AS_OBSERVER or NO_LONGER_OBSERVER. For a recurring task, which of its parts moved:
    /// CREATOR, RESPONSIBLE or CREATOR_AND_RESPONSIBLE.
    reason: Option<String>,
    /// When it was recorded.
    at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) row: handover_entry::Model,
}

impl From<handover_entry::Model> for HandoverEntry {
    fn from(row: handover_entry::Model) -> Self {
        let suffix = entity::id::encode_suffix;
        let kind = kinds::name(row.kind).to_lowercase();
        Self {
            id: format!(
                "{ENTRY}_{}_{}_{kind}",
                suffix(row.handover_id.0),
                suffix(row.subject_id)
            )
            .into(),
            kind: row.kind.into(),
            outcome: row.outcome.into(),
            reason: row.reason.clone(),
            at: row.at,
            row,
        }
    }
}

columns!(Handover {
    "id": id,
    "state": state,
    "createdAt": created_at,
    "finishedAt": finished_at,
    "moved": moved,
    "skipped": skipped,
    "failed": failed,
});

columns!(HandoverEntry {
    "id": id,
    "kind": kind,
    "outcome": outcome,
    "reason": reason,
    "at": at,
});

words!(HandoverState, HandoverOutcome, WorkKind);

connection!(Handover, HandoverConnection, HandoverEdge, "handovers");

connection!(
    HandoverEntry,
    HandoverEntryConnection,
    HandoverEntryEdge,
    "ledger entries"
);

/// The prefix of an entry's id. A ledger entry has no id of its own: handover, kind and subject identify it.
pub const ENTRY: &str = "entry";
