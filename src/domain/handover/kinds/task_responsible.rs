//! TASK_RESPONSIBLE: the tasks that a person does. They get a new responsible.

use entity::handover_part::WorkKind;

use super::{Held, Kind};

/// See the module.
pub struct TaskResponsible;

/// Where the one before is active and does not follow the task already, they can be kept as an observer.
pub(super) const KEEP: &str = "CASE WHEN EXISTS (SELECT 1 FROM users k WHERE k.id = s.holder AND k.status = 'ACTIVE') \
    AND NOT EXISTS (SELECT 1 FROM task_members m WHERE m.task_id = s.id AND m.role = 'OBSERVER' AND m.user_id = s.holder) \
    THEN 'KEPT_AS_OBSERVER' END";

/// An observer who was kept by the move that is taken back goes again.
pub(super) const UNKEEP: &str = "CASE WHEN b.reason = 'KEPT_AS_OBSERVER' THEN 'NO_LONGER_OBSERVER' END";

/// Adds and removes the observers that the ledger notes.
pub(super) const ADD_KEPT: &str = "INSERT INTO task_members (task_id, role, user_id) \
    SELECT e.subject_id, 'OBSERVER', e.from_id FROM handover_entries e \
    WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
    AND e.outcome = 'MOVED' AND e.reason = 'KEPT_AS_OBSERVER' ON CONFLICT DO NOTHING";
/// See [`ADD_KEPT`].
pub(super) const DROP_KEPT: &str = "DELETE FROM task_members WHERE role = 'OBSERVER' AND task_id > $3 AND task_id <= $4 \
    AND EXISTS (SELECT 1 FROM handover_entries e \
    WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = task_members.task_id AND e.chunk = $5 \
    AND e.to_id = task_members.user_id AND e.outcome = 'MOVED' AND e.reason = 'NO_LONGER_OBSERVER')";

impl Kind for TaskResponsible {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskResponsible
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            table: "tasks w",
            join: "",
            id: "w.id",
            holder: "w.responsible_id",
            closed: "w.closed",
            changed: "w.updated_at",
            only: "TRUE",
        }
    }

    fn can_keep_observer(&self) -> bool {
        true
    }

    fn note(&self, keep_as_observer: bool) -> &'static str {
        if keep_as_observer { KEEP } else { "NULL" }
    }

    fn note_when_undone(&self) -> &'static str {
        UNKEEP
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE tasks SET responsible_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND tasks.id = e.subject_id",
            ADD_KEPT,
            DROP_KEPT,
        ]
    }
}
