//! EVENT_ORGANIZER: the events that a person organises. They get a new organiser, who attends them instead. Closed
//! are those whose last occurrence has ended.

use entity::handover_part::WorkKind;

use super::task_participant::STAYS;
use super::{Held, Kind};

/// See the module.
pub struct EventOrganizer;

impl Kind for EventOrganizer {
    fn kind(&self) -> WorkKind {
        WorkKind::EventOrganizer
    }

    fn subject(&self) -> &'static str {
        entity::EventId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            table: "events w",
            join: "",
            id: "w.id",
            holder: "w.organizer_id",
            closed: "COALESCE(w.over_at <= {now}, FALSE)",
            changed: "w.updated_at",
            only: "TRUE",
        }
    }

    fn note(&self, _: bool) -> &'static str {
        "CASE WHEN EXISTS (SELECT 1 FROM event_attendees a \
         WHERE a.event_id = s.id AND a.user_id = u.id) THEN 'ALREADY_THERE' END"
    }

    fn note_when_undone(&self) -> &'static str {
        STAYS
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE events SET organizer_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND events.id = e.subject_id",
            // Whoever attended already before the move stays when it is undone: only their entry says so.
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
