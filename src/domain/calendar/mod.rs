//! Calendars and their events.
//!
//! The owner of a calendar never changes; the responsible person can. [`access`] decides who may read and change what,
//! [`recurrence`] when an event occurs.

pub mod access;
pub mod create_calendar;
pub mod create_event;
pub mod favorite;
pub mod feed;
pub mod ics;
pub mod list;
pub mod recurrence;
pub mod rename_calendar;
pub mod timezone;
pub mod update_event;

use entity::CalendarId;
use entity::{EventId, UserId, event_attendee};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::error::Error;
use crate::store::db::Tx;

/// Maximum number of attendees of an event.
pub const MAX_ATTENDEES: usize = 200;

/// Replaces the attendees of an event.
///
/// # Errors
/// When the database fails.
pub async fn set_attendees(tx: &Tx, event: EventId, people: &[UserId]) -> Result<(), Error> {
    event_attendee::Entity::delete_many()
        .filter(event_attendee::Column::EventId.eq(event))
        .filter(event_attendee::Column::UserId.is_not_in(people.iter().copied()))
        .exec(&tx.conn)
        .await?;
    let rows = people.iter().map(|&user_id| event_attendee::ActiveModel {
        event_id: Set(event),
        user_id: Set(user_id),
    });
    event_attendee::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(())
}

/// Returns the URL of a calendar's file, below the public URL.
pub fn url(public_url: &str, id: CalendarId) -> String {
    format!("{}/calendar/{id}.ics", public_url.trim_end_matches('/'))
}

/// Returns the URL of a feed, below the public URL.
pub fn feed_url(public_url: &str, secret: &str) -> String {
    format!("{}/calendar/feed/{secret}.ics", public_url.trim_end_matches('/'))
}
