//! Adds a file, with contents that are stored already, to a folder.

use std::sync::Arc;

use entity::drive_item::{self, Model as Item};
use entity::{FileId, FolderId};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::blobs::Blob;
use super::create_folder::open;
use super::place;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Error, Failure, Outcome};
use crate::store::db::{Db, Tx, is_duplicate};
use crate::store::journal::{self, Action};

/// Attempts at finding a free name that nobody else takes concurrently.
const ATTEMPTS: usize = 5;

/// Adds a file with contents that are stored already. If the name is taken, it gets a number.
///
/// # Errors
/// [`crate::error::Code::NotFound`] for a folder that the actor can't see; [`Error::Forbidden`] if they may not add
/// anything to it.
pub async fn add_file(
    db: &Db,
    actor: &Actor,
    folder: FolderId,
    name: &str,
    media_type: &str,
    blob: &Blob,
) -> Outcome<Item> {
    for _ in 1..ATTEMPTS {
        match attempt(db, actor, folder, name, media_type, blob).await {
            Err(Failure::Broken(Error::Database(cause))) if is_duplicate(&cause) => {}
            answer => return answer,
        }
    }
    attempt(db, actor, folder, name, media_type, blob).await
}

async fn attempt(
    db: &Db,
    actor: &Actor,
    folder: FolderId,
    name: &str,
    media_type: &str,
    blob: &Blob,
) -> Outcome<Item> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let folder = open(tx, actor, folder, "folderId").await?;
        let id = FileId(tx.new_id());
        let name = place::free_name(tx, folder.item.id, name, false).await?;
        let row = Item {
            id: id.0,
            external_id: None,
            parent_id: Some(folder.item.id),
            owner_id: folder.owner_of_new(actor),
            folder: false,
            name_key: text::name_key(&name),
            sort_key: text::sort_key(&name),
            name,
            size: i64::try_from(blob.size).map_err(Error::internal)?,
            media_type: Some(media_type.to_owned()),
            sha256: Some(blob.sha256.clone()),
            revision: None,
            status: None,
            modified_at: tx.now,
            created_at: tx.now,
            updated_at: tx.now,
            placed_at: None,
        };
        let saved = drive_item::Entity::insert(row.into_active_model())
            .exec_with_returning(&tx.conn)
            .await?;
        let data = json!({ "name": saved.name, "in": folder.item.text_id(), "sha256": blob.sha256 });
        let recorded =
            journal::record(tx, &actor.author(), Action::FileUploaded, Some(id.into()), data).await?;
        Ok((saved, recorded))
    })
    .await
}
