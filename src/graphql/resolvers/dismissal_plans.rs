//! The preview of a dismissal in the API.

use async_graphql::{Context, ID, Object, SimpleObject};

use crate::domain::auth::Permission;
use crate::domain::dismissal::{hire, plan};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::{UserError, split, user_errors};
use crate::graphql::resolvers::dismissals::{DismissUserInput, Dismissal};
use crate::graphql::resolvers::handovers::{HandoverPlan, ReturnPlan};
use crate::graphql::resolvers::integration_secrets::IntegrationSecret;
use crate::store::input;

/// What a dismissal would do, and everything that it would refuse.
#[derive(SimpleObject, Default)]
pub struct DismissalPlan {
    /// What its handover would move, and what would stay with the person, also when it asks for none. For those with
    /// REASSIGN_WORK; null for others, and where nobody can be dismissed.
    plan: Option<HandoverPlan>,
    /// How many sessions of the person would end.
    sessions_ending: i32,
    /// Secrets of integrations that would stop because the person was shown them. `keepSecretIds` keeps some for a while;
    /// new ones are added with `addIntegrationSecret`.
    secrets_stopping: Vec<IntegrationSecret>,
    /// Dismissals of others that the person has scheduled: they pass to the one who dismisses the person.
    schedules_passing: Vec<Dismissal>,
    /// Everything that `dismissUser` would refuse; empty when it would succeed.
    user_errors: Vec<UserError>,
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

/// Reads of dismissals.
#[derive(Default)]
pub struct DismissalQuery;

#[Object]
impl DismissalQuery {
    /// Previews a dismissal: runs every rule of `dismissUser` and writes nothing. Needs DISMISS_USERS, and REASSIGN_WORK
    /// for a handover.
    #[graphql(complexity = "50 + child_complexity")]
    async fn dismissal_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the dismissal.")] input: DismissUserInput,
    ) -> Result<DismissalPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::DismissUsers)?;
        let (command, refused) = split(input.check())?;
        match command {
            Some(command) => Ok(Box::pin(plan::preview(ctx.primary(), actor, &command))
                .await?
                .into()),
            None => Ok(DismissalPlan {
                user_errors: refused,
                ..DismissalPlan::default()
            }),
        }
    }

    /// Says what `hireUser(returnWork: true)` would bring back, from whom, and what would stay. Writes nothing. Needs
    /// HIRE_USERS and REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn return_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the person.")] user_id: ID,
    ) -> Result<ReturnPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::HireUsers)?;
        actor.require(Permission::ReassignWork)?;
        let (id, refused) = split(input::id(&user_id, "userId"))?;
        match id {
            Some(id) => Ok(Box::pin(hire::preview_return(ctx.db(), actor, id)).await?.into()),
            None => Ok(ReturnPlan::refused(refused)),
        }
    }
}
