//! Results of a handover by kind and recipient: counts over its ledger, updated with each chunk.

use sea_orm::entity::prelude::*;

use crate::handover_part::WorkKind;
use crate::{HandoverId, UserId};

/// A row of `handover_lines`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_lines")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// The kind of work.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: WorkKind,
    /// Recipient.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Ledger entries with outcome MOVED.
    pub moved: i64,
    /// Ledger entries with outcome SKIPPED.
    pub skipped: i64,
    /// Ledger entries with outcome FAILED.
    pub failed: i64,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
