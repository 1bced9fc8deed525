//! The types of the API: drive.

use crate::domain::drive::{MAX_SHARES, move_items, name};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::people::User;
use crate::store::input;
use async_graphql::{Enum, ID, InputObject, Interface, SimpleObject};
use chrono::{DateTime, Utc};
use entity::drive_item::Model as Item;
use entity::drive_share;
use uuid::Uuid;

/// What somebody may do in a folder and below it: each level includes those before it.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "drive_share::ShareAccess")]
pub enum ShareAccess {
    /// See and download.
    Read,
    /// Put files and folders in.
    Add,
    /// Move what is there.
    Edit,
    /// Share it with others.
    Full,
}

/// Somebody who may see a folder or file that is not theirs.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Share {
    /// What they may do: the widest of what it and the folders above it give them.
    pub(crate) access: ShareAccess,
    #[graphql(skip)]
    pub(crate) person: entity::UserId,
}

/// A folder or a file. Seen by its owner and the owners of the folders above, by those whom one of these is shared
/// with, and by administrators.
#[derive(Interface, Clone)]
#[graphql(
    field(name = "id", ty = "&ID", desc = "The id."),
    field(
        name = "name",
        ty = "&String",
        desc = "What it is called: unlike everything else in its folder."
    ),
    field(
        name = "path",
        ty = "String",
        desc = "The way to it, from the owner's drive or from the highest folder that you may see: `/Reports/2026.pdf`."
    ),
    field(
        name = "parent",
        ty = "Nullable<Folder>",
        desc = "The folder that it lies in; null for a My Drive, and where you may not see that folder."
    ),
    field(name = "owner", ty = "User", desc = "Whose it is."),
    field(
        name = "modified_at",
        ty = "&DateTime<Utc>",
        desc = "When somebody last changed it or its place. A handover does not change this."
    ),
    field(
        name = "shares",
        ty = "Vec<Share>",
        desc = "Who else may see it, by what it and the folders above it are shared at."
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

/// A folder, which may hold files and other folders.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Folder {
    /// The id.
    pub id: ID,
    /// What it is called: unlike everything else in its folder.
    name: String,
    /// When somebody last changed it or its place. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// The id in the system that it was imported from.
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
    /// The id.
    pub id: ID,
    /// What it is called: unlike everything else in its folder.
    name: String,
    /// When somebody last changed it or its place. A handover does not change this.
    modified_at: DateTime<Utc>,
    /// Bytes.
    size: i32,
    /// What kind of bytes, as whoever uploaded them has said.
    media_type: String,
    /// The SHA-256 of the bytes, in hexadecimal digits.
    sha256: String,
    /// The id in the system that it was imported from.
    external_id: Option<String>,
    /// The number of its revision in the system that it was imported from.
    revision: Option<i32>,
    /// Its status there, in the words of that system.
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

// Of two types at once: neither says it for the other.
impl Columns for DriveItem {}

connection!(DriveItem, DriveItemConnection, DriveItemEdge, "folders and files");

/// A new folder.
#[derive(InputObject)]
pub struct CreateFolderInput {
    /// The folder that it is to be in.
    parent_id: ID,
    /// What it is called: up to 255 bytes of any script, without / and \.
    name: String,
}

/// People to share a folder with.
#[derive(InputObject)]
pub struct ShareFolderInput {
    /// The folder.
    folder_id: ID,
    /// Active people, at most 1,000.
    with: Vec<ID>,
    /// What they may do in it from now on.
    pub(crate) access: ShareAccess,
}

/// People who are to have a folder no longer.
#[derive(InputObject)]
pub struct UnshareFolderInput {
    /// The folder.
    folder_id: ID,
    /// The people, at most 1,000.
    with: Vec<ID>,
}

/// The answer to an operation on a folder.
#[derive(SimpleObject)]
pub struct FolderPayload {
    /// The folder as it is now.
    folder: Option<Folder>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl FolderPayload {
    pub(crate) fn new(outcome: Outcome<Item>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            folder: row.map(Folder::from),
            user_errors,
        })
    }
}

/// Folders and files to be put elsewhere.
#[derive(InputObject)]
pub struct MoveDriveItemsInput {
    /// Which ones, at most 500.
    item_ids: Vec<ID>,
    /// The folder that they go into.
    to_folder_id: ID,
}

/// The answer to `moveDriveItems`.
#[derive(SimpleObject)]
pub struct MoveDriveItemsPayload {
    /// The folders and files as they are now; empty when none has moved.
    pub(crate) items: Vec<DriveItem>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// What something is to be called.
#[derive(InputObject)]
pub struct RenameDriveItemInput {
    /// The folder or file.
    item_id: ID,
    /// Its new name: up to 255 bytes of any script, without / and \.
    name: String,
}

/// The answer to `renameDriveItem`.
#[derive(SimpleObject)]
pub struct RenameDriveItemPayload {
    /// The folder or file as it is now.
    pub(crate) item: Option<DriveItem>,
    /// What speaks against it.
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
