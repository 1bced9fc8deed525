//! Networks from which people have signed in.

use sea_orm::entity::prelude::*;

use crate::{Timestamp, UserId};

/// A row of `known_networks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "known_networks")]
pub struct Model {
    /// The person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// SHA-256 of the person and the network, in hexadecimal; the address itself is never stored.
    #[sea_orm(primary_key, auto_increment = false)]
    pub network: String,
    /// When they last signed in from there.
    pub last_seen_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
