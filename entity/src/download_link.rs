//! Single-use, short-lived download links that need no header.

use sea_orm::entity::prelude::*;

use crate::{SessionId, Timestamp, UserId};

/// A row of `download_links`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_links")]
pub struct Model {
    /// SHA-256 of the secret in the URL.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// Prefix of the id of the object it opens.
    pub subject_type: String,
    /// The object it opens.
    pub subject_id: Uuid,
    /// Creator, and the only one who may use it.
    pub user_id: UserId,
    /// Session in which it was created, and with which it ends.
    pub session_id: SessionId,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
