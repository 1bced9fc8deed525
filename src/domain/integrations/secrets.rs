//! Secrets of integrations: queries, and creating one.

use std::collections::HashMap;

use entity::integration;
use entity::integration_secret::{self, Model as Secret, SecretKind};
use entity::{IntegrationId, IntegrationSecretId, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::public_key::PublicKey;
use super::{CLIENT_SECRET_PREFIX, PREFIX};
use crate::domain::auth::secret::{fingerprint, new_secret};
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// Maximum number of integrations in a list.
const MAX_INTEGRATIONS: u64 = 1_000;

/// Number of last characters of a secret, or of the hash of a public key, that are kept to recognize it.
const HINT: usize = 4;

/// Whose a new secret is.
#[derive(Debug, Clone, Copy)]
pub struct Ownership {
    /// The integration.
    pub integration: IntegrationId,
    /// The person who is shown it, or who gave the public key.
    pub shown_to: UserId,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// Adds a token to an integration; returns its row, and the token itself, which is never stored.
///
/// # Errors
/// When the database fails.
pub async fn add_token(tx: &Tx, of: Ownership) -> Outcome<(Secret, String)> {
    add_shown(tx, of, SecretKind::Token, PREFIX).await
}

/// Adds a client secret to an integration; returns its row, and the secret itself, which is never stored.
///
/// # Errors
/// When the database fails.
pub async fn add_client_secret(tx: &Tx, of: Ownership) -> Outcome<(Secret, String)> {
    add_shown(tx, of, SecretKind::ClientSecret, CLIENT_SECRET_PREFIX).await
}

/// Adds a public key to an integration. A key is added once: the private part of one that was revoked may be known to
/// somebody who has left.
///
/// # Errors
/// [`Code::Invalid`] if it was added before, to any integration.
pub async fn add_public_key(tx: &Tx, of: Ownership, key: &PublicKey) -> Outcome<Secret> {
    let hash = key.fingerprint();
    let row = Secret {
        public_key: Some(key.stored()),
        ..row(tx, of, SecretKind::PublicKey, hint(&hash), hash)
    };
    let added = integration_secret::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(&tx.conn)
        .await;
    match added {
        Ok(_) => Ok(row),
        Err(cause) if db::is_duplicate(&cause) => {
            let message = "this key was added before: generate a new one";
            refuse(Code::Invalid, "publicKey", message)
        }
        Err(cause) => Err(cause.into()),
    }
}

async fn add_shown(tx: &Tx, of: Ownership, kind: SecretKind, prefix: &str) -> Outcome<(Secret, String)> {
    let value = format!("{prefix}{}", new_secret()?);
    let row = row(tx, of, kind, hint(&value), fingerprint(&value));
    integration_secret::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok((row, value))
}

fn hint(text: &str) -> String {
    text.chars().skip(text.len().saturating_sub(HINT)).collect()
}

fn row(tx: &Tx, of: Ownership, kind: SecretKind, hint: String, hash: String) -> Secret {
    Secret {
        id: IntegrationSecretId(tx.new_id()),
        integration_id: of.integration,
        kind,
        hash,
        hint,
        public_key: None,
        shown_to_id: of.shown_to,
        created_at: tx.now,
        expires_at: of.expires_at,
        last_used_at: None,
        revoked_at: None,
        warned_days: None,
    }
}

/// Returns all secrets of each integration, newest first.
///
/// # Errors
/// When the database fails.
pub async fn of_integrations(
    db: &Db,
    ids: &[IntegrationId],
) -> Result<HashMap<IntegrationId, Vec<Secret>>, Error> {
    let rows = integration_secret::Entity::find()
        .filter(integration_secret::Column::IntegrationId.is_in(ids.iter().copied()))
        .order_by_desc(integration_secret::Column::Id)
        .all(db.read())
        .await?;
    let mut found: HashMap<IntegrationId, Vec<Secret>> = HashMap::new();
    for row in rows {
        found.entry(row.integration_id).or_default().push(row);
    }
    Ok(found)
}

/// Returns integrations by id.
///
/// # Errors
/// When the database fails.
pub async fn integrations_by_ids(
    db: &Db,
    ids: &[IntegrationId],
) -> Result<HashMap<IntegrationId, integration::Model>, Error> {
    db::by_ids::<integration::Entity, _>(db.read(), integration::Column::Id, ids, |row| row.id).await
}

/// Returns the condition for secrets that are valid now.
pub fn active(now: Timestamp) -> Condition {
    Condition::all()
        .add(integration_secret::Column::RevokedAt.is_null())
        .add(
            Condition::any()
                .add(integration_secret::Column::ExpiresAt.is_null())
                .add(integration_secret::Column::ExpiresAt.gt(now)),
        )
}

/// Selects the valid secrets shown to a person, oldest first.
pub fn active_shown_to(person: UserId, now: Timestamp) -> Select<integration_secret::Entity> {
    integration_secret::Entity::find()
        .filter(integration_secret::Column::ShownToId.eq(person))
        .filter(active(now))
        .order_by_asc(integration_secret::Column::Id)
}

/// Returns whether a person was ever shown a secret of the integration, valid or not.
///
/// # Errors
/// When the database fails.
pub async fn was_shown(
    conn: &impl ConnectionTrait,
    integration: IntegrationId,
    person: UserId,
) -> Result<bool, Error> {
    let found = integration_secret::Entity::find()
        .filter(integration_secret::Column::IntegrationId.eq(integration))
        .filter(integration_secret::Column::ShownToId.eq(person))
        .one(conn)
        .await?;
    Ok(found.is_some())
}

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(
    db: &Db,
    ids: &[IntegrationSecretId],
) -> Result<HashMap<IntegrationSecretId, integration_secret::Model>, Error> {
    db::by_ids::<integration_secret::Entity, _>(db.read(), integration_secret::Column::Id, ids, |row| row.id)
        .await
}

/// Returns all integrations, newest first, including revoked ones.
///
/// # Errors
/// When the database fails.
pub async fn integrations(db: &Db) -> Result<Vec<integration::Model>, Error> {
    Ok(integration::Entity::find()
        .order_by_desc(integration::Column::Id)
        .limit(MAX_INTEGRATIONS)
        .all(db.read())
        .await?)
}
