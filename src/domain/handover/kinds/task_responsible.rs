//! TASK_RESPONSIBLE: tasks the person is responsible for. They get a new responsible person.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// See the module.
pub struct TaskResponsible;

/// The previous holder is kept as an observer if they are active and don't observe the task already.
pub(super) const KEEP: &str = "CASE WHEN EXISTS (SELECT 1 FROM users k WHERE k.id = s.holder AND k.status = 'ACTIVE') \
    AND NOT EXISTS (SELECT 1 FROM task_members m WHERE m.task_id = s.id AND m.role = 'OBSERVER' AND m.user_id = s.holder) \
    THEN 'KEPT_AS_OBSERVER' END";

/// An observer kept by the undone move is removed.
pub(super) const REMOVE_OBSERVER_REASON: &str =
    "CASE WHEN b.reason = 'KEPT_AS_OBSERVER' THEN 'NO_LONGER_OBSERVER' END";

/// Adds the observers recorded in the ledger.
pub(super) const ADD_OBSERVERS: &str = "INSERT INTO task_members (task_id, role, user_id) \
    SELECT e.subject_id, 'OBSERVER', e.from_id FROM handover_entries e \
    WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
    AND e.outcome = 'MOVED' AND e.reason = 'KEPT_AS_OBSERVER' ON CONFLICT DO NOTHING";
/// Removes the observers recorded in the ledger.
pub(super) const REMOVE_OBSERVERS: &str = "DELETE FROM task_members WHERE role = 'OBSERVER' AND task_id > $3 AND task_id <= $4 \
    AND EXISTS (SELECT 1 FROM handover_entries e \
    WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id = task_members.task_id AND e.chunk = $5 \
    AND e.to_id = task_members.user_id AND e.outcome = 'MOVED' AND e.reason = 'NO_LONGER_OBSERVER')";

impl Kind for TaskResponsible {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskResponsible
    }

    fn table(&self) -> &'static str {
        "tasks"
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "tasks w",
            join: "",
            id: "w.id",
            holder: "w.responsible_id",
            closed: "w.closed",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn can_keep_observer(&self) -> bool {
        true
    }

    fn reason(&self, keep_as_observer: bool) -> &'static str {
        if keep_as_observer { KEEP } else { "NULL" }
    }

    fn undo_reason(&self) -> &'static str {
        REMOVE_OBSERVER_REASON
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE tasks SET responsible_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND tasks.id = e.subject_id",
            ADD_OBSERVERS,
            REMOVE_OBSERVERS,
        ]
    }
}
