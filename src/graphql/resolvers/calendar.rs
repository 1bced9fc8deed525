//! Resolvers: calendars and events.

use async_graphql::{ComplexObject, Context, Object};
use chrono::{DateTime, Utc};
use entity::calendar;

use crate::domain::calendar as calendars_at;
use crate::domain::calendar::create_event;
use crate::domain::calendar::list;
use crate::domain::calendar::list::Window;
use crate::domain::calendar::update_event;
use crate::domain::calendar::{access, create_calendar, favorite, feed, rename_calendar};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::calendar::{
    Calendar, CalendarFeedInput, CalendarPayload, CreateCalendarFeedPayload, CreateCalendarInput,
    CreateEventInput, Event, EventConnection, EventPayload, FavoriteCalendarInput, FavoriteCalendarPayload,
    RenameCalendarInput, UpdateEventInput,
};
use crate::graphql::types::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

#[ComplexObject]
impl Calendar {
    /// Owner; never changes.
    async fn owner(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.owner_id).await
    }

    /// Keeper, who manages the calendar: the owner, until a handover assigns someone else.
    async fn kept_by(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.kept_by_id).await
    }

    /// Events that you can see and that take place between `from` and `to`, including recurring ones, ordered by the
    /// start of the first occurrence. Imported events without a start are listed only when neither bound is set.
    #[graphql(
        complexity = "page_cost(first, None, child_complexity) + window_cost(from.is_some() && to.is_some())"
    )]
    async fn events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Leaves out events that have ended by this time.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Leaves out events that start at or after this time.")] to: Option<DateTime<Utc>>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
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

    /// URL of the calendar in iCalendar format. It needs the same token as this API; `createCalendarFeed` creates a URL
    /// that needs none.
    async fn ics_url(&self, ctx: &Context<'_>) -> String {
        calendars_at::url(ctx.public_url(), self.row.id)
    }
}

#[ComplexObject]
impl Event {
    /// Organizer.
    async fn organizer(&self, ctx: &Context<'_>) -> Result<User, Error> {
        user(ctx, self.row.organizer_id).await
    }

    /// Attendees, including the organizer.
    async fn attendees(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        let ids = ctx
            .loaders()
            .event_attendees
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        let people = ctx.loaders().users.load_all(&ids).await?;
        Ok(people.into_iter().map(User::from).collect())
    }

    /// The calendar of the event; null when you can't see that calendar.
    async fn calendar(&self, ctx: &Context<'_>) -> Nullable<Calendar> {
        let calendar = async {
            let found = ctx.loaders().calendars.load(self.row.calendar_id).await?;
            let calendar = found.ok_or_else(|| Error::internal("an event without a calendar"))?;
            Ok(access::may_see(ctx.actor()?, &calendar).then(|| calendar.into()))
        };
        calendar.await.transpose()
    }
}

/// Mutations for calendars and events.
#[derive(Default)]
pub struct CalendarMutation;

#[Object]
impl CalendarMutation {
    /// Creates a calendar that you own.
    async fn create_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateCalendarInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        let outcome = match input::line(&input.name, input::NAME, "name") {
            Ok(name) => create_calendar::create_calendar(ctx.db(), actor, &name).await,
            Err(refused) => Err(refused),
        };
        CalendarPayload::new(outcome)
    }

    /// Renames a calendar. Allowed for its owner, its keeper and administrators.
    async fn rename_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RenameCalendarInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        CalendarPayload::new(match input.check() {
            Ok((id, name)) => rename_calendar::rename_calendar(ctx.db(), actor, id, &name).await,
            Err(refused) => Err(refused),
        })
    }

    /// Creates a secret feed URL of a calendar, for calendar clients that can't send a token; it replaces the one that
    /// you created before. It ends with `revokeCalendarFeed` and with your dismissal, and is empty while you can't see
    /// the calendar.
    async fn create_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CalendarFeedInput,
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

    /// Revokes all secret feed URLs of a calendar, including those of others; does nothing when there is none.
    async fn revoke_calendar_feed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CalendarFeedInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        CalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => feed::revoke(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Creates an event. Allowed for the owner of the calendar, its keeper and administrators.
    async fn create_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(match input.check().await {
            Ok(command) => create_event::create_event(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Updates an event. Allowed for its organizer, the owner of the calendar, its keeper and administrators.
    async fn update_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(match input.check() {
            Ok(command) => update_event::update_event(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Adds a calendar to your favorites; does nothing when it is one already.
    async fn add_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => favorite::add(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Removes a calendar from your favorites; does nothing when it is not one.
    async fn remove_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(match input::id(&input.calendar_id, "calendarId") {
            Ok(id) => favorite::remove(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}

/// The complexity of searching a calendar's recurring events for occurrences.
fn window_cost(bounded: bool) -> usize {
    if bounded { 100 } else { 0 }
}

async fn user(ctx: &Context<'_>, id: entity::UserId) -> Result<User, Error> {
    let found = ctx.loaders().users.load(id).await?;
    found
        .map(User::from)
        .ok_or_else(|| Error::internal("a calendar or an event of nobody"))
}

/// The calendars among these that the caller can see.
pub fn seen(ctx: &Context<'_>, rows: Option<Vec<calendar::Model>>) -> Result<Vec<Calendar>, Error> {
    let actor = ctx.actor()?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows
        .filter(|row| access::may_see(actor, row))
        .map(Calendar::from)
        .collect())
}
