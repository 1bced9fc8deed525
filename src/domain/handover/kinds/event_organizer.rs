//! EVENT_ORGANIZER: events the person organizes. They get a new organizer, who also replaces them as an attendee.
//! Events whose last occurrence has ended are closed.

use entity::handover_part::WorkKind;

use super::task_members::STAYS;
use super::{Kind, Source};

/// See the module.
pub struct EventOrganizer;

impl Kind for EventOrganizer {
    fn kind(&self) -> WorkKind {
        WorkKind::EventOrganizer
    }

    fn table(&self) -> &'static str {
        "events"
    }

    fn subject(&self) -> &'static str {
        entity::EventId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "events w",
            join: "",
            id: "w.id",
            holder: "w.organizer_id",
            closed: "COALESCE(w.over_at <= {now}, FALSE)",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn reason(&self, _: bool) -> &'static str {
        "CASE WHEN EXISTS (SELECT 1 FROM event_attendees a \
         WHERE a.event_id = s.id AND a.user_id = u.id) THEN 'ALREADY_THERE' END"
    }

    fn undo_reason(&self) -> &'static str {
        STAYS
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE events SET organizer_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND events.id = e.subject_id",
            // Recipients who attended before the move keep attending after an undo; only their entry records that.
            "DELETE FROM event_attendees WHERE event_id > $3 AND event_id <= $4 \
             AND EXISTS (SELECT 1 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = event_attendees.event_id AND e.chunk = $5 \
             AND e.from_id = event_attendees.user_id AND e.outcome = 'MOVED' \
             AND (e.reason IS NULL OR e.reason <> 'STAYS'))",
            "INSERT INTO event_attendees (event_id, user_id) \
             SELECT e.subject_id, e.to_id FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' ON CONFLICT DO NOTHING",
        ]
    }
}
