//! Queries on calendars and events. [`access`] decides on visibility.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::{CalendarId, EventId, Timestamp, UserId, calendar, event, event_attendee, favorite_calendar};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};
use tokio::sync::Mutex;

use super::{access, recurrence};
use crate::domain::auth::{Actor, Permission};
use crate::domain::recurrence::{Budget, BudgetExhausted};
use crate::error::Error;
use crate::runtime::compute;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::page;
use crate::store::page::{By, Order, Page, PageArgs};

/// Maximum number of recurring events in one calendar whose rules are evaluated for one window. Further ones are listed
/// unchecked: a false positive is noticed, a missing event is not.
const MAX_EVALUATED: u64 = 2_000;

/// Number of recurring events that are evaluated inline for a short window: cheaper than switching threads.
const FEW: usize = 16;
/// Maximum length of such a window: see [`FEW`].
const SHORT: TimeDelta = TimeDelta::days(62);
/// Step budget for all windows of one request, about twenty milliseconds: a day in nine calendars of two thousand
/// recurring events each, or a year in one of them, if none of the events occurs.
pub const OCCURRENCE_BUDGET: u32 = 1_000_000;

/// A time range; unbounded where a side is missing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// Excludes events that have ended by then.
    pub from: Option<Timestamp>,
    /// Excludes events that start then or later.
    pub to: Option<Timestamp>,
}

/// Returns a page of the events of a visible calendar that occur in the window, by first start. Events without a start
/// are in no window; without a window they come first. The search for occurrences takes steps from the `budget` of the
/// request.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments, and when the budget is exhausted.
pub async fn events(
    db: &Db,
    actor: &Actor,
    calendar: &calendar::Model,
    window: Window,
    args: &PageArgs,
    budget: &Arc<Mutex<Budget>>,
) -> Result<Page<event::Model>, Error> {
    let mut select = event::Entity::find().filter(event::Column::CalendarId.eq(calendar.id));
    if !access::may_see(actor, calendar) {
        select = select.filter(sql_condition(
            db.backend(),
            access::VISIBLE_EVENTS,
            &[actor.user_id.into()],
        ));
    }
    if window.from.is_some() || window.to.is_some() {
        select = select.filter(event::Column::StartsAt.is_not_null());
    }
    if let Some(from) = window.from {
        // An event of zero length has ended at that time, but still occurs in a window that starts with it.
        let lasts = Condition::any()
            .add(event::Column::OverAt.is_null())
            .add(event::Column::OverAt.gt(from))
            .add(event::Column::StartsAt.gte(from));
        select = select.filter(lasts);
    }
    if let Some(to) = window.to {
        select = select.filter(event::Column::StartsAt.lt(to));
    }
    if let (Some(from), Some(to)) = (window.from, window.to) {
        if to <= from {
            return Err(Error::BadInput("to must be later than from".to_owned()));
        }
        let idle = idle_between(db, select.clone(), from, to, budget).await?;
        if !idle.is_empty() {
            select = select.filter(event::Column::Id.is_not_in(idle));
        }
    }
    let order = Order {
        tag: "starts",
        by: Some(By::of::<Timestamp>(Expr::cust(begins(db.backend())))),
        id: Expr::col((event::Entity, event::Column::Id)),
        descending: false,
    };
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Must match the expression of the index literally.
fn begins(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "COALESCE(events.starts_at, TIMESTAMPTZ '0001-01-01 00:00:00+00')",
        _ => "COALESCE(events.starts_at, '0001-01-01T00:00:00+00:00')",
    }
}

/// Returns those of the selected recurring events that have started, have not ended, and have no occurrence between
/// `from` and `to`.
async fn idle_between(
    db: &Db,
    select: Select<event::Entity>,
    from: Timestamp,
    to: Timestamp,
    budget: &Arc<Mutex<Budget>>,
) -> Result<Vec<EventId>, Error> {
    // One window of a request at a time, even for fields resolved concurrently: otherwise the rows of all of them could
    // be read in one go on a runtime thread.
    let mut budget = Arc::clone(budget).lock_owned().await;
    let select = select
        .filter(event::Column::Recurrence.is_not_null())
        .filter(event::Column::EndsAt.lte(from))
        .order_by_asc(event::Column::Id)
        .limit(MAX_EVALUATED);
    let rows = db.read().query_all_raw(select.build(db.backend())).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let quick = rows.len() <= FEW && to - from <= SHORT;
    // Converting a thousand rows takes longer than looking for the occurrences of most.
    let mut idle = move || {
        let mut idle = Vec::new();
        for row in &rows {
            let row = event::Model::from_query_result(row, "")?;
            match recurrence::occurs_within(&row, from, to, &mut budget) {
                Ok(true) => {}
                Ok(false) => idle.push(row.id),
                Err(BudgetExhausted) => return Ok(Err(BudgetExhausted)),
            }
        }
        Ok(Ok(idle))
    };
    let found: Result<Result<Vec<EventId>, BudgetExhausted>, DbErr> = match quick {
        true => idle(),
        false => compute::run(idle).await?,
    };
    found?.map_err(|BudgetExhausted| {
        Error::BadInput(
            "from, to: too many occurrences of recurring events would have to be looked at; \
             ask for a shorter time or fewer calendars in one request"
                .to_owned(),
        )
    })
}

