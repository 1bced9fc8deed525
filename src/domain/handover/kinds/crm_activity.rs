//! CRM_ACTIVITY: the calls, meetings, e-mails and to-dos that a person does. They get a new responsible person, and
//! never move with their record: only when they are asked for.

use entity::handover_part::WorkKind;

use super::{Held, Kind};

/// See the module.
pub struct CrmActivity;

impl Kind for CrmActivity {
    fn kind(&self) -> WorkKind {
        WorkKind::CrmActivity
    }

    fn subject(&self) -> &'static str {
        entity::CrmActivityId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            table: "crm_activities w",
            join: "JOIN crm_items i ON i.id = w.item_id",
            id: "w.id",
            holder: "w.responsible_id",
            closed: "w.completed",
            changed: "w.updated_at",
            only: "TRUE",
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
