//! TASK_TEMPLATE: recurring tasks the person creates or is responsible for. They get a new creator, a new responsible
//! person, or both: the recipient takes over the roles of the leaver.
//!
//! A template has two roles, so up to two people hold it, each once, even somebody with both roles. The ledger records
//! which roles moved, and an undo returns those that the recipient still has.

use entity::handover_part::WorkKind;

use super::{Holders, Kind, Source};

/// See the module.
pub struct TaskTemplate;

impl Kind for TaskTemplate {
    fn kind(&self) -> WorkKind {
        WorkKind::TaskTemplate
    }

    fn table(&self) -> &'static str {
        "task_templates"
    }

    fn subject(&self) -> &'static str {
        entity::TaskTemplateId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "(SELECT t.id, t.responsible_id AS holder, t.creator_id, t.responsible_id, t.next_run_at, \
                        t.updated_at FROM task_templates t \
                    UNION ALL SELECT t.id, t.creator_id, t.creator_id, t.responsible_id, t.next_run_at, \
                        t.updated_at FROM task_templates t WHERE t.creator_id <> t.responsible_id) w",
            join: "",
            id: "w.id",
            holder: "w.holder",
            // A rule that has ended creates no more tasks.
            closed: "(w.next_run_at IS NULL)",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn holders(&self) -> Holders {
        Holders::Roles
    }

    fn reason(&self, _: bool) -> &'static str {
        "(SELECT CASE WHEN t.creator_id = t.responsible_id THEN 'CREATOR_AND_RESPONSIBLE' \
         WHEN t.creator_id = s.holder THEN 'CREATOR' ELSE 'RESPONSIBLE' END \
         FROM task_templates t WHERE t.id = s.id)"
    }

    fn undo_condition(&self) -> &'static str {
        "((b.reason <> 'RESPONSIBLE' AND w.creator_id = b.to_id) \
         OR (b.reason <> 'CREATOR' AND w.responsible_id = b.to_id))"
    }

    fn undo_reason(&self) -> &'static str {
        "CASE WHEN b.reason = 'RESPONSIBLE' OR w.creator_id <> b.to_id THEN 'RESPONSIBLE' \
         WHEN b.reason = 'CREATOR' OR w.responsible_id <> b.to_id THEN 'CREATOR' \
         ELSE 'CREATOR_AND_RESPONSIBLE' END"
    }

    fn statements(&self) -> &'static [&'static str] {
        &["UPDATE task_templates SET \
             creator_id = CASE WHEN e.reason = 'RESPONSIBLE' THEN task_templates.creator_id ELSE e.to_id END, \
             responsible_id = CASE WHEN e.reason = 'CREATOR' THEN task_templates.responsible_id ELSE e.to_id END, \
             updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND task_templates.id = e.subject_id"]
    }
}
