//! TASK_OBSERVER: the tasks that a person follows. The recipient follows them instead; nobody follows twice.

use entity::handover_part::WorkKind;

use super::task_participant::{MEMBERS, STAYS};
use super::{Held, Holders, Kind};

/// See the module.
pub struct TaskObserver;

impl Kind for TaskObserver {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskObserver
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            only: "m.role = 'OBSERVER'",
            ..MEMBERS
        }
    }

    fn holders(&self) -> Holders {
        Holders::Members
    }

    fn note(&self, _: bool) -> &'static str {
        "CASE WHEN EXISTS (SELECT 1 FROM task_members o \
         WHERE o.task_id = s.id AND o.role = 'OBSERVER' AND o.user_id = u.id) THEN 'ALREADY_THERE' END"
    }

    fn note_when_undone(&self) -> &'static str {
        STAYS
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            // Whoever was there already before the move stays when it is undone: only their entry says so.
            "UPDATE tasks SET updated_at = $6 WHERE id IN (SELECT e.subject_id FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED')",
            "DELETE FROM task_members WHERE role = 'OBSERVER' AND task_id > $3 AND task_id <= $4 \
             AND EXISTS (SELECT 1 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = task_members.task_id AND e.chunk = $5 \
             AND e.from_id = task_members.user_id AND e.outcome = 'MOVED' \
             AND (e.reason IS NULL OR e.reason <> 'STAYS'))",
            "INSERT INTO task_members (task_id, role, user_id) \
             SELECT e.subject_id, 'OBSERVER', e.to_id FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' ON CONFLICT DO NOTHING",
        ]
    }
}