/// Returns whether the actor may see this event.
///
/// # Errors
/// When the database fails.
pub async fn may_see_event(conn: &impl ConnectionTrait, actor: &Actor, id: EventId) -> Result<bool, Error> {
    if actor.may(Permission::ReadWork) {
        return Ok(true);
    }
    let sql = format!(
        "SELECT 1 FROM events WHERE events.id = $2 AND {}",
        access::VISIBLE_EVENTS
    );
    Ok(!db::query(conn, &sql, [actor.user_id.into(), id.into()])
        .await?
        .is_empty())
}

/// Which of these people, who may not read everybody's work, can see which of these events.
///
/// # Errors
/// When the database fails.
pub async fn visible_events(
    db: &Db,
    pairs: &[(UserId, EventId)],
) -> Result<HashMap<(UserId, EventId), ()>, Error> {
    db::pairs_where(db.read(), "events", access::VISIBLE_EVENTS, pairs).await
}

/// Returns calendars by id, without a permission check: for those already known to be visible, such as the calendar of
/// an event.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[CalendarId]) -> Result<HashMap<CalendarId, calendar::Model>, Error> {
    db::by_ids::<calendar::Entity, _>(db.read(), calendar::Column::Id, ids, |row| row.id).await
}

/// Returns events by id, without a permission check: for those already known to be visible, such as subjects of a
/// ledger.
///
/// # Errors
/// When the database fails.
pub async fn events_by_ids(db: &Db, ids: &[EventId]) -> Result<HashMap<EventId, event::Model>, Error> {
    db::by_ids::<event::Entity, _>(db.read(), event::Column::Id, ids, |row| row.id).await
}

/// Returns the calendars of each person, by creation.
///
/// # Errors
/// When the database fails.
pub async fn owned(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Vec<calendar::Model>>, Error> {
    let rows = calendar::Entity::find()
        .filter(calendar::Column::OwnerId.is_in(people.iter().copied()))
        .order_by_asc(calendar::Column::Id)
        .all(db.read())
        .await?;
    let mut found: HashMap<UserId, Vec<calendar::Model>> = HashMap::new();
    for row in rows {
        found.entry(row.owner_id).or_default().push(row);
    }
    Ok(found)
}

/// Returns the favorite calendars of each person.
///
/// # Errors
/// When the database fails.
pub async fn favorites(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Vec<calendar::Model>>, Error> {
    let marks = favorite_calendar::Entity::find()
        .filter(favorite_calendar::Column::UserId.is_in(people.iter().copied()))
        .order_by_asc(favorite_calendar::Column::CalendarId)
        .all(db.read())
        .await?;
    let mut ids: Vec<CalendarId> = marks.iter().map(|mark| mark.calendar_id).collect();
    ids.dedup();
    let mut calendars = HashMap::with_capacity(ids.len());
    for some in ids.chunks(1_000) {
        calendars.extend(by_ids(db, some).await?);
    }
    let mut found: HashMap<UserId, Vec<calendar::Model>> = HashMap::new();
    for mark in marks {
        let row = calendars.get(&mark.calendar_id).cloned();
        found.entry(mark.user_id).or_default().extend(row);
    }
    Ok(found)
}

/// Returns the attendees of each event.
///
/// # Errors
/// When the database fails.
pub async fn attendees(db: &Db, events: &[EventId]) -> Result<HashMap<EventId, Vec<UserId>>, Error> {
    let rows = event_attendee::Entity::find()
        .filter(event_attendee::Column::EventId.is_in(events.iter().copied()))
        .order_by_asc(event_attendee::Column::UserId)
        .all(db.read())
        .await?;
    let mut found: HashMap<EventId, Vec<UserId>> = HashMap::new();
    for row in rows {
        found.entry(row.event_id).or_default().push(row.user_id);
    }
    Ok(found)
}

/// Returns a calendar, if visible to the actor.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: CalendarId) -> Result<Option<calendar::Model>, Error> {
    let found = calendar::Entity::find_by_id(id).one(db.read()).await?;
    Ok(found.filter(|row| access::may_see(actor, row)))
}
