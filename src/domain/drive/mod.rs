//! Drives: folders and files, their contents and their shares.
//!
//! Everybody has a folder called My Drive with the UUID of their own id; its row is written when something is added to
//! it. [`access`] decides who may do what, [`name`] what items may be called, and [`blobs`] stores contents.

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
pub mod upload_limits;

use entity::drive_item::{self, Model as Item};
use entity::{Timestamp, UserId};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, IntoActiveModel};

use crate::error::Error;
use crate::store::db::Tx;

/// Name of everybody's own folder.
pub const MY_DRIVE: &str = "My Drive";
/// Maximum number of folders above a folder or file.
pub const MAX_DEPTH: usize = 50;
/// Maximum number of people with whom a folder can be shared in one call.
pub const MAX_SHARES: usize = 1_000;

/// Returns a person's My Drive, as its row is or would be.
pub fn my_drive(owner: UserId, at: Timestamp) -> Item {
    folder(owner.0, None, owner, MY_DRIVE, at)
}

/// Returns the row of a new folder.
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

/// Inserts missing rows of these people's My Drives.
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

/// Returns the URL of a file's contents, or of a folder's archive, below the public URL.
pub fn url(public_url: &str, item: &Item) -> String {
    let ending = if item.folder { ".zip" } else { "" };
    format!(
        "{}/drive/{}{ending}",
        public_url.trim_end_matches('/'),
        item.text_id()
    )
}
