//! Authenticates an integration by its token: one query per request.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{IntegrationSecretId, Timestamp, integration_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};

use super::acting;
use crate::domain::auth::Actor;
use crate::domain::auth::secret::fingerprint;
use crate::error::{Error, Failure};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// Resolution of the last use: a write for each request would cost more than it is worth.
const LAST_USE_RESOLUTION: TimeDelta = TimeDelta::minutes(1);

/// A valid secret `{which}` = `$1`, with its integration.
const VALID: &str = "SELECT s.id, s.last_used_at, i.id, i.name, i.owner_id, i.scopes \
    FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
    WHERE s.{which} = $1 AND s.kind = 'TOKEN' AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $2) \
    AND i.revoked_at IS NULL";

/// Returns the integration with this token.
///
/// # Errors
/// [`Error::Unauthenticated`] if the token is unknown, revoked or expired, or the integration is revoked.
pub async fn authenticate(db: &Db, token: &str) -> Result<Actor, Error> {
    let now = db.clock().now();
    let (secret, last_used_at, actor) = find(db, "hash", fingerprint(token).into(), now).await?;
    if last_used_at.is_none_or(|at| at + LAST_USE_RESOLUTION <= now) {
        record_use(db, secret).await?;
    }
    Ok(actor)
}

/// Returns the integration authenticated by this secret, if the secret is still valid.
///
/// # Errors
/// As [`authenticate`].
pub async fn reauthenticate(db: &Db, secret: IntegrationSecretId) -> Result<Actor, Error> {
    let (_, _, actor) = find(db, "id", secret.into(), db.clock().now()).await?;
    Ok(actor)
}

async fn find(
    db: &Db,
    which: &str,
    value: Value,
    now: Timestamp,
) -> Result<(IntegrationSecretId, Option<Timestamp>, Actor), Error> {
    let sql = VALID.replace("{which}", which);
    let rows = db::query(db.read(), &sql, [value, now.into()]).await?;
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
    Ok((secret, row.try_get_by_index(1)?, actor))
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
    noted.map_err(|failure| match failure {
        Failure::Broken(error) => error,
        Failure::Refused(reasons) => Error::Internal(format!("{reasons:?}")),
    })
}
