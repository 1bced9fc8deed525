//! TASK_PARTICIPANT: the tasks that a person assists in. The recipient takes part instead; nobody takes part twice.

use entity::handover_part::WorkKind;

use super::{Held, Holders, Kind};

/// Where the members of tasks are found, whatever part they play.
pub(super) const MEMBERS: Held = Held {
    table: "task_members m",
    join: "JOIN tasks w ON w.id = m.task_id",
    id: "m.task_id",
    holder: "m.user_id",
    closed: "w.closed",
    changed: "w.updated_at",
    only: "TRUE",
};

/// Someone who was in before the move that is taken back stays in.
pub(super) const STAYS: &str = "CASE WHEN b.reason = 'ALREADY_THERE' THEN 'STAYS' END";

/// See the module.
pub struct TaskParticipant;

impl Kind for TaskParticipant {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskParticipant
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            only: "m.role = 'PARTICIPANT'",
            ..MEMBERS
        }
    }

    fn holders(&self) -> Holders {
        Holders::Members
    }

    fn note(&self, _: bool) -> &'static str {
        "CASE WHEN EXISTS (SELECT 1 FROM task_members o \
         WHERE o.task_id = s.id AND o.role = 'PARTICIPANT' AND o.user_id = u.id) THEN 'ALREADY_THERE' END"
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
            "DELETE FROM task_members WHERE role = 'PARTICIPANT' AND task_id > $3 AND task_id <= $4 \
             AND EXISTS (SELECT 1 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = task_members.task_id AND e.chunk = $5 \
             AND e.from_id = task_members.user_id AND e.outcome = 'MOVED' \
             AND (e.reason IS NULL OR e.reason <> 'STAYS'))",
            "INSERT INTO task_members (task_id, role, user_id) \
             SELECT e.subject_id, 'PARTICIPANT', e.to_id FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' ON CONFLICT DO NOTHING",
        ]
    }
}
