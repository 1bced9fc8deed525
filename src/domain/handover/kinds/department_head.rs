//! DEPARTMENT_HEAD: departments the person heads. They get a new head.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// See the module.
pub struct DepartmentHead;

impl Kind for DepartmentHead {
    fn kind(&self) -> WorkKind {
        WorkKind::DepartmentHead
    }

    fn table(&self) -> &'static str {
        "departments"
    }

    fn subject(&self) -> &'static str {
        entity::DepartmentId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "departments w",
            join: "",
            id: "w.id",
            holder: "w.head_id",
            closed: "FALSE",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE departments SET head_id = e.to_id, updated_at = $6 FROM handover_entries e \
           WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
           AND e.outcome = 'MOVED' AND departments.id = e.subject_id",
        ]
    }
}
