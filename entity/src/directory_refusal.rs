//! Refused requests of a directory.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, RefusedRequestId, Timestamp};

/// A row of `directory_refusals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_refusals")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RefusedRequestId,
    /// The directory.
    pub directory_id: DirectoryId,
    /// When it was refused.
    pub at: Timestamp,
    /// HTTP method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// HTTP status.
    pub status: i32,
    /// Why it was refused.
    pub detail: String,
    /// Names of the attributes in its body, as a JSON list; no values.
    pub attributes: String,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
