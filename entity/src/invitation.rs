//! Invitations: links for setting the first password.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// A row of `invitations`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    /// SHA-256 of the token, in hexadecimal; the token itself is never stored.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The invited person.
    pub user_id: UserId,
    /// When the invitation was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The person who sent it.
    pub sent_by_id: Option<UserId>,
    /// The integration that sent it.
    pub sent_by_integration_id: Option<IntegrationId>,
    /// The secret that the integration used for it.
    pub sent_by_secret_id: Option<IntegrationSecretId>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
