//! Original places of folders and files that a handover moved, for undo.

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
    /// Original folder.
    pub from_id: Uuid,
    /// Original name.
    pub from_name: String,
    /// Folder it was moved to.
    pub to_id: Uuid,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
