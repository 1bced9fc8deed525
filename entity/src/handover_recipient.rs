//! Recipients of a part, in round-robin order.

use sea_orm::entity::prelude::*;

use crate::{HandoverId, UserId};

/// A row of `handover_recipients`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_recipients")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// Position of the part.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// Turn: 0, 1, 2, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i32,
    /// The person who gets every n-th item.
    pub user_id: UserId,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
