//! Drives: folders and files, their bytes, and whom they are shared with.
//!
//! Everybody has a folder called My Drive, whose id has the number of theirs; its row is written when something
//! is put in. Who may do what stands in [`access`], what things may be called in [`name`], where the bytes are
//! in [`blobs`].

pub mod access;
pub mod add_file;
pub mod archive;
pub mod blobs;
pub mod create_folder;
pub mod list;
pub mod move_items;
pub mod name;
pub mod place;
pub mod rename_item;
pub mod share_folder;
pub mod unshare_folder;
pub mod upload_bounds;

use entity::drive_item::{self, Model as Item};
use entity::{Timestamp, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::error::Error;
use crate::store::db::Tx;

/// What everybody's own folder is called.
pub const MY_DRIVE: &str = "My Drive";
/// Most folders above a folder or file.
pub const MAX_DEPTH: usize = 50;
/// Most people whom a folder can be shared with at once.
pub const MAX_SHARES: usize = 1_000;

/// Somebody's My Drive, as its row is or would be.
pub fn my_drive(owner: UserId, at: Timestamp) -> Item {
    folder(owner.0, None, owner, MY_DRIVE, at)
}

/// The row of a new folder.
pub fn folder(id: uuid::Uuid, parent: Option<uuid::Uuid>, owner: UserId, name: &str, at: Timestamp) -> Item {
    Item {
        id,
        external_id: None,
        parent_id: parent,
        owner_id: owner,
        folder: true,
        name: name.to_owned(),
        name_key: text::name_key(name),
        sort_key: text::sort_key(name),
        size: 0,
        media_type: None,
        sha256: None,
        revision: None,
        status: None,
        modified_at: at,
        created_at: at,
        updated_at: at,
        placed_at: None,
    }
}

/// Writes the rows of these people's My Drives where they are missing.
///
/// # Errors
/// When the database fails.
pub async fn ensure_my_drives(tx: &Tx, owners: impl IntoIterator<Item = UserId>) -> Result<(), Error> {
    let rows = owners
        .into_iter()
        .map(|owner| my_drive(owner, tx.now).into_active_model());
    drive_item::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(())
}

/// The address of a file's bytes, or of a folder's archive, below the public address.
pub fn url(public_url: &str, item: &Item) -> String {
    let ending = if item.folder { ".zip" } else { "" };
    format!(
        "{}/drive/{}{ending}",
        public_url.trim_end_matches('/'),
        item.text_id()
    )
}
