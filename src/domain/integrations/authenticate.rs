//! Token of an integration -> [`Actor`]: once for every request, with one query.

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

/// How exactly the time of the last use is known: a write for each request would cost more than it tells.
const USE_NOTED: TimeDelta = TimeDelta::minutes(1);

/// A live secret `{which}` = `$1`, with its integration.
const LIVE: &str = "SELECT s.id, s.last_used_at, i.id, i.name, i.owner_id, i.scopes \
    FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
    WHERE s.{which} = $1 AND s.kind = 'TOKEN' AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $2) \
    AND i.revoked_at IS NULL";

/// The integration whose token this is.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is unknown, revoked or expired, or the integration is revoked.
pub async fn authenticate(db: &Db, token: &str) -> Result<Actor, Error> {
    let now = db.clock().now();
    let (secret, last_used_at, actor) = find(db, "hash", fingerprint(token).into(), now).await?;
    if last_used_at.is_none_or(|at| at + USE_NOTED <= now) {
        note_use(db, secret).await?;
    }
    Ok(actor)
}

/// The integration that was authenticated by this secret, if the secret is still live.
///
/// # Errors
/// As [`authenticate`].
pub async fn again(db: &Db, secret: IntegrationSecretId) -> Result<Actor, Error> {
    let (_, _, actor) = find(db, "id", secret.into(), db.clock().now()).await?;
    Ok(actor)
}

async fn find(
    db: &Db,
    which: &str,
    value: Value,
    now: Timestamp,
) -> Result<(IntegrationSecretId, Option<Timestamp>, Actor), Error> {
    let sql = LIVE.replace("{which}", which);
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

async fn note_use(db: &Db, id: IntegrationSecretId) -> Result<(), Error> {
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
