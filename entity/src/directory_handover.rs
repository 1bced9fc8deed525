//! Handovers that follow the dismissals by a directory.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, DismissalId, Timestamp};

/// A row of `directory_handovers`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_handovers")]
pub struct Model {
    /// The dismissal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub dismissal_id: DismissalId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// When the work is handed over.
    pub due_at: Timestamp,
    /// Whether it waits for an administrator, because the directory dismissed unusually many people.
    pub held: bool,
    /// Whether an administrator has released it: it is not held again.
    pub released: bool,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
