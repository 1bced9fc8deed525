//! The audit log: who did what to what, and when. Append-only.

use sea_orm::entity::prelude::*;

use crate::{AuditEntryId, IntegrationId, Timestamp, UserId};

/// A row of `audit_entries`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_entries")]
pub struct Model {
    /// Primary key; its order is the order of events.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: AuditEntryId,
    /// When it happened.
    pub at: Timestamp,
    /// Action, for example `user.dismissed`.
    pub action: String,
    /// Display name of the actor: an e-mail address, or the name of a command.
    pub actor: String,
    /// The actor, if a person.
    pub actor_user_id: Option<UserId>,
    /// The actor, if an integration.
    pub actor_integration_id: Option<IntegrationId>,
    /// Prefix of the subject's id, which is its type.
    pub subject_type: Option<String>,
    /// The row that was changed.
    pub subject_id: Option<Uuid>,
    /// What changed, as a JSON object.
    pub data: String,
    /// Place among the changes that webhooks announce, in the order of their commits; 0 until it is assigned, `None`
    /// for other entries.
    pub sequence: Option<i64>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
