//! Addresses that open one download without a header, once and for a short time.

use sea_orm::entity::prelude::*;

use crate::{SessionId, Timestamp, UserId};

/// A row of `download_links`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "download_links")]
pub struct Model {
    /// SHA-256 of the secret in the address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The prefix of the id of what it opens.
    pub subject_type: String,
    /// What it opens.
    pub subject_id: Uuid,
    /// Who made it, and may have it.
    pub user_id: UserId,
    /// The session that it was made in, and ends with.
    pub session_id: SessionId,
    /// Until when it opens anything.
    pub expires_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
