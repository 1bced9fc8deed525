//! The types of the API: integration secrets.

use crate::domain::integrations::add_secret::AddSecret;
use crate::error::{Code, Outcome, refuse};
use crate::graphql::kit::user_error::UserError;
use crate::store::input;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration_secret::{Model as Row, SecretKind};

/// What kind of secret it is.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "SecretKind")]
pub enum IntegrationSecretKind {
    /// A bearer token, `hnd_…`.
    Token,
    /// A client secret, to be exchanged for access tokens. Not accepted yet.
    ClientSecret,
    /// A public key, whose private key signs requests for access tokens. Not accepted yet.
    PublicKey,
}

/// A secret of an integration, shown once to the person who added it. An integration has up to five live ones, so that
/// they can be rotated without an outage. A secret stops when that person is dismissed, or loses a permission that it
/// carries.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct IntegrationSecret {
    /// The id.
    pub id: ID,
    /// What kind of secret it is.
    kind: IntegrationSecretKind,
    /// Its last characters, to tell it from others; empty for secrets older than this field.
    hint: String,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute; null when it never was.
    last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
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

/// A new secret of an integration.
#[derive(InputObject)]
pub struct AddIntegrationSecretInput {
    /// The integration.
    integration_id: ID,
    /// What kind of secret. Only TOKEN is accepted so far.
    #[graphql(default_with = "Some(IntegrationSecretKind::Token)")]
    kind: Option<IntegrationSecretKind>,
    /// The public key, for PUBLIC_KEY alone.
    public_key: Option<String>,
    /// When it ends; never by itself, when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// The answer to `addIntegrationSecret`.
#[derive(SimpleObject)]
pub struct AddIntegrationSecretPayload {
    /// The secret, as it is listed from now on.
    pub(crate) secret: Option<IntegrationSecret>,
    /// The secret itself: shown this once.
    pub(crate) value: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// The secret to revoke.
#[derive(InputObject)]
pub struct RevokeIntegrationSecretInput {
    /// The secret.
    pub(crate) secret_id: ID,
}

impl AddIntegrationSecretInput {
    pub(crate) fn check(self) -> Outcome<AddSecret> {
        let kind = self.kind.map_or(SecretKind::Token, SecretKind::from);
        if self.public_key.is_some() && kind != SecretKind::PublicKey {
            return refuse(Code::Invalid, "publicKey", "only a PUBLIC_KEY has one");
        }
        Ok(AddSecret {
            integration: input::id(&self.integration_id, "integrationId")?,
            kind,
            expires_at: self
                .expires_at
                .map(|at| input::moment(at, "expiresAt"))
                .transpose()?,
        })
    }
}
