//! Issues access tokens to integrations: the client credentials grant of OAuth 2.0 (RFC 6749, section 4.4).

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{
    AccessTokenId, IntegrationId, IntegrationSecretId, Timestamp, access_token, integration,
    integration_secret,
};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::authenticate::{ALIVE, LAST_USE_RESOLUTION};
use super::public_key::PublicKey;
use super::{ACCESS_PREFIX, assertion, read_scopes, scope, write_scopes};
use crate::domain::auth::secret::{MAX_SECRET_LENGTH, fingerprint, new_secret};
use crate::domain::auth::{Permission, once};
use crate::error::{Error, Failure};
use crate::store::db;
use crate::store::db::{Db, Tx};
use crate::store::expired;

/// Lifetime of an access token.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(60);

/// How a client authenticates.
pub enum Credentials {
    /// By a client secret, in the header or in the body.
    Secret {
        /// The client: the id of an integration.
        client: String,
        /// Its secret.
        secret: SecretString,
    },
    /// By an assertion signed with its private key (RFC 7523).
    Assertion {
        /// The client, if it is named beside the assertion: then both have to name the same.
        client: Option<String>,
        /// The assertion.
        assertion: SecretString,
    },
}

/// A request for an access token.
pub struct TokenRequest {
    /// How the client authenticates.
    pub credentials: Credentials,
    /// The requested scopes, separated by spaces; `None` for all permissions of the integration.
    pub scope: Option<String>,
}

/// An access token, shown once.
pub struct Issued {
    /// The token.
    pub token: SecretString,
    /// Its lifetime: shorter than [`LIFETIME`] if its secret expires before.
    pub expires_in: TimeDelta,
}

/// Why no token was issued.
#[derive(Debug)]
pub enum NotIssued {
    /// The client is unknown, or not authenticated.
    InvalidClient,
    /// A requested scope is unknown, or not held by the integration.
    InvalidScope,
    /// The request could not be processed.
    Failed(Error),
}

impl From<Error> for NotIssued {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated => Self::InvalidClient,
            error => Self::Failed(error),
        }
    }
}

impl Credentials {
    /// Returns the client that they name, without any verification; `None` if that is no id of an integration.
    pub fn client(&self) -> Option<IntegrationId> {
        match self {
            Self::Secret { client, .. } => client.parse().ok(),
            Self::Assertion { client, assertion } => {
                let subject = assertion::named_client(assertion.expose_secret())?;
                let named = client
                    .as_ref()
                    .is_none_or(|client| *client == subject.to_string());
                named.then_some(subject)
            }
        }
    }
}

/// An authenticated client.
struct Client {
    secret: IntegrationSecretId,
    scopes: Vec<Permission>,
    /// The stored form of the assertion, which must not have been used.
    assertion: Option<String>,
}

/// Issues an access token for [`LIFETIME`]. It is valid as long as the secret or the key that it was issued for, and
/// the integration. `audiences` are the names of this server in an assertion: its issuer and the address of this
/// endpoint.
///
/// An unknown client is refused after the same work as a wrong secret or signature. Nothing is written for either.
///
/// # Errors
/// See [`NotIssued`].
pub async fn issue_access_token(
    db: &Db,
    audiences: &[String],
    request: &TokenRequest,
) -> Result<Issued, NotIssued> {
    let client = authenticate(db, audiences, &request.credentials).await?;
    let scopes = scope::granted(request.scope.as_deref(), &client.scopes).ok_or(NotIssued::InvalidScope)?;
    let token = format!("{ACCESS_PREFIX}{}", new_secret()?);
    let (client, scopes, hash) = (&client, write_scopes(&scopes), fingerprint(&token));
    let (scopes, hash) = (&scopes, &hash);
    let written = db
        .write(move |tx: Arc<Tx>| async move {
            let (secret, ends) = lock(&tx, client.secret).await?;
            if let Some(hash) = &client.assertion
                && !once::is_new(&tx, hash, assertion::REMEMBERED).await?
            {
                return Err(Error::Unauthenticated.into());
            }
            expired::delete(&tx, "access_tokens", "id").await?;
            let row = access_token::Model {
                id: AccessTokenId(tx.new_id()),
                integration_id: secret.integration_id,
                secret_id: secret.id,
                hash: hash.clone(),
                scopes: scopes.clone(),
                expires_at: ends,
            };
            access_token::Entity::insert(row.into_active_model())
                .exec_without_returning(&tx.conn)
                .await?;
            Ok(ends - tx.now)
        })
        .await;
    Ok(Issued {
        token: token.into(),
        expires_in: written.map_err(Failure::into_error)?,
    })
}

