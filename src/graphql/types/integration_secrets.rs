//! GraphQL types: integration secrets.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration_secret::{Model as Row, SecretKind};

use crate::domain::integrations::add_secret::{AddSecret, NewSecret};
use crate::error::{Code, Outcome, refuse};
use crate::graphql::kit::user_error::UserError;
use crate::store::input;

/// Kind of secret.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "SecretKind")]
pub enum IntegrationSecretKind {
    /// A bearer token, `hnd_…`.
    Token,
    /// A client secret, `hns_…`, exchanged for access tokens at `/oauth/token`.
    ClientSecret,
    /// A public key, whose private key signs requests for access tokens at `/oauth/token`.
    PublicKey,
}

/// A secret of an integration, shown once to the person who added it, or a public key that they gave. An integration
/// can have up to five active ones, so that they can be rotated without downtime. A secret stops when that person is
/// dismissed or loses a permission that the secret carries.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct IntegrationSecret {
    /// ID of the object.
    pub id: ID,
    /// Kind of secret.
    kind: IntegrationSecretKind,
    /// Last characters of the secret, or of the SHA-256 of the public key in DER, to identify it; empty for secrets
    /// created before this field existed.
    hint: String,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it expires; null when it does not expire.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; null when never.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked; null when it was not.
    revoked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for IntegrationSecret {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            kind: row.kind.into(),
            hint: row.hint.clone(),
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
            row,
        }
    }
}

/// Input of `addIntegrationSecret`.
#[derive(InputObject)]
pub struct AddIntegrationSecretInput {
    /// ID of the integration.
    integration_id: ID,
    /// Kind of secret.
    #[graphql(default_with = "Some(IntegrationSecretKind::Token)")]
    kind: Option<IntegrationSecretKind>,
    /// The public key in PEM (`-----BEGIN PUBLIC KEY-----`): RSA with at least 2048 bits, EC P-256 or Ed25519. Required
    /// for PUBLIC_KEY, and only for it.
    public_key: Option<String>,
    /// When it expires; does not expire when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// Payload of `addIntegrationSecret`.
#[derive(SimpleObject)]
pub struct AddIntegrationSecretPayload {
    /// The secret as it is listed, without its value.
    pub(crate) secret: Option<IntegrationSecret>,
    /// Value of the secret; null for PUBLIC_KEY. Returned only once.
    pub(crate) value: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `revokeIntegrationSecret`.
#[derive(InputObject)]
pub struct RevokeIntegrationSecretInput {
    /// ID of the secret.
    pub(crate) secret_id: ID,
}

impl AddIntegrationSecretInput {
    pub(crate) fn check(self) -> Outcome<AddSecret> {
        let kind = self.kind.map_or(SecretKind::Token, SecretKind::from);
        let kind = match (kind, self.public_key) {
            (SecretKind::PublicKey, Some(pem)) => NewSecret::PublicKey(pem),
            (SecretKind::PublicKey, None) => {
                return refuse(Code::Invalid, "publicKey", "required for a PUBLIC_KEY");
            }
            (_, Some(_)) => return refuse(Code::Invalid, "publicKey", "only a PUBLIC_KEY has one"),
            (SecretKind::Token, None) => NewSecret::Token,
            (SecretKind::ClientSecret, None) => NewSecret::ClientSecret,
        };
        Ok(AddSecret {
            integration: input::id(&self.integration_id, "integrationId")?,
            kind,
            expires_at: self
                .expires_at
                .map(|at| input::check_timestamp(at, "expiresAt"))
                .transpose()?,
        })
    }
}
