//! createEvent.

use std::sync::Arc;

use entity::event::{self, Model as Event};
use entity::{CalendarId, EventId, UserId, calendar};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::recurrence::Timing;
use super::{access, set_attendees};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new event, checked.
#[derive(Debug, Clone)]
pub struct CreateEvent {
    /// Calendar.
    pub calendar: CalendarId,
    /// Title.
    pub title: String,
    /// Location.
    pub location: Option<String>,
    /// Time of the event.
    pub timing: Timing,
    /// Attendees besides the organizer.
    pub attendees: Vec<UserId>,
}

/// Creates an event organized and attended by the actor.
///
/// # Errors
/// [`Code::NotFound`] for a calendar that the actor can't see; [`Code::NotFound`] and [`Code::RecipientNotActive`] for
/// the people named.
pub async fn create_event(db: &Db, actor: &Actor, command: &CreateEvent) -> Outcome<Event> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = calendar::Entity::find_by_id(command.calendar)
            .one(&tx.conn)
            .await?;
        let Some(calendar) = found.filter(|row| access::may_see(actor, row)) else {
            return refuse(Code::NotFound, "calendarId", "there is no such calendar");
        };
        check_active(tx, &command.attendees, "attendeeIds").await?;
        let id = EventId(tx.new_id());
        let timing = command.timing.clone();
        let row = event::ActiveModel {
            id: Set(id),
            external_id: Set(None),
            calendar_id: Set(calendar.id),
            organizer_id: Set(actor.user_id),
            title: Set(command.title.clone()),
            search_text: Set(text::search_key(&command.title)),
            location: Set(command.location.clone()),
            starts_at: Set(Some(timing.starts_at)),
            ends_at: Set(Some(timing.ends_at)),
            recurrence: Set(timing.recurrence),
            recurrence_text: Set(None),
            timezone: Set(timing.timezone),
            over_at: Set(timing.over_at),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        };
        let saved = event::Entity::insert(row).exec_with_returning(&tx.conn).await?;
        let mut attendees = command.attendees.clone();
        attendees.push(actor.user_id);
        set_attendees(tx, id, &attendees).await?;
        let data = json!({ "calendar": calendar.id.to_string(), "startsAt": saved.starts_at });
        let recorded =
            journal::record(tx, &actor.author(), Action::EventCreated, Some(id.into()), data).await?;
        Ok((saved, recorded))
    })
    .await
}
