//! The ledger: what became of each item of each handover.

use sea_orm::entity::prelude::*;

use crate::handover_part::WorkKind;
use crate::{HandoverId, Timestamp, UserId};

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HandoverOutcome {
    /// It is with its recipient.
    Moved,
    /// It was left where it is, for the reason given.
    Skipped,
    /// It could not be moved, for the reason given; it can be retried.
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
    /// The part's position.
    pub part: i32,
    /// The chunk that wrote it.
    pub chunk: i64,
    /// Who held it before.
    pub from_id: Option<UserId>,
    /// Who was to hold it.
    pub to_id: Option<UserId>,
    /// What became of it.
    pub outcome: HandoverOutcome,
    /// Why, where that is not obvious.
    pub reason: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
