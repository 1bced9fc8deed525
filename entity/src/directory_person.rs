//! What a directory says of a person.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, Timestamp, UserId};

/// A row of `directory_people`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_people")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// Name in the directory, as sent.
    pub user_name: String,
    /// What names are compared by.
    pub user_name_key: String,
    /// ID in the directory.
    pub external_id: Option<String>,
    /// Manager, if the directory names a known person.
    pub manager_id: Option<UserId>,
    /// All attributes as sent, as a JSON object.
    pub attributes: String,
    /// What the attributes that filters may name are compared by, as a JSON object.
    pub filter_keys: String,
    /// Number of changes.
    pub version: i32,
    /// When the person was linked.
    pub created_at: Timestamp,
    /// When the directory last changed something.
    pub updated_at: Timestamp,
    /// When the directory deleted the person; `None` while they are linked.
    pub deleted_at: Option<Timestamp>,
    /// Whether the ID in the directory is enough to know the person by at a sign-in with an identity provider: it was
    /// written by an administrator, or for a person whom the directory has made and who could not sign in yet, and has
    /// not changed since.
    pub identifies: bool,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
