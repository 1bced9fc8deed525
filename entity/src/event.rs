//! Calendar events.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, EventId, Timestamp, UserId};

/// A row of `events`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EventId,
    /// The id in the system it was imported from.
    pub external_id: Option<String>,
    /// The calendar it is in.
    pub calendar_id: CalendarId,
    /// Organizer; always an attendee.
    pub organizer_id: UserId,
    /// Title.
    pub title: String,
    /// What searches look through.
    pub search_text: String,
    /// Location.
    pub location: Option<String>,
    /// Start of the first occurrence; may be missing for an imported event.
    pub starts_at: Option<Timestamp>,
    /// End of the first occurrence.
    pub ends_at: Option<Timestamp>,
    /// Recurrence rule: the value of an RRULE (RFC 5545).
    pub recurrence: Option<String>,
    /// Imported recurrence as text, if it is not a valid rule.
    pub recurrence_text: Option<String>,
    /// IANA time zone of the event; `None` means UTC.
    pub timezone: Option<String>,
    /// End of the last occurrence, derived from the columns above; `None` if there is no last one.
    pub over_at: Option<Timestamp>,
    /// When the event was created.
    pub created_at: Timestamp,
    /// When the event, its organizer or its attendees were last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
