//! E-mail addresses of people in a directory, for filters.

use sea_orm::entity::prelude::*;

use crate::UserId;

/// A row of `directory_emails`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_emails")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// Position in the list.
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    /// What addresses are compared by.
    pub value_key: String,
    /// What types are compared by, such as `work`.
    pub type_key: Option<String>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
