//! Access tokens of integrations, issued for a client secret or a signature.

use sea_orm::entity::prelude::*;

use crate::{AccessTokenId, IntegrationId, IntegrationSecretId, Timestamp};

/// A row of `access_tokens`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "access_tokens")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AccessTokenId,
    /// The integration.
    pub integration_id: IntegrationId,
    /// The secret that it was issued for: it is valid only as long as that one.
    pub secret_id: IntegrationSecretId,
    /// SHA-256 of the token, in hexadecimal; the token itself is never stored.
    pub hash: String,
    /// Names of its permissions, separated by spaces: those of the integration, or fewer.
    pub scopes: String,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
