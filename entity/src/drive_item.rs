//! Folders and files.

use sea_orm::entity::prelude::*;

use crate::{FileId, FolderId, Timestamp, UserId};

/// A row of `drive_items`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "drive_items")]
pub struct Model {
    /// Primary key: of a [`FolderId`] or a [`FileId`]. Somebody's My Drive has that person's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The id in the system that it was imported from.
    pub external_id: Option<String>,
    /// The folder that it lies in; `None` for somebody's My Drive alone.
    pub parent_id: Option<Uuid>,
    /// Whose it is.
    pub owner_id: UserId,
    /// Whether it is a folder.
    pub folder: bool,
    /// What it is called.
    pub name: String,
    /// The name as people compare it: unlike that of everything else in the same folder.
    pub name_key: String,
    /// The name as a sort key: the order of lists.
    pub sort_key: String,
    /// Bytes; nought for a folder.
    pub size: i64,
    /// What kind of bytes, as whoever uploaded them has said.
    pub media_type: Option<String>,
    /// The SHA-256 of the bytes, by which they are found, in hexadecimal digits.
    pub sha256: Option<String>,
    /// The number of its revision in the system that it was imported from.
    pub revision: Option<i32>,
    /// Its status there, in the words of that system.
    pub status: Option<String>,
    /// When somebody last changed it or its place.
    pub modified_at: Timestamp,
    /// When it came here.
    pub created_at: Timestamp,
    /// When any column was last changed.
    pub updated_at: Timestamp,
    /// When it was last moved to where it lies; `None` when it was made there.
    pub placed_at: Option<Timestamp>,
}

impl Model {
    /// Calls it so, with all that is derived from a name.
    pub fn set_name(&mut self, name: String) {
        self.name_key = text::name_key(&name);
        self.sort_key = text::sort_key(&name);
        self.name = name;
    }

    /// The id for everyone else.
    pub fn text_id(&self) -> String {
        if self.folder {
            FolderId(self.id).to_string()
        } else {
            FileId(self.id).to_string()
        }
    }
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
