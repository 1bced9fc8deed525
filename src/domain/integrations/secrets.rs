//! Secrets of integrations: queries, and creating one.

use std::collections::HashMap;

use entity::integration;
use entity::integration_secret::{self, Model as Secret, SecretKind};
use entity::{IntegrationId, IntegrationSecretId, Timestamp, UserId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::PREFIX;
use crate::domain::auth::secret::{fingerprint, new_secret};
use crate::error::{Error, Outcome};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// Maximum number of integrations in a list.
const MAX_INTEGRATIONS: u64 = 1_000;

/// Number of last characters of a secret that are kept to recognize it.
const HINT: usize = 4;

/// Adds a token to an integration; returns its row, and the token itself, which is never stored.
///
/// # Errors
/// When the database fails.
pub async fn add_token(
    tx: &Tx,
    integration: IntegrationId,
    shown_to: UserId,
    expires_at: Option<Timestamp>,
) -> Outcome<(Secret, String)> {
    let token = format!("{PREFIX}{}", new_secret()?);
    let row = Secret {
        id: IntegrationSecretId(tx.new_id()),
        integration_id: integration,
        kind: SecretKind::Token,
        hash: fingerprint(&token),
        hint: token.chars().skip(token.len().saturating_sub(HINT)).collect(),
        shown_to_id: shown_to,
        created_at: tx.now,
        expires_at,
        last_used_at: None,
        revoked_at: None,
    };
    integration_secret::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok((row, token))
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
