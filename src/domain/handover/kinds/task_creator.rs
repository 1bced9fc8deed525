//! TASK_CREATOR: the tasks that a person has set. They get a new creator.

use entity::handover_part::WorkKind;

use super::task_responsible::{ADD_KEPT, DROP_KEPT, KEEP, UNKEEP};
use super::{Held, Kind};

/// See the module.
pub struct TaskCreator;

impl Kind for TaskCreator {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskCreator
    }

    fn subject(&self) -> &'static str {
        entity::TaskId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            table: "tasks w",
            join: "",
            id: "w.id",
            holder: "w.creator_id",
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
            "UPDATE tasks SET creator_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND tasks.id = e.subject_id",
            ADD_KEPT,
            DROP_KEPT,
        ]
    }
}
