//! Authenticates an integration by its token, or by an access token issued to it: one query per request.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::{AccessTokenId, IntegrationSecretId, Timestamp, integration_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryResult, Value};

use super::{ACCESS_PREFIX, acting, narrowed, read_scopes};
use crate::domain::auth::secret::fingerprint;
use crate::domain::auth::{ActingIntegration, Actor, Permission};
use crate::error::{Error, Failure};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// Resolution of the last use: a write for each request would cost more than it is worth.
pub(super) const LAST_USE_RESOLUTION: TimeDelta = TimeDelta::minutes(1);

/// The condition for a secret `s` that is valid at `$1`, as is its integration `i`.
pub(super) const ALIVE: &str = "s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1) \
    AND i.revoked_at IS NULL";

/// What an integration is authenticated by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Credential {
    /// A token, which is itself a secret.
    Secret(IntegrationSecretId),
    /// An access token, issued for a secret.
    AccessToken(AccessTokenId),
}

impl Credential {
    /// Returns the credential in use; `None` if the program acts for the integration later, without a request.
    pub fn of(acting: &ActingIntegration) -> Option<Self> {
        match (acting.access_token, acting.secret) {
            (Some(id), _) => Some(Self::AccessToken(id)),
            (None, secret) => secret.map(Self::Secret),
        }
    }
}

/// A valid credential, as it was found.
struct Found {
    secret: IntegrationSecretId,
    last_used_at: Option<Timestamp>,
    actor: Actor,
}

/// Returns the integration with this token or access token.
///
/// # Errors
/// [`Error::Unauthenticated`] if it is unknown or expired, its secret is revoked or expired, or the integration is
/// revoked.
pub async fn authenticate(db: &Db, token: &str) -> Result<Actor, Error> {
    let now = db.clock().now();
    let hash = fingerprint(token).into();
    let found = match token.starts_with(ACCESS_PREFIX) {
        true => by_access_token(db, "hash", hash, now).await?,
        false => by_secret(db, "hash", hash, now).await?,
    };
    if found
        .last_used_at
        .is_none_or(|at| at + LAST_USE_RESOLUTION <= now)
    {
        record_use(db, found.secret).await?;
    }
    Ok(found.actor)
}

/// Returns the integration authenticated by this credential, if it is still valid.
///
/// # Errors
/// As [`authenticate`].
pub async fn reauthenticate(db: &Db, credential: Credential) -> Result<Actor, Error> {
    let now = db.clock().now();
    let found = match credential {
        Credential::Secret(id) => by_secret(db, "id", id.into(), now).await?,
        Credential::AccessToken(id) => by_access_token(db, "id", id.into(), now).await?,
    };
    Ok(found.actor)
}

/// Returns the valid ones of these credentials, with their permissions.
///
/// # Errors
/// When the database fails.
pub async fn valid(
    db: &Db,
    credentials: &[Credential],
    now: Timestamp,
) -> Result<HashMap<Credential, Vec<Permission>>, Error> {
    let (mut secrets, mut tokens): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for credential in credentials {
        match *credential {
            Credential::Secret(id) => secrets.push(id.into()),
            Credential::AccessToken(id) => tokens.push(id.into()),
        }
    }
    let values = |ids: Vec<Value>| std::iter::once(Value::from(now)).chain(ids);
    let mut valid = HashMap::with_capacity(credentials.len());
    if !secrets.is_empty() {
        let sql = format!(
            "SELECT s.id, i.scopes FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
             WHERE {ALIVE} AND s.id IN ({})",
            db::placeholders(2, secrets.len())
        );
        for row in db::query(db.read(), &sql, values(secrets)).await? {
            let scopes: String = row.try_get_by_index(1)?;
            valid.insert(Credential::Secret(row.try_get_by_index(0)?), read_scopes(&scopes));
        }
    }
    if !tokens.is_empty() {
        let sql = format!(
            "SELECT t.id, i.scopes, t.scopes FROM access_tokens t \
             JOIN integration_secrets s ON s.id = t.secret_id JOIN integrations i ON i.id = s.integration_id \
             WHERE {ALIVE} AND t.expires_at > $1 AND t.id IN ({})",
            db::placeholders(2, tokens.len())
        );
        for row in db::query(db.read(), &sql, values(tokens)).await? {
            let (held, own): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let scopes = narrowed(read_scopes(&held), &own);
            valid.insert(Credential::AccessToken(row.try_get_by_index(0)?), scopes);
        }
    }
    Ok(valid)
}

async fn by_secret(db: &Db, which: &str, value: Value, now: Timestamp) -> Result<Found, Error> {
    let sql = format!(
        "SELECT s.id, s.last_used_at, i.id, i.name, i.owner_id, i.scopes \
         FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
         WHERE s.{which} = $2 AND s.kind = 'TOKEN' AND {ALIVE}"
    );
    found(&db::query(db.read(), &sql, [now.into(), value]).await?)
}

async fn by_access_token(db: &Db, which: &str, value: Value, now: Timestamp) -> Result<Found, Error> {
    let sql = format!(
        "SELECT s.id, s.last_used_at, i.id, i.name, i.owner_id, i.scopes, t.id, t.scopes \
         FROM access_tokens t JOIN integration_secrets s ON s.id = t.secret_id \
         JOIN integrations i ON i.id = s.integration_id \
         WHERE t.{which} = $2 AND t.expires_at > $1 AND {ALIVE}"
    );
    let rows = db::query(db.read(), &sql, [now.into(), value]).await?;
    let mut found = found(&rows)?;
    let row = rows.first().ok_or(Error::Unauthenticated)?;
    let own: String = row.try_get_by_index(7)?;
    if let Some(acting) = &mut found.actor.integration {
        acting.access_token = Some(row.try_get_by_index(6)?);
        acting.scopes = narrowed(std::mem::take(&mut acting.scopes), &own);
    }
    Ok(found)
}

/// Reads the first six columns.
fn found(rows: &[QueryResult]) -> Result<Found, Error> {
    let row = rows.first().ok_or(Error::Unauthenticated)?;
    let secret = row.try_get_by_index(0)?;
    let scopes: String = row.try_get_by_index(5)?;
    let actor = acting(
        row.try_get_by_index(2)?,
        row.try_get_by_index(3)?,
        row.try_get_by_index(4)?,
        &scopes,
        Some(secret),
    );
    Ok(Found {
        secret,
        last_used_at: row.try_get_by_index(1)?,
        actor,
    })
}

async fn record_use(db: &Db, id: IntegrationSecretId) -> Result<(), Error> {
    let noted = db
        .write(move |tx: Arc<Tx>| async move {
            integration_secret::Entity::update_many()
                .col_expr(integration_secret::Column::LastUsedAt, Expr::value(tx.now))
                .filter(integration_secret::Column::Id.eq(id))
                .exec(&tx.conn)
                .await?;
            Ok(())
        })
        .await;
    noted.map_err(Failure::into_error)
}
