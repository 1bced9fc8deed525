//! TASK_PARTICIPANT, TASK_OBSERVER: tasks in which the person has this role. The recipient replaces them in it, at most
//! once per task.

use entity::handover_part::WorkKind;

use super::{Holders, Kind, Source};

/// A member from before the undone move stays.
pub(super) const STAYS: &str = "CASE WHEN b.reason = 'ALREADY_THERE' THEN 'STAYS' END";

/// One of the two roles.
pub struct TaskMembers {
    kind: WorkKind,
    filter: &'static str,
    reason: &'static str,
    statements: &'static [&'static str],
}

macro_rules! members {
    ($kind:ident, $role:literal) => {
        TaskMembers {
            kind: WorkKind::$kind,
            filter: concat!("m.role = '", $role, "'"),
            reason: concat!(
                "CASE WHEN EXISTS (SELECT 1 FROM task_members o WHERE o.task_id = s.id AND o.role = '",
                $role,
                "' AND o.user_id = u.id) THEN 'ALREADY_THERE' END"
            ),
            statements: &[
                // Recipients who were members before the move stay after an undo; only their entry records that.
                "UPDATE tasks SET updated_at = $6 WHERE id IN (SELECT e.subject_id FROM handover_entries e \
                 WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 \
                 AND e.chunk = $5 AND e.outcome = 'MOVED')",
                concat!(
                    "DELETE FROM task_members WHERE role = '",
                    $role,
                    "' AND task_id > $3 AND task_id <= $4 AND EXISTS (SELECT 1 FROM handover_entries e \
                     WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = task_members.task_id \
                     AND e.chunk = $5 AND e.from_id = task_members.user_id AND e.outcome = 'MOVED' \
                     AND (e.reason IS NULL OR e.reason <> 'STAYS'))"
                ),
                concat!(
                    "INSERT INTO task_members (task_id, role, user_id) SELECT e.subject_id, '",
                    $role,
                    "', e.to_id FROM handover_entries e WHERE e.handover_id = $1 AND e.kind = $2 \
                     AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 AND e.outcome = 'MOVED' \
                     ON CONFLICT DO NOTHING"
                ),
            ],
        }
    };
}

pub(super) const PARTICIPANT: TaskMembers = members!(TaskParticipant, "PARTICIPANT");
pub(super) const OBSERVER: TaskMembers = members!(TaskObserver, "OBSERVER");

impl Kind for TaskMembers {
    fn kind(&self) -> WorkKind {
        self.kind
    }

    fn table(&self) -> &'static str {
        "tasks"
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "task_members m",
            join: "JOIN tasks w ON w.id = m.task_id",
            id: "m.task_id",
            holder: "m.user_id",
            closed: "w.closed",
            changed: "w.updated_at",
            filter: self.filter,
        }
    }

    fn holders(&self) -> Holders {
        Holders::Members
    }

    fn reason(&self, _: bool) -> &'static str {
        self.reason
    }

    fn undo_reason(&self) -> &'static str {
        STAYS
    }

    fn statements(&self) -> &'static [&'static str] {
        self.statements
    }
}
