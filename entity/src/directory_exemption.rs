//! People whom directories may not dismiss.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, UserId};

/// A row of `directory_exemptions`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_exemptions")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// When they were exempted.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
