//! Resolvers: the preview of a dismissal.

use async_graphql::{Context, ID, Object};

use crate::domain::auth::Permission;
use crate::domain::dismissal::{hire, plan};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::dismissal_plans::DismissalPlan;
use crate::graphql::types::dismissals::DismissUserInput;
use crate::graphql::types::handovers::ReturnPlan;
use crate::store::input;

/// Queries for dismissals.
#[derive(Default)]
pub struct DismissalQuery;

#[Object]
impl DismissalQuery {
    /// Previews a dismissal: checks every rule of `dismissUser` and changes nothing. Needs DISMISS_USERS, and
    /// REASSIGN_WORK for a handover.
    #[graphql(complexity = "50 + child_complexity")]
    async fn dismissal_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the preview: the same as of `dismissUser`.")] input: DismissUserInput,
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

    /// Previews `hireUser(returnWork: true)`: what would return, from whom, and what would stay. Changes nothing. Needs
    /// HIRE_USERS and REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn return_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the person.")] user_id: ID,
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
