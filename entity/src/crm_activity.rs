//! CRM activities: calls, meetings, e-mails and to-dos of a record.

use sea_orm::entity::prelude::*;

use crate::{CrmActivityId, CrmItemId, Timestamp, UserId};

/// Kind of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmActivityKind {
    /// A call.
    Call,
    /// A meeting.
    Meeting,
    /// An e-mail.
    Email,
    /// A to-do.
    Todo,
}

/// A row of `crm_activities`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_activities")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrmActivityId,
    /// The record it belongs to.
    pub item_id: CrmItemId,
    /// Kind.
    pub kind: CrmActivityKind,
    /// One-line summary.
    pub subject: String,
    /// What searches look through.
    pub search_text: String,
    /// Whether it is completed.
    pub completed: bool,
    /// When it is due.
    pub deadline: Option<Timestamp>,
    /// Person responsible; handed over separately, never with the record.
    pub responsible_id: UserId,
    /// When the row was created.
    pub created_at: Timestamp,
    /// When the activity, or the person responsible, was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
