//! Groups of a directory.

use sea_orm::entity::prelude::*;

use crate::{DirectoryGroupId, DirectoryId, Timestamp};

/// A row of `directory_groups`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_groups")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DirectoryGroupId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// Name, as sent.
    pub display_name: String,
    /// What names are compared by.
    pub display_name_key: String,
    /// ID in the directory.
    pub external_id: Option<String>,
    /// Number of changes.
    pub version: i32,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When the directory deleted it.
    pub deleted_at: Option<Timestamp>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
