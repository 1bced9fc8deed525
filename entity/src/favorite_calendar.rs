//! The calendars that people want to have at hand.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, Timestamp, UserId};

/// A row of `favorite_calendars`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "favorite_calendars")]
pub struct Model {
    /// Whose favourite it is.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    /// The calendar.
    #[sea_orm(primary_key, auto_increment = false)]
    pub calendar_id: CalendarId,
    /// Whether a handover put it here: then it goes when the calendar does.
    pub handed: bool,
    /// Since when.
    pub created_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
