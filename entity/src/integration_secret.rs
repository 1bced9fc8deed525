//! Secrets of integrations, and who was shown each or gave the public key.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// Kind of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SecretKind {
    /// A bearer token.
    Token,
    /// A client secret, exchanged for access tokens.
    ClientSecret,
    /// A public key; the integration keeps the private one.
    PublicKey,
}

/// A row of `integration_secrets`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "integration_secrets")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: IntegrationSecretId,
    /// The integration.
    pub integration_id: IntegrationId,
    /// Kind of the secret.
    pub kind: SecretKind,
    /// SHA-256 of the secret, which is never stored itself, or of the public key in DER; in hexadecimal.
    pub hash: String,
    /// Last characters of the secret, or of the hash of the public key, to recognize it; empty if unknown.
    pub hint: String,
    /// The public key: SubjectPublicKeyInfo in base64. Only for [`SecretKind::PublicKey`].
    pub public_key: Option<String>,
    /// The person who was shown it, or who added the public key.
    pub shown_to_id: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The last warning of its expiry: that many days before.
    pub warned_days: Option<i32>,
}

impl Model {
    /// Returns whether it is valid now, provided that its integration is.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
