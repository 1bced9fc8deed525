//! renameDriveItem.

use std::sync::Arc;

use entity::drive_item::Model as Item;
use entity::drive_share::ShareAccess;
use sea_orm::{ActiveModelTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

use super::list;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded, Subject};

/// Renames a folder or file. The audit log contains the old name.
///
/// # Errors
/// [`Code::NotFound`] for an item that the actor can't see; [`Code::Invalid`] for a My Drive; [`Code::NameTaken`];
/// [`Error::Forbidden`] without EDIT access.
pub async fn rename_item(db: &Db, actor: &Actor, id: Uuid, name: &str) -> Outcome<Item> {
    let renamed = db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let Some(seen) = list::find(&tx.conn, actor, id).await? else {
                return refuse(Code::NotFound, "itemId", "there is no such folder or file");
            };
            let before = seen.item;
            if before.parent_id.is_none() {
                return refuse(Code::Invalid, "itemId", "a My Drive can't be renamed");
            }
            if seen.level < ShareAccess::Edit {
                return Err(Error::Forbidden("EDIT access to the item").into());
            }
            if before.name == name {
                return Ok((before, Recorded::nothing_changed()));
            }
            let data = json!({ "before": before.name, "name": name });
            let mut after = before;
            after.set_name(name.to_owned());
            (after.modified_at, after.updated_at) = (tx.now, tx.now);
            let subject = Subject::of_drive(&after);
            let saved = after.into_active_model().reset_all().update(&tx.conn).await?;
            let recorded =
                journal::record(tx, &actor.author(), Action::DriveItemRenamed, Some(subject), data).await?;
            Ok((saved, recorded))
        })
        .await;
    match renamed {
        Err(Failure::Broken(Error::Database(cause))) if db::is_duplicate(&cause) => refuse(
            Code::NameTaken,
            "name",
            "another item in this folder has this name",
        ),
        other => other,
    }
}
