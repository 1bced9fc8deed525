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
            from: from.map(input::clamp_timestamp),
            to: to.map(input::clamp_timestamp),
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
            let calendar = found.ok_or_else(|| Error::internal("the calendar of an event is missing"))?;
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
        let outcome = async {
            create_calendar::create_calendar(
                ctx.db(),
                actor,
                &input::check_line(&input.name, input::NAME, "name")?,
            )
            .await
        }
        .await;
        CalendarPayload::new(outcome)
    }

    /// Renames a calendar. Allowed for its owner, its keeper and administrators.
    async fn rename_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RenameCalendarInput,
    ) -> Result<CalendarPayload, Error> {
        let actor = ctx.actor()?;
        CalendarPayload::new(
            async {
                let (id, name) = input.check()?;
                rename_calendar::rename_calendar(ctx.db(), actor, id, &name).await
            }
            .await,
        )
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
        let outcome =
            async { feed::create(ctx.db(), actor, input::id(&input.calendar_id, "calendarId")?).await }.await;
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
        CalendarPayload::new(
            async { feed::revoke(ctx.db(), actor, input::id(&input.calendar_id, "calendarId")?).await }.await,
        )
    }

    /// Creates an event. Allowed for the owner of the calendar, its keeper and administrators.
    async fn create_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(
            async { create_event::create_event(ctx.db(), actor, &input.check().await?).await }.await,
        )
    }

    /// Updates an event. Allowed for its organizer, the owner of the calendar, its keeper and administrators.
    async fn update_event(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateEventInput,
    ) -> Result<EventPayload, Error> {
        let actor = ctx.actor()?;
        EventPayload::new(async { update_event::update_event(ctx.db(), actor, &input.check()?).await }.await)
    }

    /// Adds a calendar to your favorites; does nothing when it is one already.
    async fn add_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(
            async { favorite::add(ctx.db(), actor, input::id(&input.calendar_id, "calendarId")?).await }
                .await,
        )
    }

    /// Removes a calendar from your favorites; does nothing when it is not one.
    async fn remove_favorite_calendar(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: FavoriteCalendarInput,
    ) -> Result<FavoriteCalendarPayload, Error> {
        let actor = ctx.actor()?;
        FavoriteCalendarPayload::new(
            async { favorite::remove(ctx.db(), actor, input::id(&input.calendar_id, "calendarId")?).await }
                .await,
        )
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
