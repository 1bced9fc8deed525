//! CALENDAR: calendars the person is responsible for. The recipient becomes responsible and gets them as favorites; the
//! owner stays the same.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// See the module.
pub struct Calendar;

impl Kind for Calendar {
    fn kind(&self) -> WorkKind {
        WorkKind::Calendar
    }

    fn table(&self) -> &'static str {
        "calendars"
    }

    fn subject(&self) -> &'static str {
        entity::CalendarId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "calendars w",
            join: "",
            id: "w.id",
            holder: "w.kept_by_id",
            closed: "FALSE",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE calendars SET kept_by_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND calendars.id = e.subject_id",
            // A favorite chosen by a person stays; one added by a handover moves with the calendar.
            "DELETE FROM favorite_calendars WHERE handed = TRUE AND calendar_id > $3 AND calendar_id <= $4 \
             AND EXISTS (SELECT 1 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = favorite_calendars.calendar_id \
             AND e.chunk = $5 AND e.from_id = favorite_calendars.user_id AND e.outcome = 'MOVED')",
            // The owner sees it among their own calendars.
            "INSERT INTO favorite_calendars (user_id, calendar_id, handed, created_at) \
             SELECT e.to_id, e.subject_id, TRUE, $6 FROM handover_entries e JOIN calendars c ON c.id = e.subject_id \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND c.owner_id <> e.to_id ON CONFLICT DO NOTHING",
        ]
    }
}
