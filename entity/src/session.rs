//! Sessions: one row for each sign-in.

use sea_orm::entity::prelude::*;

use crate::{IdentityProviderId, SessionId, Timestamp, UserId};

/// A row of `sessions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    /// Primary key; the `sid` of the access tokens.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SessionId,
    /// The person.
    pub user_id: UserId,
    /// When the person signed in.
    pub started_at: Timestamp,
    /// When an access token was last issued for it.
    pub last_used_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// User agent of the sign-in, as declared by the client.
    pub user_agent: Option<String>,
    /// When it was ended: sign-out, dismissal, or reuse of a refresh token.
    pub ended_at: Option<Timestamp>,
    /// The identity provider that the person signed in with; `None` for a password or a link.
    pub provider_id: Option<IdentityProviderId>,
    /// The person's `sub` there.
    pub provider_subject: Option<String>,
    /// The `sid` of their session there, if it has told.
    pub provider_session: Option<String>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
