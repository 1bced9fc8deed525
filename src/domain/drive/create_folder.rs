//! createFolder.

use std::sync::Arc;

use entity::FolderId;
use entity::drive_item::{self, Model as Item};
use entity::drive_share::ShareAccess;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::{MAX_DEPTH, ensure_my_drives, folder, list};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Creates a folder inside another one.
///
/// # Errors
/// [`Code::NotFound`] for a folder that the actor can't see; [`Error::Forbidden`] if they may not add anything to it;
/// [`Code::NameTaken`]; [`Code::TooMany`] nested folders.
pub async fn create_folder(db: &Db, actor: &Actor, parent: FolderId, name: &str) -> Outcome<Item> {
    let made = db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let parent = open(tx, actor, parent, "parentId").await?;
            let id = FolderId(tx.new_id());
            let row = folder(
                id.0,
                Some(parent.item.id),
                parent.owner_of_new(actor),
                name,
                tx.now,
            );
            let saved = drive_item::Entity::insert(row.into_active_model())
                .exec_with_returning(&tx.conn)
                .await?;
            let data = json!({ "name": name, "in": parent.item.text_id() });
            let recorded =
                journal::record(tx, &actor.author(), Action::FolderCreated, Some(id.into()), data).await?;
            Ok((saved, recorded))
        })
        .await;
    match made {
        Err(Failure::Broken(Error::Database(cause))) if db::is_duplicate(&cause) => refuse(
            Code::NameTaken,
            "name",
            "another item in this folder has this name",
        ),
        other => other,
    }
}

impl list::Seen {
    /// Returns the owner of what the actor adds here: themselves, but in a My Drive its owner.
    pub fn owner_of_new(&self, actor: &Actor) -> entity::UserId {
        if self.item.parent_id.is_none() {
            self.item.owner_id
        } else {
            actor.user_id
        }
    }
}

/// Returns a folder that the actor may add items to.
///
/// # Errors
/// As [`create_folder`].
pub async fn open(tx: &Tx, actor: &Actor, id: FolderId, field: &str) -> Outcome<list::Seen> {
    let Some(seen) = list::find(&tx.conn, actor, id.0)
        .await?
        .filter(|seen| seen.item.folder)
    else {
        return refuse(Code::NotFound, field, "there is no such folder");
    };
    if seen.level < ShareAccess::Add {
        return Err(Error::Forbidden("ADD access to the folder").into());
    }
    if seen.up.len() >= MAX_DEPTH {
        let message = format!("folders can be nested at most {MAX_DEPTH} deep");
        return refuse(Code::TooMany, field, message);
    }
    if seen.item.parent_id.is_none() {
        ensure_my_drives(tx, [seen.item.owner_id]).await?;
    }
    Ok(seen)
}
