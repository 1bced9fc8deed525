//! Events of calendars.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, EventId, Timestamp, UserId};

/// A row of `events`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// The id in the system that the event was imported from.
    pub external_id: Option<String>,
    /// The calendar that it stands in.
    pub calendar_id: CalendarId,
    /// Who organises it; they always attend.
    pub organizer_id: UserId,
    /// What it is called.
    pub title: String,
    /// Where it takes place.
    pub location: Option<String>,
    /// When it begins, the first time; an imported event may not say.
    pub starts_at: Option<Timestamp>,
    /// When it ends, the first time.
    pub ends_at: Option<Timestamp>,
    /// When it takes place again: the value of an RRULE (RFC 5545).
    pub recurrence: Option<String>,
    /// The imported recurrence in its own words, where they are no rule.
    pub recurrence_text: Option<String>,
    /// The IANA name of the time zone whose clocks it follows; UTC where there is none.
    pub timezone: Option<String>,
    /// When its last occurrence ends, derived from the columns above; `None` where there is no last one.
    pub over_at: Option<Timestamp>,
    /// When the event was made.
    pub created_at: Timestamp,
    /// When the event, its organiser or its attendees were last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
