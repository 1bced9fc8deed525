//! The types of the API: dismissal plans.

use crate::domain::dismissal::plan;
use crate::graphql::kit::user_error::{UserError, user_errors};
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::handovers::HandoverPlan;
use crate::graphql::types::integration_secrets::IntegrationSecret;
use async_graphql::SimpleObject;

/// What a dismissal would do, and everything that it would refuse.
#[derive(SimpleObject, Default)]
pub struct DismissalPlan {
    /// What its handover would move, and what would stay with the person, also when it asks for none. For those with
    /// REASSIGN_WORK; null for others, and where nobody can be dismissed.
    pub(crate) plan: Option<HandoverPlan>,
    /// How many sessions of the person would end.
    pub(crate) sessions_ending: i32,
    /// Secrets of integrations that would stop because the person was shown them. `keepSecretIds` keeps some for a while;
    /// new ones are added with `addIntegrationSecret`.
    pub(crate) secrets_stopping: Vec<IntegrationSecret>,
    /// Dismissals of others that the person has scheduled: they pass to the one who dismisses the person.
    pub(crate) schedules_passing: Vec<Dismissal>,
    /// Everything that `dismissUser` would refuse; empty when it would succeed.
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
