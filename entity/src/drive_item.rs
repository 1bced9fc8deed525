//! Folders and files.

use sea_orm::entity::prelude::*;

use crate::{FileId, FolderId, Timestamp, UserId};

/// A row of `drive_items`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drive_items")]
pub struct Model {
    /// Primary key, of a [`FolderId`] or a [`FileId`]. A My Drive has the id of its owner.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The id in the system it was imported from.
    pub external_id: Option<String>,
    /// Parent folder; `None` only for a My Drive.
    pub parent_id: Option<Uuid>,
    /// Owner.
    pub owner_id: UserId,
    /// Whether it is a folder.
    pub folder: bool,
    /// Name.
    pub name: String,
    /// Folded name, unique within its folder.
    pub name_key: String,
    /// Sort key of the name, for lists.
    pub sort_key: String,
    /// Size in bytes; 0 for a folder.
    pub size: i64,
    /// Media type, as declared by the uploader.
    pub media_type: Option<String>,
    /// SHA-256 of the contents in hexadecimal, the key in the blob store.
    pub sha256: Option<String>,
    /// Revision number in the system it was imported from.
    pub revision: Option<i32>,
    /// Status in that system, in its own words.
    pub status: Option<String>,
    /// When the item, or its place, was last changed by a person.
    pub modified_at: Timestamp,
    /// When it was created here.
    pub created_at: Timestamp,
    /// When any column was last changed.
    pub updated_at: Timestamp,
    /// When it was last moved; `None` if it is still where it was created.
    pub placed_at: Option<Timestamp>,
}

impl Model {
    /// Sets the name and everything derived from it.
    pub fn set_name(&mut self, name: String) {
        self.name_key = text::name_key(&name);
        self.sort_key = text::sort_key(&name);
        self.name = name;
    }

    /// Returns the text form of the id.
    pub fn text_id(&self) -> String {
        if self.folder {
            FolderId(self.id).to_string()
        } else {
            FileId(self.id).to_string()
        }
    }
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
