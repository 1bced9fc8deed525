//! Secrets of integrations: what each of them was shown once, and to whom.

use sea_orm::entity::prelude::*;

use crate::{IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// What kind of secret it is.
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
    /// Whose it is.
    pub integration_id: IntegrationId,
    /// What kind of secret it is.
    pub kind: SecretKind,
    /// SHA-256 of the secret, in hexadecimal; the secret itself is stored nowhere.
    pub hash: String,
    /// The last characters of the secret, to tell it from others; empty where they are not known.
    pub hint: String,
    /// The person who was shown it.
    pub shown_to_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Model {
    /// Whether it is accepted at this moment, as long as its integration is.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| at > now)
    }
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
