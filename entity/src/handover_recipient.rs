//! Who gets the items of a part, in the order in which they take turns.

use sea_orm::entity::prelude::*;

use crate::{HandoverId, UserId};

/// A row of `handover_recipients`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_recipients")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// The part's position.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// The turn: 0, 1, 2, …
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i32,
    /// Who gets every n-th item.
    pub user_id: UserId,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
