//! Secret addresses to which calendar programs subscribe.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, Timestamp, UserId};

/// A row of `calendar_feeds`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feeds")]
pub struct Model {
    /// SHA-256 of the secret in the address.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The calendar that it shows.
    pub calendar_id: CalendarId,
    /// Who made it: it shows what they may see.
    pub user_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