async fn authenticate(db: &Db, audiences: &[String], credentials: &Credentials) -> Result<Client, Error> {
    // The nil id belongs to nobody.
    let client = credentials.client().unwrap_or(IntegrationId(Uuid::nil()));
    match credentials {
        Credentials::Secret { secret, .. } => by_secret(db, client, secret.expose_secret()).await,
        Credentials::Assertion { assertion, .. } => {
            by_assertion(db, client, assertion.expose_secret(), audiences).await
        }
    }
}

/// # Errors
/// [`Error::Unauthenticated`] if it isn't a valid client secret of this client.
async fn by_secret(db: &Db, client: IntegrationId, secret: &str) -> Result<Client, Error> {
    if secret.len() > MAX_SECRET_LENGTH {
        return Err(Error::Unauthenticated);
    }
    let sql = format!(
        "SELECT s.id, i.scopes FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
         WHERE s.hash = $2 AND i.id = $3 AND s.kind = 'CLIENT_SECRET' AND {ALIVE}"
    );
    let values = [db.clock().now().into(), fingerprint(secret).into(), client.into()];
    let rows = db::query(db.read(), &sql, values).await?;
    let row = rows.first().ok_or(Error::Unauthenticated)?;
    let scopes: String = row.try_get_by_index(1)?;
    Ok(Client {
        secret: row.try_get_by_index(0)?,
        scopes: read_scopes(&scopes),
        assertion: None,
    })
}

/// # Errors
/// [`Error::Unauthenticated`] if no valid key of this client verifies it.
async fn by_assertion(
    db: &Db,
    client: IntegrationId,
    text: &str,
    audiences: &[String],
) -> Result<Client, Error> {
    let sql = format!(
        "SELECT s.id, s.public_key, i.scopes FROM integration_secrets s \
         JOIN integrations i ON i.id = s.integration_id \
         WHERE i.id = $2 AND s.kind = 'PUBLIC_KEY' AND {ALIVE}"
    );
    let now = db.clock().now();
    let rows = db::query(db.read(), &sql, [now.into(), client.into()]).await?;
    let (mut keys, mut scopes) = (Vec::new(), String::new());
    for row in rows {
        let key: Option<String> = row.try_get_by_index(1)?;
        let key = key.and_then(|text| PublicKey::from_stored(&text));
        let key = key.ok_or_else(|| Error::internal("a stored public key can't be read"))?;
        keys.push((row.try_get_by_index(0)?, key));
        scopes = row.try_get_by_index(2)?;
    }
    let accepted = assertion::verify(text, client, &keys, audiences, now).ok_or(Error::Unauthenticated)?;
    Ok(Client {
        secret: accepted.key,
        scopes: read_scopes(&scopes),
        assertion: Some(accepted.hash),
    })
}

/// Locks the secret and the integration as a write of the integration does, so that neither can be revoked meanwhile;
/// returns the secret, and when a token for it expires.
async fn lock(tx: &Tx, id: IntegrationSecretId) -> Result<(integration_secret::Model, Timestamp), Error> {
    let found = integration_secret::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let secret = found.filter(|row| row.is_active(tx.now));
    let secret = secret.ok_or(Error::Unauthenticated)?;
    let found = integration::Entity::find_by_id(secret.integration_id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    if found.is_none_or(|row| row.revoked_at.is_some()) {
        return Err(Error::Unauthenticated);
    }
    if secret
        .last_used_at
        .is_none_or(|at| at + LAST_USE_RESOLUTION <= tx.now)
    {
        integration_secret::Entity::update_many()
            .col_expr(integration_secret::Column::LastUsedAt, Expr::value(tx.now))
            .filter(integration_secret::Column::Id.eq(id))
            .exec(&tx.conn)
            .await?;
    }
    let ends = tx.now + LIFETIME;
    let ends = secret.expires_at.map_or(ends, |at| at.min(ends));
    Ok((secret, ends))
}
