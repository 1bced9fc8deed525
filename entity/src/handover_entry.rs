//! The ledger: the outcome for each item of each handover.

use sea_orm::entity::prelude::*;

use crate::handover_part::WorkKind;
use crate::{HandoverId, Timestamp, UserId};

/// Outcome for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoverOutcome {
    /// Moved to the recipient.
    Moved,
    /// Left where it is, for the given reason.
    Skipped,
    /// Could not be moved, for the given reason; can be retried.
    Failed,
}

/// A row of `handover_entries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_entries")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// The kind of work.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: WorkKind,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    /// Position of the part.
    pub part: i32,
    /// The chunk that wrote it.
    pub chunk: i64,
    /// Previous holder.
    pub from_id: Option<UserId>,
    /// Intended recipient.
    pub to_id: Option<UserId>,
    /// Outcome.
    pub outcome: HandoverOutcome,
    /// Reason, where it is not obvious.
    pub reason: Option<String>,
    /// Time of the change.
    pub at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
