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
    /// Name.
    pub name: String,
    /// Owner.
    pub owner_id: UserId,
    /// Names of its permissions, separated by spaces.
    pub scopes: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was revoked, together with its secrets.
    pub revoked_at: Option<Timestamp>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
