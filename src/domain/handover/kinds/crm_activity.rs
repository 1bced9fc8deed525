//! CRM_ACTIVITY: calls, meetings, e-mails and to-dos the person is responsible for. They get a new responsible person,
//! and never move with their record, only when requested.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// See the module.
pub struct CrmActivity;

impl Kind for CrmActivity {
    fn kind(&self) -> WorkKind {
        WorkKind::CrmActivity
    }

    fn table(&self) -> &'static str {
        "crm_activities"
    }

    fn subject(&self) -> &'static str {
        entity::CrmActivityId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "crm_activities w",
            join: "JOIN crm_items i ON i.id = w.item_id",
            id: "w.id",
            holder: "w.responsible_id",
            closed: "w.completed",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn crm_record(&self) -> Option<&'static str> {
        Some("i")
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE crm_activities SET responsible_id = e.to_id, updated_at = $6 FROM handover_entries e \
           WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
           AND e.outcome = 'MOVED' AND crm_activities.id = e.subject_id",
        ]
    }
}
