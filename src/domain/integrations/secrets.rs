//! Secrets of integrations: reads, and the row of a new one.

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
use crate::store::db::{Db, Tx};

/// Most integrations that are listed.
const MAX: u64 = 1_000;

/// How many of the last characters of a secret are kept to tell it from others.
const HINT: usize = 4;

/// Adds a token to an integration; answers its row, and the token itself, which is stored nowhere.
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

/// All secrets of each of the integrations, the newest first.
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

/// The integrations with these ids.
///
/// # Errors
/// When the database fails.
pub async fn integrations_by_ids(
    db: &Db,
    ids: &[IntegrationId],
) -> Result<HashMap<IntegrationId, integration::Model>, Error> {
    let rows = integration::Entity::find()
        .filter(integration::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Those that are live at this moment.
pub fn live(now: Timestamp) -> Condition {
    Condition::all()
        .add(integration_secret::Column::RevokedAt.is_null())
        .add(
            Condition::any()
                .add(integration_secret::Column::ExpiresAt.is_null())
                .add(integration_secret::Column::ExpiresAt.gt(now)),
        )
}

/// The live secrets that a person was shown, the oldest first.
pub fn live_shown_to(person: UserId, now: Timestamp) -> Select<integration_secret::Entity> {
    integration_secret::Entity::find()
        .filter(integration_secret::Column::ShownToId.eq(person))
        .filter(live(now))
        .order_by_asc(integration_secret::Column::Id)
}

/// Whether a person was ever shown a secret of the integration, live or not.
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

/// The secret with this id.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, id: IntegrationSecretId) -> Result<Option<integration_secret::Model>, Error> {
    Ok(integration_secret::Entity::find_by_id(id).one(db.read()).await?)
}

/// The integrations, the newest first, those that are revoked included.
///
/// # Errors
/// When the database fails.
pub async fn integrations(db: &Db) -> Result<Vec<integration::Model>, Error> {
    Ok(integration::Entity::find()
        .order_by_desc(integration::Column::Id)
        .limit(MAX)
        .all(db.read())
        .await?)
}
