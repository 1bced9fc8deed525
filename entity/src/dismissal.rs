//! Dismissals: one row for each time that a person leaves.

use sea_orm::entity::prelude::*;

use crate::{DismissalId, HandoverId, IntegrationId, IntegrationSecretId, Timestamp, UserId};

/// How far a dismissal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DismissalState {
    /// Will be carried out at its time.
    Scheduled,
    /// The person is locked out.
    InForce,
    /// Called off before its time, or not possible when it came.
    Cancelled,
    /// The person was hired back.
    Ended,
}

/// A row of `dismissals`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dismissals")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DismissalId,
    /// Who leaves.
    pub user_id: UserId,
    /// How far it has come.
    pub state: DismissalState,
    /// From when on the person is locked out.
    pub effective_at: Timestamp,
    /// Why, in the administrator's words.
    pub reason: Option<String>,
    /// The person who asked for it; `None` for an integration, and for dismissals that were imported.
    pub requested_by_id: Option<UserId>,
    /// The integration that asked for it.
    pub requested_by_integration_id: Option<IntegrationId>,
    /// The secret by which the integration asked for it.
    pub requested_by_secret_id: Option<IntegrationSecretId>,
    /// The handover that was committed with it.
    pub handover_id: Option<HandoverId>,
    /// The handover with which the work returned when the person was hired back.
    pub return_id: Option<HandoverId>,
    /// When the person was hired back, or the dismissal called off.
    pub ended_at: Option<Timestamp>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// What is to be handed over when a scheduled dismissal is carried out, as JSON; `None` for nothing.
    pub moves: Option<String>,
    /// The secrets of integrations that a scheduled dismissal lets go on for a while, as a JSON list of ids; `None` for none.
    pub keep_secret_ids: Option<String>,
    /// Why a scheduled dismissal was not carried out at its time, or what of its handover was refused then.
    pub failure: Option<String>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
