//! Handovers: one row each; parts, recipients and ledger are in their own tables.

use sea_orm::entity::prelude::*;

use crate::{HandoverId, IntegrationId, Timestamp, UserId};

/// State of a handover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoverState {
    /// Waiting to run.
    Queued,
    /// Running.
    Running,
    /// Every planned item was moved, or skipped for a valid reason.
    Succeeded,
    /// Some items failed, and can be retried.
    Partial,
    /// Every item failed.
    Failed,
    /// Cancelled by an administrator; moved items stay moved.
    Cancelled,
}

impl HandoverState {
    /// Returns whether the state is final.
    pub fn is_finished(self) -> bool {
        !matches!(self, Self::Queued | Self::Running)
    }
}

/// A row of `handovers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handovers")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: HandoverId,
    /// The person whose work is moved; `None` if items were listed regardless of holder.
    pub from_user_id: Option<UserId>,
    /// The person who requested it; `None` for an integration.
    pub requested_by_id: Option<UserId>,
    /// The integration that requested it; `None` for a person.
    pub requested_by_integration_id: Option<IntegrationId>,
    /// State.
    pub state: HandoverState,
    /// When it was requested.
    pub created_at: Timestamp,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
    /// Number of items to move; `None` until the run has counted them.
    pub total: Option<i64>,
    /// Ledger entries with outcome MOVED.
    pub moved: i64,
    /// Ledger entries with outcome SKIPPED.
    pub skipped: i64,
    /// Ledger entries with outcome FAILED.
    pub failed: i64,
    /// Number of committed chunks; each ledger entry names its chunk.
    pub chunks: i64,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
