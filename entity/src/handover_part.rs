//! The parts of a handover: each moves one kind of work, and remembers how far it has come.

use sea_orm::entity::prelude::*;

use crate::HandoverId;

/// An object and the part a person plays in it: what a handover moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkKind {
    /// Tasks that the person does.
    TaskResponsible,
    /// Tasks that the person set.
    TaskCreator,
    /// Tasks that the person assists in.
    TaskParticipant,
    /// Tasks that the person follows.
    TaskObserver,
    /// Recurring tasks that the person sets or does.
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
    /// Calls, meetings, e-mails and to-dos about records.
    CrmActivity,
    /// Folders and files that the person owns.
    Drive,
    /// Calendars that the person looks after.
    Calendar,
    /// Events that the person organises.
    EventOrganizer,
    /// Departments that the person leads.
    DepartmentHead,
    /// Integrations that the person looks after.
    Integration,
}

/// A row of `handover_parts`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "handover_parts")]
pub struct Model {
    /// The handover.
    #[sea_orm(primary_key, auto_increment = false)]
    pub handover_id: HandoverId,
    /// Its place: parts run in this order.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// What it moves.
    pub kind: WorkKind,
    /// Whether closed items move too.
    pub include_closed: bool,
    /// Whether the one before stays as an observer of each task.
    pub keep_as_observer: bool,
    /// Whether only the items of `handover_picks` move.
    pub picked: bool,
    /// Whether somebody listed these items one by one; picks that a retry has made don't count.
    pub listed: bool,
    /// The handover that this part takes back; `None` for a part that moves work forward.
    pub undoes_id: Option<HandoverId>,
    /// Whether the open items are through and the closed ones are being moved.
    pub in_closed: bool,
    /// The last subject that was dealt with.
    pub scanned_to: Option<Uuid>,
    /// How many items were dealt with: what "evenly" counts on.
    pub placed: i64,
    /// Whether nothing is left to do.
    pub done: bool,
    /// Of a drive: how the folder that everything goes into is called and shared.
    pub share: Option<String>,
    /// Of a drive: that folder, once something has gone into it.
    pub folder_id: Option<Uuid>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
