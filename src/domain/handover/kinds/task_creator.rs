//! TASK_CREATOR: tasks the person created. They get a new creator.

use entity::handover_part::WorkKind;

use super::task_responsible::{ADD_OBSERVERS, KEEP, REMOVE_OBSERVER_REASON, REMOVE_OBSERVERS};
use super::{Kind, Source};

/// See the module.
pub struct TaskCreator;

impl Kind for TaskCreator {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskCreator
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
            holder: "w.creator_id",
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
            "UPDATE tasks SET creator_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND tasks.id = e.subject_id",
            ADD_OBSERVERS,
            REMOVE_OBSERVERS,
        ]
    }
}
