//! Integrations.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, Timestamp, UserId};

/// A row of `integrations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integrations")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationId,
    /// What it is called.
    pub name: String,
    /// Who looks after it.
    pub owner_id: UserId,
    /// The SHA-256 of its token.
    pub token_hash: String,
    /// The names of its permissions, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it last called, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When its token ends.
    pub expires_at: Option<Timestamp>,
    /// When its token was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Model {
    /// Whether its token is good at this moment.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
