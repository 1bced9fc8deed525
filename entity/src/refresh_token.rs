//! Refresh tokens: each has at most one successor.

use sea_orm::entity::prelude::*;

use crate::{SessionId, Timestamp};

/// A row of `refresh_tokens`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal; the token itself is never stored.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The session it renews.
    pub session_id: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it was used; reuse ends the session.
    pub used_at: Option<Timestamp>,
    /// Salt for deriving its successor from the token; kept until the successor is used.
    pub successor_salt: Option<String>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
