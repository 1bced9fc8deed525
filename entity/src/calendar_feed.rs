//! Secret URLs of calendar subscriptions.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, Timestamp, UserId};

/// A row of `calendar_feeds`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_feeds")]
pub struct Model {
    /// SHA-256 of the secret in the URL.
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    /// The calendar it shows.
    pub calendar_id: CalendarId,
    /// Creator; it shows what they may see.
    pub user_id: UserId,
    /// When it was created.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
