//! GraphQL types: calendars and events.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{calendar, event};

use crate::domain::calendar::create_event::CreateEvent;
use crate::domain::calendar::update_event::UpdateEvent;
use crate::domain::calendar::{MAX_ATTENDEES, recurrence};
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::UserError;
use crate::store::input;
use crate::store::input::Change;

/// A calendar. Visible to its owner, its current keeper after a handover, and administrators; attendees of an event can
/// see that event.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Calendar {
    /// ID of the object.
    pub id: ID,
    /// Name.
    name: String,
    #[graphql(skip)]
    pub(crate) row: calendar::Model,
}

impl From<calendar::Model> for Calendar {
    fn from(row: calendar::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            row,
        }
    }
}

/// A calendar event, which may recur.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Event {
    /// ID of the object.
    pub id: ID,
    /// ID in the system that the event was imported from.
    external_id: Option<String>,
    /// Title.
    title: String,
    /// Location.
    location: Option<String>,
    /// Start of the first occurrence; null when an import did not provide it.
    starts_at: Option<DateTime<Utc>>,
    /// End of the first occurrence.
    ends_at: Option<DateTime<Utc>>,
    /// Recurrence rule: the value of an RRULE (RFC 5545), for example `FREQ=WEEKLY;BYDAY=MO`.
    recurrence: Option<String>,
    /// Original text of an imported recurrence that could not be read as a rule.
    recurrence_text: Option<String>,
    /// IANA time zone of the recurrence, for example `Europe/Berlin`; UTC when null.
    timezone: Option<String>,
    /// End of the last occurrence; null when the event recurs without end.
    over_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: event::Model,
}

impl From<event::Model> for Event {
    fn from(row: event::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            external_id: row.external_id.clone(),
            title: row.title.clone(),
            location: row.location.clone(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            recurrence: row.recurrence.clone(),
            recurrence_text: row.recurrence_text.clone(),
            timezone: row.timezone.clone(),
            over_at: row.over_at,
            row,
        }
    }
}

columns!(Event {
    "id": id,
    "externalId": external_id,
    "title": title,
    "location": location,
    "startsAt": starts_at,
    "endsAt": ends_at,
    "recurrence": recurrence,
    "recurrenceText": recurrence_text,
    "timezone": timezone,
    "overAt": over_at,
});

connection!(Event, EventConnection, EventEdge, "events");

/// A new calendar; you become its owner.
#[derive(InputObject)]
pub struct CreateCalendarInput {
    /// Name.
    pub(crate) name: String,
}

/// Input of `renameCalendar`.
#[derive(InputObject)]
pub struct RenameCalendarInput {
    /// ID of the calendar: one that you own or keep.
    calendar_id: ID,
    /// New name.
    name: String,
}

/// The calendar to publish as a feed.
#[derive(InputObject)]
pub struct CalendarFeedInput {
    /// ID of the calendar: one that you own or keep.
    pub(crate) calendar_id: ID,
}

/// Payload of `createCalendarFeed`.
#[derive(SimpleObject)]
pub struct CreateCalendarFeedPayload {
    /// Secret feed URL for calendar clients. Anyone who knows it can read the calendar. Returned only once.
    pub(crate) url: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

payload! {
    /// Payload of `createCalendar`, `renameCalendar` and `revokeCalendarFeed`.
    CalendarPayload {
        /// The calendar.
        calendar: Calendar from calendar::Model,
    }
}

/// A calendar to add to your favorites or remove from them.
#[derive(InputObject)]
pub struct FavoriteCalendarInput {
    /// ID of the calendar.
    pub(crate) calendar_id: ID,
}

payload! {
    /// Payload of `addFavoriteCalendar` and `removeFavoriteCalendar`.
    FavoriteCalendarPayload {
        /// The calendar.
        calendar: Calendar from calendar::Model,
    }
}

/// A new event; you become its organizer and attend it.
#[derive(InputObject)]
pub struct CreateEventInput {
    /// ID of the calendar: one that you own or keep.
    calendar_id: ID,
    /// Title.
    title: String,
    /// Location.
    location: Option<String>,
    /// Start of the first occurrence; whole seconds.
    starts_at: DateTime<Utc>,
    /// End of the first occurrence; whole seconds.
    ends_at: DateTime<Utc>,
    /// Recurrence rule: the value of an RRULE (RFC 5545) with a daily, weekly, monthly or yearly frequency, at the time
    /// of day of `startsAt`, which must be its first occurrence.
    recurrence: Option<String>,
    /// IANA time zone of the recurrence, for example `Europe/Berlin`; defaults to UTC.
    timezone: Option<String>,
    /// Attendees besides you; must be active people.
    attendee_ids: Option<Vec<ID>>,
}

/// Changes to an event. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateEventInput {
    /// ID of the event.
    event_id: ID,
    /// Title; can't be null.
    title: MaybeUndefined<String>,
    /// Location.
    location: MaybeUndefined<String>,
    /// Start of the first occurrence; can't be null.
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// End of the first occurrence; can't be null.
    ends_at: MaybeUndefined<DateTime<Utc>>,
    /// Recurrence rule.
    recurrence: MaybeUndefined<String>,
    /// IANA time zone of the recurrence.
    timezone: MaybeUndefined<String>,
    /// All attendees besides the organizer; replaces the current ones.
    attendee_ids: MaybeUndefined<Vec<ID>>,
}

payload! {
    /// Payload of the event mutations.
    EventPayload {
        /// The event after the change.
        event: Event from event::Model,
    }
}

impl RenameCalendarInput {
    pub(crate) fn check(self) -> Outcome<(entity::CalendarId, String)> {
        let id = input::id(&self.calendar_id, "calendarId")?;
        Ok((id, input::check_line(&self.name, input::NAME, "name")?))
    }
}

impl CreateEventInput {
    pub(crate) async fn check(self) -> Outcome<CreateEvent> {
        Ok(CreateEvent {
            calendar: input::id(&self.calendar_id, "calendarId")?,
            title: input::check_line(&self.title, input::TITLE, "title")?,
            location: self.location.as_deref().map(place).transpose()?,
            attendees: people(self.attendee_ids.unwrap_or_default())?,
            timing: recurrence::check_offloaded(
                input::check_timestamp(self.starts_at, "startsAt")?,
                input::check_timestamp(self.ends_at, "endsAt")?,
                self.recurrence,
                self.timezone,
            )
            .await?,
        })
    }
}

impl UpdateEventInput {
    pub(crate) fn check(self) -> Outcome<UpdateEvent> {
        Ok(UpdateEvent {
            event: input::id(&self.event_id, "eventId")?,
            title: Change::from(self.title)
                .check(|text: String| input::check_line(&text, input::TITLE, "title"))?,
            location: Change::from(self.location).check(|text: String| place(&text))?,
            starts_at: Change::from(self.starts_at).check(|at| input::check_timestamp(at, "startsAt"))?,
            ends_at: Change::from(self.ends_at).check(|at| input::check_timestamp(at, "endsAt"))?,
            recurrence: self.recurrence.into(),
            timezone: self.timezone.into(),
            attendees: Change::from(self.attendee_ids).check(people)?,
        })
    }
}

pub(crate) fn people(ids: Vec<ID>) -> Outcome<Vec<entity::UserId>> {
    let mut people = input::ids(&ids, MAX_ATTENDEES, "attendeeIds")?;
    people.sort();
    people.dedup();
    Ok(people)
}

pub(crate) fn place(text: &str) -> Outcome<String> {
    input::check_line(text, input::TITLE, "location")
}
