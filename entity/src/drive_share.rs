//! Whom folders are shared with.

use sea_orm::entity::prelude::*;

use crate::{FolderId, Timestamp, UserId};

/// What somebody may do in a folder and below it: each level includes those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShareAccess {
    /// See and download.
    Read,
    /// Put something in.
    Add,
    /// Move what is there.
    Edit,
    /// Share it with others.
    Full,
}

/// A row of `drive_shares`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drive_shares")]
pub struct Model {
    /// The folder.
    #[sea_orm(primary_key, auto_increment = false)]
    pub folder_id: FolderId,
    /// Whom it is shared with.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// What they may do.
    pub access: ShareAccess,
    /// Since when.
    pub created_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
