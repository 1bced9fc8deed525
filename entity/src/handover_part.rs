//! Parts of a handover: each moves one kind of work, and records its progress.

use sea_orm::entity::prelude::*;

use crate::HandoverId;

/// Kind of work that a handover moves: a type of object, and the role of the person in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkKind {
    /// Tasks the person is responsible for.
    TaskResponsible,
    /// Tasks the person created.
    TaskCreator,
    /// Tasks the person participates in.
    TaskParticipant,
    /// Tasks the person observes.
    TaskObserver,
    /// Recurring tasks the person creates or is responsible for.
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
    /// Activities of CRM records: calls, meetings, e-mails and to-dos.
    CrmActivity,
    /// Folders and files the person owns.
    Drive,
    /// Calendars the person is responsible for.
    Calendar,
    /// Events the person organizes.
    EventOrganizer,
    /// Departments the person heads.
    DepartmentHead,
    /// Integrations the person owns.
    Integration,
}

/// A row of `handover_parts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_parts")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// Position: parts run in this order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// Kind of work it moves.
    pub kind: WorkKind,
    /// Whether closed items are moved too.
    pub include_closed: bool,
    /// Whether the previous holder stays as an observer of each task.
    pub keep_as_observer: bool,
    /// Whether only items in `handover_picks` are moved.
    pub picked: bool,
    /// Whether the items were listed explicitly; picks created by a retry don't count.
    pub listed: bool,
    /// The handover that this part undoes; `None` for a part that moves work forward.
    pub undoes_id: Option<HandoverId>,
    /// Whether all open items are done and closed ones are being moved.
    pub in_closed: bool,
    /// The last subject processed.
    pub scanned_to: Option<Uuid>,
    /// Number of items processed; an even distribution counts on it.
    pub placed: i64,
    /// Whether the part is complete.
    pub done: bool,
    /// For drives: name and shares of the target folder, as JSON.
    pub share: Option<String>,
    /// For drives: the target folder, once something was moved into it.
    pub folder_id: Option<Uuid>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
