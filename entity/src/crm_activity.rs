//! CRM activities: calls, meetings, e-mails and things to do about a record.

use sea_orm::entity::prelude::*;

use crate::{CrmActivityId, CrmItemId, Timestamp, UserId};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmActivityKind {
    /// A call.
    Call,
    /// A meeting.
    Meeting,
    /// An e-mail.
    Email,
    /// Something to do.
    Todo,
}

/// A row of `crm_activities`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_activities")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrmActivityId,
    /// The record that it is about.
    pub item_id: CrmItemId,
    /// What is done.
    pub kind: CrmActivityKind,
    /// What it is about, in a line.
    pub subject: String,
    /// Whether it is done.
    pub completed: bool,
    /// When it is due.
    pub deadline: Option<Timestamp>,
    /// Who does it; handed over by itself, never with the record.
    pub responsible_id: UserId,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the activity or who does it was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
