//! Client assertions that were accepted: each is accepted once.

use sea_orm::entity::prelude::*;

use crate::Timestamp;

/// A row of `used_assertions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_assertions")]
pub struct Model {
    /// SHA-256 of the client and the `jti`, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// When the assertion has expired in any case: then the row is not needed any more.
    pub expires_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
