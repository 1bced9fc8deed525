//! INTEGRATION: the integrations that a person looks after. They get a new owner, and go on with the secrets that are
//! still live. Closed are those that are revoked.

use entity::handover_part::WorkKind;

use super::{Held, Kind};

/// See the module.
pub struct Integration;

impl Kind for Integration {
    fn kind(&self) -> WorkKind {
        WorkKind::Integration
    }

    fn subject(&self) -> &'static str {
        entity::IntegrationId::PREFIX
    }

    fn held(&self) -> Held {
        Held {
            table: "integrations w",
            join: "",
            id: "w.id",
            holder: "w.owner_id",
            closed: "(w.revoked_at IS NOT NULL)",
            changed: "w.updated_at",
            only: "TRUE",
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
