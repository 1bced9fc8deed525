//! Dismissals: one row each time a person leaves.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, DismissalId, HandoverId, IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// State of a dismissal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DismissalState {
    /// Not carried out yet.
    Scheduled,
    /// The person is locked out.
    InForce,
    /// Cancelled before its time, or impossible when it was due.
    Cancelled,
    /// The person was rehired.
    Ended,
}

/// A row of `dismissals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dismissals")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DismissalId,
    /// The person dismissed.
    pub user_id: UserId,
    /// State.
    pub state: DismissalState,
    /// When the person is locked out.
    pub effective_at: Timestamp,
    /// Reason, in the administrator's words.
    pub reason: Option<String>,
    /// The person who requested it; `None` for an integration and for imported dismissals.
    pub requested_by_id: Option<UserId>,
    /// The integration that requested it.
    pub requested_by_integration_id: Option<IntegrationId>,
    /// The secret that the integration used for the request.
    pub requested_by_secret_id: Option<IntegrationSecretId>,
    /// The handover committed with it.
    pub handover_id: Option<HandoverId>,
    /// The handover that returned the work on rehiring.
    pub return_id: Option<HandoverId>,
    /// When the person was rehired, or the dismissal cancelled.
    pub ended_at: Option<Timestamp>,
    /// When the row was created.
    pub created_at: Timestamp,
    /// Requested handover of a scheduled dismissal, as JSON; `None` for nothing.
    pub moves: Option<String>,
    /// Secrets of integrations that a scheduled dismissal keeps valid for a grace period, as a JSON list of ids; `None`
    /// for none.
    pub keep_secret_ids: Option<String>,
    /// The directory that decided it; `None` for one decided by anybody else, even if a directory brought it forward.
    pub directory_id: Option<DirectoryId>,
    /// Why a scheduled dismissal was not carried out, or which part of its handover was refused.
    pub failure: Option<String>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
