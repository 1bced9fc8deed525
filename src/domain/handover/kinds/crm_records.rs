//! CRM_LEAD, CRM_DEAL, CRM_CONTACT, CRM_COMPANY, CRM_QUOTE, CRM_INVOICE: records the person is responsible for. They
//! get a new responsible person; their activities don't move.

use entity::handover_part::WorkKind;

use super::{Kind, Source};

/// One of the six kinds of records.
pub struct CrmRecords {
    kind: WorkKind,
    filter: &'static str,
}

pub(super) const LEAD: CrmRecords = CrmRecords {
    kind: WorkKind::CrmLead,
    filter: "w.kind = 'LEAD'",
};
pub(super) const DEAL: CrmRecords = CrmRecords {
    kind: WorkKind::CrmDeal,
    filter: "w.kind = 'DEAL'",
};
pub(super) const CONTACT: CrmRecords = CrmRecords {
    kind: WorkKind::CrmContact,
    filter: "w.kind = 'CONTACT'",
};
pub(super) const COMPANY: CrmRecords = CrmRecords {
    kind: WorkKind::CrmCompany,
    filter: "w.kind = 'COMPANY'",
};
pub(super) const QUOTE: CrmRecords = CrmRecords {
    kind: WorkKind::CrmQuote,
    filter: "w.kind = 'QUOTE'",
};
pub(super) const INVOICE: CrmRecords = CrmRecords {
    kind: WorkKind::CrmInvoice,
    filter: "w.kind = 'INVOICE'",
};

impl Kind for CrmRecords {
    fn kind(&self) -> WorkKind {
        self.kind
    }

    fn table(&self) -> &'static str {
        "crm_items"
    }

    fn subject(&self) -> &'static str {
        entity::CrmItemId::PREFIX
    }

    fn source(&self) -> Source {
        Source {
            table: "crm_items w",
            join: "",
            id: "w.id",
            holder: "w.responsible_id",
            closed: "w.closed",
            changed: "w.updated_at",
            filter: self.filter,
        }
    }

    fn crm_record(&self) -> Option<&'static str> {
        Some("w")
    }

    fn statements(&self) -> &'static [&'static str] {
        &[
            "UPDATE crm_items SET responsible_id = e.to_id, updated_at = $6 FROM handover_entries e \
           WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
           AND e.outcome = 'MOVED' AND crm_items.id = e.subject_id",
        ]
    }
}
