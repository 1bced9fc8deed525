//! Calendars.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, Timestamp, UserId};

/// A row of `calendars`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendars")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CalendarId,
    /// What it is called.
    pub name: String,
    /// Whose it is; that never changes.
    pub owner_id: UserId,
    /// Who looks after it: the owner, until a handover gives it to somebody else.
    pub kept_by_id: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it or who looks after it was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
