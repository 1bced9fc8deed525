//! INTEGRATION: integrations the person owns. They get a new owner, and keep working with their valid secrets. Revoked
//! ones are closed.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// See the module.
pub struct Integration;

impl Kind for Integration {
    fn kind(&self) -> WorkKind {
        WorkKind::Integration
    }

    fn table(&self) -> &'static str {
        "integrations"
    }

    fn subject(&self) -> &'static str {
        entity::IntegrationId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "integrations w",
            join: "",
            id: "w.id",
            holder: "w.owner_id",
            closed: "(w.revoked_at IS NOT NULL)",
            changed: "w.updated_at",
            filter: "TRUE",
        }
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE integrations SET owner_id = e.to_id, updated_at = $6 FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.outcome = 'MOVED' AND integrations.id = e.subject_id",
        ]
    }
}
