//! unshareFolder.

use std::sync::Arc;

use entity::drive_item::Model as Item;
use entity::{FolderId, UserId, drive_share};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::share_folder::owned;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Takes people's access to a folder back. What folders above give them stays, and what they put in stays theirs.
///
/// # Errors
/// A refusal for a folder that the actor can't see; a failure without FULL access.
pub async fn unshare_folder(db: &Db, actor: &Actor, folder: FolderId, with: &[UserId]) -> Outcome<Item> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let item = owned(tx, actor, folder).await?;
        let removed = drive_share::Entity::delete_many()
            .filter(drive_share::Column::FolderId.eq(folder))
            .filter(drive_share::Column::UserId.is_in(with.iter().copied()))
            .exec(&tx.conn)
            .await?
            .rows_affected;
        if removed > 0 {
            let data = json!({ "with": with.iter().map(ToString::to_string).collect::<Vec<_>>() });
            journal::record(
                tx,
                &actor.author(),
                Action::FolderUnshared,
                Some(folder.into()),
                data,
            )
            .await?;
        }
        Ok(item)
    })
    .await
}
