//! Calendars and events in the API.

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{calendar, event};

use crate::domain::calendar as calendars_at;
use crate::domain::calendar::create_event;
use crate::domain::calendar::create_event::CreateEvent;
use crate::domain::calendar::list;
use crate::domain::calendar::list::Window;
use crate::domain::calendar::update_event;
use crate::domain::calendar::update_event::UpdateEvent;
use crate::domain::calendar::{
    MAX_ATTENDEES, access, create_calendar, favorite, feed, recurrence, rename_calendar,
};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

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
    row: calendar::Model,
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

/// What it costs to look for the occurrences of a calendar's recurring events.
fn window_cost(bounded: bool) -> usize {
    if bounded { 100 } else { 0 }
}

async fn user(ctx: &Context<'_>, id: entity::UserId) -> Result<User, Error> {
    let found = ctx.loaders().users.load(id).await?;
    found
        .map(User::from)
        .ok_or_else(|| Error::internal("a calendar or an event of nobody"))
}

#[ComplexObject]
impl Calendar {
    /// Whose it is. That never changes.
    async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Who looks after it: the owner, until a handover gives it to somebody else.
    async fn kept_by(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.kept_by_id).await
    }

    /// Its events that you may see and that take place between `from` and `to`, recurring ones included, by their
    /// first beginning. An imported event that does not say when it begins is only listed without a window.
    #[graphql(
        complexity = "page_cost(first, None, child_complexity) + window_cost(from.is_some() && to.is_some())"
    )]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is over by then is left out.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "What begins then or later is left out.")] to: Option<DateTime<Utc>>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<EventConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let window = Window {
            from: from.map(input::bound),
            to: to.map(input::bound),
        };
        let loaders = ctx.loaders();
        let page = list::events(
            ctx.db(),
            ctx.actor()?,
            &self.row,
            window,
            &args,
            &loaders.occurrences,
        );
        Ok(page.await?.into())
    }

    /// Where other calendar programs read it, in iCalendar form. It needs the same token as this API; `createCalendarFeed`
    /// makes an address that needs none.
    async fn ics_url(&self, ctx: &Context<'_>) -> String {
        calendars_at::url(ctx.public_url(), self.row.id)
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
    row: event::Model,
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

#[ComplexObject]
impl Event {
    /// Who organises it.
    async fn organizer(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.organizer_id).await
    }

    /// Who attends it, its organiser included.
    async fn attendees(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        let ids = ctx
            .loaders()
            .event_attendees
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        let mut found = ctx.loaders().users.load_many(ids.clone()).await;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(loaded) = found.remove(&id) {
                people.extend(loaded?.map(User::from));
            }
        }
        Ok(people)
    }

    /// The calendar that it stands in; null where you may not see that calendar.
    async fn calendar(&self, ctx: &Context<'_>) -> Nullable<Calendar> {
        let calendar = async {
            let found = ctx.loaders().calendars.load(self.row.calendar_id).await?;
            let calendar = found.ok_or_else(|| Error::internal("an event without a calendar"))?;
            Ok(access::may_see(ctx.actor()?, &calendar).then(|| calendar.into()))
        };
        calendar.await.transpose()
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

/// Those of the calendars that the caller may see.
pub fn seen(ctx: &Context<'_>, rows: Option<Vec<calendar::Model>>) -> Result<Vec<Calendar>, Error> {
    let actor = ctx.actor()?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows
        .filter(|row| access::may_see(actor, row))
        .map(Calendar::from)
        .collect())
}

/// A new calendar; you own it.
#[derive(InputObject)]
pub struct CreateCalendarInput {
    /// What it is called.
    name: String,
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
    calendar_id: ID,
}

/// The answer to `createCalendarFeed`.
#[derive(SimpleObject)]
pub struct CreateCalendarFeedPayload {
    /// The address, for calendar programs that subscribe. Whoever knows it sees the calendar: it is shown this once.
    url: Option<String>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
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
    fn new(outcome: Outcome<calendar::Model>) -> Result<Self, Error> {
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
    calendar_id: ID,
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
    fn new(outcome: Outcome<calendar::Model>) -> Result<Self, Error> {
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
    fn new(outcome: Outcome<event::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            event: row.map(Event::from),
            user_errors,
        })
    }
}

/// Changes of calendars and events.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Makes a calendar of your own.
    async fn create_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateCalendarInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = match input::line(&input.name, input::NAME, "name") {
            Ok(name) => create_calendar::create_calendar(ctx.db(), actor, &name).await,
            Err(refused) => Err(refused),
        };
        CalendarPayload::new(outcome)
    }

    /// Calls a calendar otherwise. Its owner, who looks after it and administrators may.
    async fn rename_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RenameCalendarInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        CalendarPayload::new(match input.check() {
            Ok((id, name)) => rename_calendar::rename_calendar(ctx.db(), actor, id, &name).await,
            Err(refused) => Err(refused),
        })
    }

    /// Makes a secret address of a calendar, to which calendar programs subscribe that send no token; in place of the one
    /// that you have made before. It ends with `revokeCalendarFeed` and with your dismissal, and shows nothing while you may
    /// not see the calendar.
    async fn create_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CalendarFeedInput,
    ) -> Result<CreateCalendarFeedPayload, Error> {
        let actor = ctx.actor()?;
        actor.require_person()?;
        let outcome = match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => feed::create(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        let (secret, user_errors) = split(outcome)?;
        Ok(CreateCalendarFeedPayload {
            url: secret.map(|secret| calendars_at::feed_url(ctx.public_url(), &secret)),
            user_errors,
        })
    }

    /// Ends all secret addresses of a calendar, whoever has made them; nothing happens when there is none.
    async fn revoke_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CalendarFeedInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        CalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => feed::revoke(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Makes an event. The owner of the calendar, who looks after it and administrators may.
    async fn create_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(match input.check().await {
            Ok(command) => create_event::create_event(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes an event. Its organiser, the owner of the calendar, who looks after it and administrators may.
    async fn update_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(match input.check() {
            Ok(command) => update_event::update_event(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Puts a calendar among your favourites; nothing happens when it is there.
    async fn add_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => favorite::add(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Takes a calendar from your favourites; nothing happens when it is not there.
    async fn remove_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => favorite::remove(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}

fn people(ids: Vec<ID>) -> Outcome<Vec<entity::UserId>> {
    let mut people = input::ids(&ids, MAX_ATTENDEES, "attendeeIds")?;
    people.sort();
    people.dedup();
    Ok(people)
}

fn place(text: &str) -> Outcome<String> {
    input::line(text, input::TITLE, "location")
}

impl RenameCalendarInput {
    fn check(self) -> Outcome<(entity::CalendarId, String)> {
        let id = input::id(&self.calendar_id, "calendarId")?;
        Ok((id, input::line(&self.name, input::NAME, "name")?))
    }
}

impl CreateEventInput {
    async fn check(self) -> Outcome<CreateEvent> {
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
    fn check(self) -> Outcome<UpdateEvent> {
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
