//! The audit log: who did what to whom, and when. Rows are only ever added.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, IntegrationId, Timestamp, UserId};

/// A row of `audit_entries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// Primary key; its order is the order of events.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    /// When.
    pub at: Timestamp,
    /// What, `user.dismissed` for instance.
    pub action: String,
    /// Who, as it should be read: an address, or the name of a command.
    pub actor: String,
    /// Who, where it was a person.
    pub actor_user_id: Option<UserId>,
    /// Who, where it was an integration.
    pub actor_integration_id: Option<IntegrationId>,
    /// The prefix of the subject's id: its type.
    pub subject_type: Option<String>,
    /// The row that was changed.
    pub subject_id: Option<Uuid>,
    /// What changed, as a JSON object.
    pub data: String,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
