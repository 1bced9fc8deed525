//! Calendars and events in the API.

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
use async_graphql::{ComplexObject, Context, Object};
use chrono::{DateTime, Utc};
use entity::calendar;

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

/// Those of the calendars that the caller may see.
pub fn seen(ctx: &Context<'_>, rows: Option<Vec<calendar::Model>>) -> Result<Vec<Calendar>, Error> {
    let actor = ctx.actor()?;
    let rows = rows.unwrap_or_default().into_iter();
    Ok(rows
        .filter(|row| access::may_see(actor, row))
        .map(Calendar::from)
        .collect())
}
