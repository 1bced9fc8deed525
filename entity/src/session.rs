//! Sessions: one row for each sign-in.

use sea_orm::entity::prelude::*;

use crate::{SessionId, Timestamp, UserId};

/// A row of `sessions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Primary key; the `sid` of the access tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// Whose session it is.
    pub user_id: UserId,
    /// When the person signed in.
    pub started_at: Timestamp,
    /// When an access token was last issued for it.
    pub last_used_at: Timestamp,
    /// After this moment it is over in any case.
    pub expires_at: Timestamp,
    /// The program that signed in, as it named itself.
    pub user_agent: Option<String>,
    /// When it was ended: signed out, dismissed, or a refresh token used twice.
    pub ended_at: Option<Timestamp>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
