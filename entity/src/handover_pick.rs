//! The single items that a part was told to move.

use sea_orm::entity::prelude::*;

use crate::HandoverId;

/// A row of `handover_picks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_picks")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// The part's position.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
