//! Access rules for calendars and events, all in one place.
//!
//! | | the calendar and all its events | a single event |
//! | --- | --- | --- |
//! | owner | read, add, update | read, update |
//! | responsible person after a handover | read, add, update | read, update |
//! | administrators | read, add, update | read, update |
//! | integrations with READ_WORK; writes need a person | read | read |
//! | organizer of an event | | read, update |
//! | attendee of an event | | read |
//! | everybody else | | |
//!
//! A favorite calendar gives no access.

use entity::{calendar, event};

use crate::domain::auth::{Actor, Permission};

/// Returns whether the actor may see this calendar with all its events, and add events to it.
pub fn may_see(actor: &Actor, calendar: &calendar::Model) -> bool {
    actor.may(Permission::ReadWork) || [calendar.owner_id, calendar.kept_by_id].contains(&actor.user_id)
}

/// Returns whether the actor may change this event of this calendar.
pub fn may_edit(actor: &Actor, calendar: &calendar::Model, event: &event::Model) -> bool {
    may_see(actor, calendar) || event.organizer_id == actor.user_id
}

/// SQL condition for the rows of `events` that `$1`, who is no administrator, may see.
pub const VISIBLE_EVENTS: &str = "(events.organizer_id = $1 \
    OR EXISTS (SELECT 1 FROM event_attendees a WHERE a.event_id = events.id AND a.user_id = $1) \
    OR EXISTS (SELECT 1 FROM calendars c WHERE c.id = events.calendar_id \
               AND (c.owner_id = $1 OR c.kept_by_id = $1)))";

#[cfg(test)]
mod tests {
    use entity::user::Role;
    use entity::{CalendarId, EventId, SessionId, Timestamp, UserId};
    use uuid::Uuid;

    use super::*;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    #[test]
    fn the_table() {
        let [owner, keeper, organizer, stranger] = [1, 2, 3, 4].map(person);
        let at = Timestamp::UNIX_EPOCH;
        let calendar = calendar::Model {
            search_text: String::new(),
            id: CalendarId(Uuid::nil()),
            name: String::new(),
            owner_id: owner,
            kept_by_id: keeper,
            created_at: at,
            updated_at: at,
        };
        let event = event::Model {
            search_text: String::new(),
            id: EventId(Uuid::nil()),
            external_id: None,
            calendar_id: calendar.id,
            organizer_id: organizer,
            title: String::new(),
            location: None,
            starts_at: None,
            ends_at: None,
            recurrence: None,
            recurrence_text: None,
            timezone: None,
            over_at: None,
            created_at: at,
            updated_at: at,
        };
        for (who, role, sees, edits) in [
            (owner, Role::Employee, true, true),
            (keeper, Role::Employee, true, true),
            (organizer, Role::Employee, false, true),
            (stranger, Role::Employee, false, false),
            (stranger, Role::Administrator, true, true),
        ] {
            let actor = Actor {
                user_id: who,
                session_id: SessionId(Uuid::nil()),
                role,
                email: String::new(),
                dismissed_shown: true,
                may_read_replica: false,
                integration: None,
            };
            assert_eq!(may_see(&actor, &calendar), sees, "{who} sees");
            assert_eq!(may_edit(&actor, &calendar, &event), edits, "{who} edits");
        }
    }
}
