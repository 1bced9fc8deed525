//! Token of an integration -> [`Actor`]: once for every request.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{IntegrationId, integration};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::actor;
use crate::auth::Actor;
use crate::auth::secret::fingerprint;
use crate::db::{Db, Tx};
use crate::error::{Error, Failure};

/// How exactly it is known when an integration last called: a write for each request would cost more than it tells.
const USE_NOTED: TimeDelta = TimeDelta::minutes(1);

/// The integration whose token this is.
///
/// # Errors
/// [`Error::Unauthenticated`] when the token is unknown, revoked or expired.
pub async fn authenticate(db: &Db, token: &str) -> Result<Actor, Error> {
    let now = db.clock().now();
    let found = integration::Entity::find()
        .filter(integration::Column::TokenHash.eq(fingerprint(token)))
        .one(db.read())
        .await?;
    let row = found
        .filter(|row| row.is_alive(now))
        .ok_or(Error::Unauthenticated)?;
    if row.last_used_at.is_none_or(|at| at + USE_NOTED <= now) {
        note_use(db, row.id).await?;
    }
    Ok(actor(&row))
}

/// Whether an integration that was let in still is, and with which scopes.
///
/// # Errors
/// As [`authenticate`].
pub async fn again(db: &Db, id: IntegrationId) -> Result<Actor, Error> {
    let now = db.clock().now();
    let found = integration::Entity::find_by_id(id).one(db.read()).await?;
    let row = found
        .filter(|row| row.is_alive(now))
        .ok_or(Error::Unauthenticated)?;
    Ok(actor(&row))
}

async fn note_use(db: &Db, id: IntegrationId) -> Result<(), Error> {
    let noted = db
        .write(move |tx: Arc<Tx>| async move {
            integration::Entity::update_many()
                .col_expr(integration::Column::LastUsedAt, Expr::value(tx.now))
                .filter(integration::Column::Id.eq(id))
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
