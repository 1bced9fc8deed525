//! The types of the API: calendar.

use crate::domain::calendar::create_event::CreateEvent;
use crate::domain::calendar::update_event::UpdateEvent;
use crate::domain::calendar::{MAX_ATTENDEES, recurrence};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::{UserError, split};
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{calendar, event};

/// A calendar. Seen by its owner, by who looks after it since a handover, and by administrators; whoever attends an
/// event sees that event.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Calendar {
    /// The id.
    pub id: ID,
    /// What it is called.
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

/// An event of a calendar, which may recur.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Event {
    /// The id.
    pub id: ID,
    /// The id in the system that the event was imported from.
    external_id: Option<String>,
    /// What it is called.
    title: String,
    /// Where it takes place.
    location: Option<String>,
    /// When it begins, the first time; null where an import did not know.
    starts_at: Option<DateTime<Utc>>,
    /// When it ends, the first time.
    ends_at: Option<DateTime<Utc>>,
    /// When it takes place again: the value of an RRULE (RFC 5545), `FREQ=WEEKLY;BYDAY=MO` for instance.
    recurrence: Option<String>,
    /// The imported recurrence in its own words, where they are no rule.
    recurrence_text: Option<String>,
    /// The IANA name of the time zone whose clocks the recurrence follows; UTC where there is none.
    timezone: Option<String>,
    /// When its last occurrence ends; null where there is no last one.
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

/// A new calendar; you own it.
#[derive(InputObject)]
pub struct CreateCalendarInput {
    /// What it is called.
    pub(crate) name: String,
}

/// What a calendar is to be called.
#[derive(InputObject)]
pub struct RenameCalendarInput {
    /// Which one: your own, or one that you look after.
    calendar_id: ID,
    /// Its new name.
    name: String,
}

/// A calendar to subscribe to.
#[derive(InputObject)]
pub struct CalendarFeedInput {
    /// Which one: your own, or one that you look after.
    pub(crate) calendar_id: ID,
}

/// The answer to `createCalendarFeed`.
#[derive(SimpleObject)]
pub struct CreateCalendarFeedPayload {
    /// The address, for calendar programs that subscribe. Whoever knows it sees the calendar: it is shown this once.
    pub(crate) url: Option<String>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// The answer to `createCalendar`, `renameCalendar` and `revokeCalendarFeed`.
#[derive(SimpleObject)]
pub struct CalendarPayload {
    /// The calendar.
    calendar: Option<Calendar>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl CalendarPayload {
    pub(crate) fn new(outcome: Outcome<calendar::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            calendar: row.map(Calendar::from),
            user_errors,
        })
    }
}

/// A calendar to be among your favourites, or not.
#[derive(InputObject)]
pub struct FavoriteCalendarInput {
    /// Which one.
    pub(crate) calendar_id: ID,
}

/// The answer to `addFavoriteCalendar` and `removeFavoriteCalendar`.
#[derive(SimpleObject)]
pub struct FavoriteCalendarPayload {
    /// The calendar.
    calendar: Option<Calendar>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl FavoriteCalendarPayload {
    pub(crate) fn new(outcome: Outcome<calendar::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            calendar: row.map(Calendar::from),
            user_errors,
        })
    }
}

/// A new event; you organise and attend it.
#[derive(InputObject)]
pub struct CreateEventInput {
    /// The calendar: your own, or one that you look after.
    calendar_id: ID,
    /// What it is called.
    title: String,
    /// Where it takes place.
    location: Option<String>,
    /// When it begins, the first time; to the second.
    starts_at: DateTime<Utc>,
    /// When it ends, the first time; to the second.
    ends_at: DateTime<Utc>,
    /// The value of an RRULE (RFC 5545): by day, week, month or year, at the time of day of `startsAt`, which has to be
    /// its first time.
    recurrence: Option<String>,
    /// The IANA name of the time zone whose clocks the recurrence follows; UTC when left out.
    timezone: Option<String>,
    /// Who attends, beside you: active people.
    attendee_ids: Option<Vec<ID>>,
}

/// What is to change of an event; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateEventInput {
    /// Which event.
    event_id: ID,
    /// What it is called; it can't be removed.
    title: MaybeUndefined<String>,
    /// Where it takes place.
    location: MaybeUndefined<String>,
    /// When it begins, the first time; it can't be removed.
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// When it ends, the first time; it can't be removed.
    ends_at: MaybeUndefined<DateTime<Utc>>,
    /// Its rule.
    recurrence: MaybeUndefined<String>,
    /// Its time zone.
    timezone: MaybeUndefined<String>,
    /// Everybody who attends, beside its organiser.
    attendee_ids: MaybeUndefined<Vec<ID>>,
}

/// The answer to an operation on an event.
#[derive(SimpleObject)]
pub struct EventPayload {
    /// The event as it is now.
    event: Option<Event>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl EventPayload {
    pub(crate) fn new(outcome: Outcome<event::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            event: row.map(Event::from),
            user_errors,
        })
    }
}

impl RenameCalendarInput {
    pub(crate) fn check(self) -> Outcome<(entity::CalendarId, String)> {
        let id = input::id(&self.calendar_id, "calendarId")?;
        Ok((id, input::line(&self.name, input::NAME, "name")?))
    }
}

impl CreateEventInput {
    pub(crate) async fn check(self) -> Outcome<CreateEvent> {
        Ok(CreateEvent {
            calendar: input::id(&self.calendar_id, "calendarId")?,
            title: input::line(&self.title, input::TITLE, "title")?,
            location: self.location.as_deref().map(place).transpose()?,
            attendees: people(self.attendee_ids.unwrap_or_default())?,
            timing: recurrence::check_aside(
                input::moment(self.starts_at, "startsAt")?,
                input::moment(self.ends_at, "endsAt")?,
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
                .check(|text: String| input::line(&text, input::TITLE, "title"))?,
            location: Change::from(self.location).check(|text: String| place(&text))?,
            starts_at: Change::from(self.starts_at).check(|at| input::moment(at, "startsAt"))?,
            ends_at: Change::from(self.ends_at).check(|at| input::moment(at, "endsAt"))?,
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
    input::line(text, input::TITLE, "location")
}
