//! The result of a handover by kind and recipient: sums over its ledger, kept up to date chunk by chunk.

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
    /// Who gets it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Ledger entries that say MOVED.
    pub moved: i64,
    /// Ledger entries that say SKIPPED.
    pub skipped: i64,
    /// Ledger entries that say FAILED.
    pub failed: i64,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
