//! Items selected individually for a part.

use sea_orm::entity::prelude::*;

use crate::HandoverId;

/// A row of `handover_picks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_picks")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// Position of the part.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// The item.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
