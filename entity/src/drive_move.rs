//! Where a handover has taken folders and files from, so that they can go back.

use sea_orm::entity::prelude::*;

use crate::HandoverId;

/// A row of `drive_moves`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drive_moves")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// The folder or file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub item_id: Uuid,
    /// The folder that it lay in.
    pub from_id: Uuid,
    /// What it was called there.
    pub from_name: String,
    /// The folder that it was put into.
    pub to_id: Uuid,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
