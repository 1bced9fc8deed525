//! Resolvers: queries for dismissals, and the preview of one.

use async_graphql::{Context, ID, Object};

use crate::domain::auth::Permission;
use crate::domain::dismissal::{hire, list, plan};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::{argument_id, split};
use crate::graphql::types::dismissal_plans::DismissalPlan;
use crate::graphql::types::dismissals::{DismissUserInput, DismissalConnection, DismissalFilter};
use crate::graphql::types::handovers::ReturnPlan;
use crate::store::input;
use crate::store::page::PageArgs;

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

    /// Dismissals, newest first. Needs DISMISS_USERS.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn dismissals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<DismissalFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<DismissalConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::DismissalFilter {
            state: input::argument_list(filter.state, "filter.state")?,
            user: filter
                .user_id
                .map(|id| argument_id(&id, "filter.userId"))
                .transpose()?,
            requested_by: filter
                .requested_by_id
                .map(|id| argument_id(&id, "filter.requestedById"))
                .transpose()?,
            department: filter
                .department_id
                .map(|id| argument_id(&id, "filter.departmentId"))
                .transpose()?,
            effective_since: filter.effective_since.map(input::clamp_timestamp),
            effective_until: filter.effective_until.map(input::clamp_timestamp),
            failed: filter.failed,
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let page = list::dismissals(ctx.db(), ctx.actor()?, &filter, &args).await?;
        Ok(page.into())
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
