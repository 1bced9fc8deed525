//! GraphQL types: folders and files.

use async_graphql::{Enum, ID, InputObject, Interface, SimpleObject};
use chrono::{DateTime, Utc};
use entity::drive_item::Model as Item;
use entity::drive_share;
use uuid::Uuid;

use crate::domain::drive::{MAX_SHARES, move_items, name};
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::people::User;
use crate::store::input;

/// Access level for a folder and everything below it; each level includes the ones before it.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "drive_share::ShareAccess")]
pub enum ShareAccess {
    /// View and download.
    Read,
    /// Add files and folders.
    Add,
    /// Rename and move items.
    Edit,
    /// Share with others.
    Full,
}

/// Access of a person to a folder or file that they do not own.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Share {
    /// Access level: the highest one granted by the item and the folders above it.
    pub(crate) access: ShareAccess,
    #[graphql(skip)]
    pub(crate) person: entity::UserId,
}

/// A folder or a file. Visible to its owner, the owners of the folders above it, the people whom any of these is shared
/// with, and administrators.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "&ID", desc = "ID of the object."),
    field(name = "name", ty = "&String", desc = "Name; unique within its folder."),
    field(
        name = "path",
        ty = "String",
        desc = "Path from the owner's drive, or from the topmost folder that you can see: `/Reports/2026.pdf`."
    ),
    field(
        name = "parent",
        ty = "Nullable<Folder>",
        desc = "Parent folder; null for a My Drive, and when you can't see that folder."
    ),
    field(name = "owner", ty = "User", desc = "Owner."),
    field(
        name = "modified_at",
        ty = "&DateTime<Utc>",
        desc = "When someone last changed or moved it. A handover does not change this."
    ),
    field(
        name = "shares",
        ty = "Vec<Share>",
        desc = "Who else has access, through shares of the item and of the folders above it."
    )
)]
pub enum DriveItem {
    /// A folder.
    Folder(Box<Folder>),
    /// A file.
    File(Box<File>),
}

impl From<Item> for DriveItem {
    fn from(row: Item) -> Self {
        if row.folder {
            Self::Folder(Box::new(row.into()))
        } else {
            Self::File(Box::new(row.into()))
        }
    }
}

/// A folder, which can contain files and other folders.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Folder {
    /// ID of the object.
    pub id: ID,
    /// Name; unique within its folder.
    name: String,
    /// When someone last changed or moved it. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// ID in the system that it was imported from.
    external_id: Option<String>,
    #[graphql(skip)]
    pub(crate) row: Item,
}

impl From<Item> for Folder {
    fn from(row: Item) -> Self {
        Self {
            id: row.text_id().into(),
            name: row.name.clone(),
            modified_at: row.modified_at,
            external_id: row.external_id.clone(),
            row,
        }
    }
}

/// A file.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct File {
    /// ID of the object.
    pub id: ID,
    /// Name; unique within its folder.
    name: String,
    /// When someone last changed or moved it. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// Size in bytes.
    size: i32,
    /// Media type, as declared by the uploader.
    media_type: String,
    /// SHA-256 of the content, in hexadecimal.
    sha256: String,
    /// ID in the system that it was imported from.
    external_id: Option<String>,
    /// Revision number in the system that it was imported from.
    revision: Option<i32>,
    /// Status in the system that it was imported from, as free text.
    status: Option<String>,
    #[graphql(skip)]
    pub(crate) row: Item,
}

impl From<Item> for File {
    fn from(row: Item) -> Self {
        Self {
            id: row.text_id().into(),
            name: row.name.clone(),
            modified_at: row.modified_at,
            size: i32::try_from(row.size).unwrap_or(i32::MAX),
            media_type: row.media_type.clone().unwrap_or_default(),
            sha256: row.sha256.clone().unwrap_or_default(),
            external_id: row.external_id.clone(),
            revision: row.revision,
            status: row.status.clone(),
            row,
        }
    }
}

// An interface has no columns of its own: each of its types declares them.
impl Columns for DriveItem {}

connection!(DriveItem, DriveItemConnection, DriveItemEdge, "folders and files");

/// Input of `createFolder`.
#[derive(InputObject)]
pub struct CreateFolderInput {
    /// ID of the parent folder.
    parent_id: ID,
    /// Name, at most 255 bytes of UTF-8, without / and \.
    name: String,
}

/// Input of `shareFolder`.
#[derive(InputObject)]
pub struct ShareFolderInput {
    /// ID of the folder.
    folder_id: ID,
    /// IDs of the people to share with; must be active, at most 1,000.
    with: Vec<ID>,
    /// Access level to grant.
    pub(crate) access: ShareAccess,
}

/// Input of `unshareFolder`.
#[derive(InputObject)]
pub struct UnshareFolderInput {
    /// ID of the folder.
    folder_id: ID,
    /// IDs of the people to remove, at most 1,000.
    with: Vec<ID>,
}

payload! {
    /// Payload of the folder mutations.
    FolderPayload {
        /// The folder after the change.
        folder: Folder from Item,
    }
}

/// Input of `moveDriveItems`.
#[derive(InputObject)]
pub struct MoveDriveItemsInput {
    /// IDs of the folders and files to move, at most 500.
    item_ids: Vec<ID>,
    /// ID of the target folder.
    to_folder_id: ID,
}

/// Payload of `moveDriveItems`.
#[derive(SimpleObject)]
pub struct MoveDriveItemsPayload {
    /// The folders and files after the move; empty when none has moved.
    pub(crate) items: Vec<DriveItem>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `renameDriveItem`.
#[derive(InputObject)]
pub struct RenameDriveItemInput {
    /// ID of the folder or file.
    item_id: ID,
    /// New name, at most 255 bytes of UTF-8, without / and \.
    name: String,
}

/// Payload of `renameDriveItem`.
#[derive(SimpleObject)]
pub struct RenameDriveItemPayload {
    /// The folder or file after the change.
    pub(crate) item: Option<DriveItem>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

impl CreateFolderInput {
    pub(crate) fn check(self) -> Outcome<(entity::FolderId, String)> {
        let parent = input::id(&self.parent_id, "parentId")?;
        Ok((parent, name::check(&self.name, "name")?))
    }
}

impl MoveDriveItemsInput {
    pub(crate) fn check(self) -> Outcome<(Vec<Uuid>, entity::FolderId)> {
        let ids = move_items::read_ids(&self.item_ids, "itemIds")?;
        Ok((ids, input::id(&self.to_folder_id, "toFolderId")?))
    }
}

impl ShareFolderInput {
    pub(crate) fn check(self) -> Outcome<(entity::FolderId, Vec<entity::UserId>)> {
        let folder = input::id(&self.folder_id, "folderId")?;
        Ok((folder, input::ids(&self.with, MAX_SHARES, "with")?))
    }
}

impl RenameDriveItemInput {
    pub(crate) fn check(self) -> Outcome<(Uuid, String)> {
        let id = move_items::read_id(&self.item_id, "itemId")?;
        Ok((id, name::check(&self.name, "name")?))
    }
}

impl UnshareFolderInput {
    pub(crate) fn check(self) -> Outcome<(entity::FolderId, Vec<entity::UserId>)> {
        let folder = input::id(&self.folder_id, "folderId")?;
        Ok((folder, input::ids(&self.with, MAX_SHARES, "with")?))
    }
}
