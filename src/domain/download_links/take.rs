//! Uses up an address.

use std::sync::Arc;

use entity::download_link::{self, Model as Link};
use sea_orm::EntityTrait;

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};

/// The address with this hash of its secret; it stays.
///
/// # Errors
/// When the database fails.
pub async fn look(db: &Db, hash: &str) -> Result<Option<Link>, Error> {
    Ok(download_link::Entity::find_by_id(hash).one(db.read()).await?)
}

/// Takes the address away; of several who open it at once, one gets it.
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
