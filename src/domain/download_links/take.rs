//! Redeems a download link.

use std::sync::Arc;

use entity::download_link::{self, Model as Link};
use sea_orm::EntityTrait;

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};

/// Returns the link with this hash without redeeming it.
///
/// # Errors
/// When the database fails.
pub async fn look(db: &Db, hash: &str) -> Result<Option<Link>, Error> {
    Ok(download_link::Entity::find_by_id(hash).one(db.read()).await?)
}

/// Redeems the link by deleting it; of several concurrent attempts, one succeeds.
///
/// # Errors
/// When the database fails.
pub async fn take(db: &Db, hash: &str) -> Outcome<Option<Link>> {
    db.write(move |tx: Arc<Tx>| async move {
        let Some(link) = download_link::Entity::find_by_id(hash).one(&tx.conn).await? else {
            return Ok(None);
        };
        let taken = download_link::Entity::delete_by_id(hash).exec(&tx.conn).await?;
        Ok((taken.rows_affected == 1).then_some(link))
    })
    .await
}
