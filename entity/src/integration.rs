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
    /// The names of its permissions, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was revoked, with all its secrets.
    pub revoked_at: Option<Timestamp>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
