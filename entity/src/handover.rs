//! Handovers: one row for each move of work; its parts, recipients and ledger stand in tables of their own.

use sea_orm::entity::prelude::*;

use crate::{HandoverId, IntegrationId, Timestamp, UserId};

/// How far a handover has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoverState {
    /// Waits to be run.
    Queued,
    /// Being run.
    Running,
    /// Everything that was planned has moved or was skipped for a good reason.
    Succeeded,
    /// Some items failed; they can be retried.
    Partial,
    /// Every item failed.
    Failed,
    /// Stopped by an administrator; what had moved stays moved.
    Cancelled,
}

impl HandoverState {
    /// Whether nothing more will happen to it by itself.
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
    /// Whose work it is; `None` where the items were listed, whoever holds them.
    pub from_user_id: Option<UserId>,
    /// The person who asked for it; `None` when an integration did.
    pub requested_by_id: Option<UserId>,
    /// The integration that asked for it; `None` when a person did.
    pub requested_by_integration_id: Option<IntegrationId>,
    /// How far it has come.
    pub state: HandoverState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How many items were found to move; `None` until the run has counted them.
    pub total: Option<i64>,
    /// Ledger entries that say MOVED.
    pub moved: i64,
    /// Ledger entries that say SKIPPED.
    pub skipped: i64,
    /// Ledger entries that say FAILED.
    pub failed: i64,
    /// How many chunks have been committed; each ledger entry names the one that wrote it.
    pub chunks: i64,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
