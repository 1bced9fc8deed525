//! GraphQL types: dismissal plans.

use async_graphql::SimpleObject;

use crate::domain::dismissal::plan;
use crate::graphql::kit::user_error::{UserError, user_errors};
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::handovers::HandoverPlan;
use crate::graphql::types::integration_secrets::IntegrationSecret;

/// Preview of a dismissal: its effects, and every error that `dismissUser` would return.
#[derive(SimpleObject, Default)]
pub struct DismissalPlan {
    /// Preview of the handover: what would move, and what would stay with the person, even when no handover is
    /// requested. Needs REASSIGN_WORK; null without it, and when the person can't be dismissed.
    pub(crate) plan: Option<HandoverPlan>,
    /// Number of the person's sessions that would end.
    pub(crate) sessions_ending: i32,
    /// Secrets of integrations that would stop because they were shown to the person. `keepSecretIds` keeps some of
    /// them temporarily; add new ones with `addIntegrationSecret`.
    pub(crate) secrets_stopping: Vec<IntegrationSecret>,
    /// Dismissals of other people that the person has scheduled: they pass to the caller of `dismissUser`.
    pub(crate) schedules_passing: Vec<Dismissal>,
    /// Errors that `dismissUser` would return; empty when it would succeed.
    pub(crate) user_errors: Vec<UserError>,
}

impl From<plan::Plan> for DismissalPlan {
    fn from(plan: plan::Plan) -> Self {
        let secrets = plan.secrets_stopping.into_iter();
        let schedules = plan.schedules_passing.into_iter();
        Self {
            plan: plan.handover.map(HandoverPlan::from),
            sessions_ending: i32::try_from(plan.sessions_ending).unwrap_or(i32::MAX),
            secrets_stopping: secrets.map(IntegrationSecret::from).collect(),
            schedules_passing: schedules.map(Dismissal::from).collect(),
            user_errors: user_errors(plan.refusals),
        }
    }
}
