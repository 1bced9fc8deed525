//! Shares of folders.

use sea_orm::entity::prelude::*;

use crate::{FolderId, Timestamp, UserId};

/// Access to a folder and everything below it; each level includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShareAccess {
    /// Read and download.
    Read,
    /// Add items.
    Add,
    /// Change and move items.
    Edit,
    /// Share with others.
    Full,
}

/// A row of `drive_shares`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drive_shares")]
pub struct Model {
    /// The folder.
    #[sea_orm(primary_key, auto_increment = false)]
    pub folder_id: FolderId,
    /// The person it is shared with.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Access level.
    pub access: ShareAccess,
    /// When it was created.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
