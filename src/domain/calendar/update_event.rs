//! updateEvent.

use std::sync::Arc;

use entity::event::{self, Model as Event};
use entity::{EventId, Timestamp, UserId, calendar, event_attendee};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

use super::recurrence::Timing;
use super::{access, list, recurrence, set_attendees};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Changes to an event, checked as far as possible without the event.
#[derive(Debug, Clone)]
pub struct UpdateEvent {
    /// Id of the event.
    pub event: EventId,
    /// Title; required.
    pub title: Change<String>,
    /// Location.
    pub location: Change<String>,
    /// Start of the first occurrence; required.
    pub starts_at: Change<Timestamp>,
    /// End of the first occurrence; required.
    pub ends_at: Change<Timestamp>,
    /// Recurrence rule.
    pub recurrence: Change<String>,
    /// Time zone.
    pub timezone: Change<String>,
    /// All attendees besides the organizer.
    pub attendees: Change<Vec<UserId>>,
}

/// Updates an event, as its organizer, the owner or responsible person of its calendar, or an administrator. Existing
/// attendees may be inactive, new ones may not.
///
/// # Errors
/// [`Code::NotFound`] for an event that the actor can't see, [`Error::Forbidden`] for one that they can only read;
/// [`Code::Invalid`] if the new times and the rule don't match.
pub async fn update_event(db: &Db, actor: &Actor, command: &UpdateEvent) -> Outcome<Event> {
    let retimed = &retime(db, command).await?;
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = event::Entity::find_by_id(command.event)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let Some(before) = before else { return missing() };
        if !list::may_see_event(&tx.conn, actor, before.id).await? {
            return missing();
        }
        let calendar = calendar::Entity::find_by_id(before.calendar_id)
            .one(&tx.conn)
            .await?
            .ok_or_else(|| Error::internal("the calendar of an event is missing"))?;
        if !access::may_edit(actor, &calendar, &before) {
            return Err(Error::Forbidden(
                "being the organizer of the event, or the owner or responsible person of its calendar",
            )
            .into());
        }
        let command = command.clone();
        let attendees_changed = match command.attendees.clone() {
            Change::Keep => false,
            Change::Set(people) => replace_attendees(tx, &before, people.unwrap_or_default()).await?,
        };
        let after = apply(&before, command, retimed.as_ref())?;
        if after == before && !attendees_changed {
            return Ok((before, Recorded::nothing_changed()));
        }
        let row = Event {
            updated_at: tx.now,
            ..after
        };
        let saved = event::Entity::update(row.into_active_model().reset_all())
            .exec(&tx.conn)
            .await?;
        let data = json!({
            "startsAt": { "from": before.starts_at, "to": saved.starts_at },
            "recurrence": { "from": before.recurrence, "to": saved.recurrence },
            "attendees": attendees_changed,
        });
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::EventUpdated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok((saved, recorded))
    })
    .await
}

fn missing<T>() -> Outcome<T> {
    refuse(Code::NotFound, "eventId", "there is no such event")
}

/// The columns that decide when an event takes place.
#[derive(Debug, PartialEq, Eq)]
struct Times {
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
    recurrence: Option<String>,
    timezone: Option<String>,
}

impl Times {
    fn of(row: &Event) -> Self {
        Self {
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            recurrence: row.recurrence.clone(),
            timezone: row.timezone.clone(),
        }
    }
}

/// Returns the current times, which the transaction compares, and the checked new ones, computed before the event is
/// locked, because a rule may take a while. A refusal is kept until the permission is checked.
///
/// The times are checked as a whole, and only if one of them changes: an imported event may lack a start, and can still
/// be renamed.
async fn retime(db: &Db, command: &UpdateEvent) -> Result<Option<(Times, Outcome<Timing>)>, Error> {
    let kept = command.starts_at == Change::Keep
        && command.ends_at == Change::Keep
        && command.recurrence == Change::Keep
        && command.timezone == Change::Keep;
    if kept {
        return Ok(None);
    }
    let found = event::Entity::find_by_id(command.event).one(db.read()).await?;
    let Some(row) = found else { return Ok(None) };
    let times = Times::of(&row);
    Ok(Some((times, timing(&row, command.clone()).await)))
}

async fn timing(before: &Event, command: UpdateEvent) -> Outcome<Timing> {
    let or_before = |change: Change<Timestamp>, old: Option<Timestamp>| match change {
        Change::Set(Some(new)) => Some(new),
        _ => old,
    };
    let Some(starts_at) = or_before(command.starts_at, before.starts_at) else {
        return refuse(
            Code::Invalid,
            "startsAt",
            "startsAt is required: the imported event has none",
        );
    };
    let Some(ends_at) = or_before(command.ends_at, before.ends_at) else {
        return refuse(
            Code::Invalid,
            "endsAt",
            "endsAt is required: the imported event has none",
        );
    };
    let rule = command.recurrence.or(before.recurrence.clone());
    let zone = command.timezone.or(before.timezone.clone());
    recurrence::check_offloaded(starts_at, ends_at, rule, zone).await
}

/// Returns the event with the changes applied.
fn apply(before: &Event, command: UpdateEvent, retimed: Option<&(Times, Outcome<Timing>)>) -> Outcome<Event> {
    let title = command.title.or_keep(before.title.clone());
    let mut after = Event {
        search_text: text::search_key(&title),
        title,
        location: command.location.or(before.location.clone()),
        ..before.clone()
    };
    let Some((times, timing)) = retimed else {
        return Ok(after);
    };
    if *times != Times::of(before) {
        return Err(Error::Conflict.into());
    }
    let timing = timing.clone()?;
    if command.recurrence != Change::Keep {
        after.recurrence_text = None;
    }
    after.starts_at = Some(timing.starts_at);
    after.ends_at = Some(timing.ends_at);
    after.recurrence = timing.recurrence;
    after.timezone = timing.timezone;
    // A text that is not a rule may describe an endless recurrence.
    after.over_at = timing.over_at.filter(|_| after.recurrence_text.is_none());
    Ok(after)
}

async fn replace_attendees(tx: &Tx, event: &Event, mut people: Vec<UserId>) -> Outcome<bool> {
    let before: Vec<UserId> = event_attendee::Entity::find()
        .select_only()
        .column(event_attendee::Column::UserId)
        .filter(event_attendee::Column::EventId.eq(event.id))
        .into_tuple()
        .all(&tx.conn)
        .await?;
    let new: Vec<UserId> = people
        .iter()
        .copied()
        .filter(|person| !before.contains(person))
        .collect();
    check_active(tx, &new, "attendeeIds").await?;
    if !people.contains(&event.organizer_id) {
        people.push(event.organizer_id);
    }
    set_attendees(tx, event.id, &people).await?;
    Ok(!new.is_empty() || before.iter().any(|person| !people.contains(person)))
}
