//! The types of the API: the kinds of work, and what became of it.

use async_graphql::Enum;
use entity::{handover, handover_entry, handover_part};

/// An object and the part a person plays in it: what a handover moves.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_part::WorkKind")]
pub enum WorkKind {
    /// Tasks that the person does. Moving gives them a new responsible.
    TaskResponsible,
    /// Tasks that the person has set. Moving gives them a new creator.
    TaskCreator,
    /// Tasks that the person assists in. The recipient takes part instead.
    TaskParticipant,
    /// Tasks that the person follows. The recipient follows them instead.
    TaskObserver,
    /// Recurring tasks that the person sets or does. The recipient takes the places that the person has.
    TaskTemplate,
    /// Leads.
    CrmLead,
    /// Deals.
    CrmDeal,
    /// Contacts.
    CrmContact,
    /// Companies.
    CrmCompany,
    /// Quotes.
    CrmQuote,
    /// Invoices.
    CrmInvoice,
    /// Calls, meetings, e-mails and to-dos about CRM records. They never move with their record by themselves.
    CrmActivity,
    /// Folders and files that the person owns. What lies in their drive goes into one folder of the recipient's, the
    /// tree, names and shares as they are.
    Drive,
    /// Calendars that the person looks after. They appear in the recipient's favourites, who looks after them.
    Calendar,
    /// Events that the person organises; closed when they are over. The recipient organises and attends them instead.
    EventOrganizer,
    /// Departments that the person leads. Moving gives them a new head.
    DepartmentHead,
    /// Integrations that the person looks after; closed when they are revoked. They get a new owner.
    Integration,
}

/// How far a handover has come.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover::HandoverState")]
pub enum HandoverState {
    /// Waits to be run.
    Queued,
    /// Being run.
    Running,
    /// Everything has moved, or was skipped for a good reason.
    Succeeded,
    /// Some items failed; they can be retried.
    Partial,
    /// Every item failed; they can be retried.
    Failed,
    /// Stopped. What had moved stays moved, and can be undone.
    Cancelled,
}

/// What became of one item.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_entry::HandoverOutcome")]
pub enum HandoverOutcome {
    /// It is with its recipient.
    Moved,
    /// It was left where it is, for the reason given.
    Skipped,
    /// It could not be moved, for the reason given.
    Failed,
}

pub(crate) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
