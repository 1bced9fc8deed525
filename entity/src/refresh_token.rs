//! Refresh tokens: each has one successor.

use sea_orm::entity::prelude::*;

use crate::{SessionId, Timestamp};

/// A row of `refresh_tokens`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal; the token itself is stored nowhere.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The session that it prolongs.
    pub session_id: SessionId,
    /// When it was handed out.
    pub issued_at: Timestamp,
    /// When it was used; a later use ends the session.
    pub used_at: Option<Timestamp>,
    /// What its successor is derived with, from the token itself: kept until the successor is used.
    pub successor_salt: Option<String>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
