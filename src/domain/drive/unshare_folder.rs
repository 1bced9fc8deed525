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
use crate::store::journal::{Action, Recorded};

/// Removes people's access to a folder. Access through folders above remains, and items they added stay theirs.
///
/// # Errors
/// A refusal for a folder that the actor can't see; an error without FULL access.
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
        if removed == 0 {
            return Ok((item, Recorded::nothing_changed()));
        }
        let data = json!({ "with": with.iter().map(ToString::to_string).collect::<Vec<_>>() });
        let (action, subject) = (Action::FolderUnshared, Some(folder.into()));
        let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
        Ok((item, recorded))
    })
    .await
}
