//! GraphQL types: kinds of work and outcomes.

use async_graphql::{Enum, SimpleObject};
use entity::{handover, handover_entry, handover_part};

use crate::domain::handover::work;

/// A kind of work: an object type and the role of a person in it. A handover moves work by kind.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_part::WorkKind")]
pub enum WorkKind {
    /// Tasks the person is responsible for. The recipient becomes responsible.
    TaskResponsible,
    /// Tasks the person created. The recipient becomes their creator.
    TaskCreator,
    /// Tasks the person participates in. The recipient becomes a participant instead.
    TaskParticipant,
    /// Tasks the person observes. The recipient becomes an observer instead.
    TaskObserver,
    /// Recurring tasks the person created or is responsible for. The recipient takes over those roles.
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
    /// Calls, meetings, e-mails and to-dos about CRM records. They do not move together with their record.
    CrmActivity,
    /// Folders and files the person owns. The content of their drive moves into one folder of the recipient's drive;
    /// the folder tree, names and shares are kept.
    Drive,
    /// Calendars the person keeps. The recipient becomes their keeper and gets them as favorites.
    Calendar,
    /// Events the person organizes; closed when they have ended. The recipient becomes organizer and attendee instead.
    EventOrganizer,
    /// Departments the person heads. The recipient becomes their head.
    DepartmentHead,
    /// Integrations the person owns; closed when revoked. The recipient becomes their owner.
    Integration,
}

/// State of a handover.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover::HandoverState")]
pub enum HandoverState {
    /// Queued.
    Queued,
    /// Running.
    Running,
    /// All items have moved, or were skipped for a good reason.
    Succeeded,
    /// Some items failed; they can be retried.
    Partial,
    /// All items failed; they can be retried.
    Failed,
    /// Cancelled. Items that had already moved stay moved, and can be undone.
    Cancelled,
}

/// Outcome for one item.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_entry::HandoverOutcome")]
pub enum HandoverOutcome {
    /// Moved to its recipient.
    Moved,
    /// Left where it is, for the given reason.
    Skipped,
    /// Could not be moved, for the given reason.
    Failed,
}

/// How open work is grouped.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "work::Grouping")]
pub enum WorkGrouping {
    /// By the department of the holder.
    Department,
    /// By kind.
    Kind,
    /// By the holder: the hundred who hold most, dismissed people first.
    Holder,
}

/// Open work of one group.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct WorkOverviewRow {
    /// Kind; null unless grouped by it.
    kind: Option<WorkKind>,
    /// Number of open items whose holder is not dismissed.
    held_by_active: i32,
    /// Number of open items whose holder is dismissed.
    held_by_dismissed: i32,
    /// Number of open items that nobody holds.
    unassigned: i32,
    #[graphql(skip)]
    pub(crate) row: work::OverviewRow,
}

impl From<work::OverviewRow> for WorkOverviewRow {
    fn from(row: work::OverviewRow) -> Self {
        Self {
            kind: row.kind.map(WorkKind::from),
            held_by_active: int(row.held_by_active),
            held_by_dismissed: int(row.held_by_dismissed),
            unassigned: int(row.unassigned),
            row,
        }
    }
}

pub(crate) fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
