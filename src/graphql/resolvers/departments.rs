//! Departments in the API.

use crate::domain::people::list;
use crate::domain::people::set_department;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::departments::{
    Department, DepartmentConnection, DepartmentPayload, SetDepartmentInput,
};
use crate::graphql::types::people::User;
use crate::store::page::PageArgs;
use async_graphql::{ComplexObject, Context, Object};
use std::sync::Arc;

#[ComplexObject]
impl Department {
    /// The department above.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Arc<Department>> {
        ctx.loaders()
            .departments
            .load(self.row.parent_id?)
            .await
            .transpose()
    }

    /// The departments right below, by name.
    #[graphql(complexity = "10 + 10 * child_complexity")]
    async fn children(&self, ctx: &Context<'_>) -> Result<Vec<Department>, Error> {
        let below = ctx
            .loaders()
            .children
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        Ok(below.into_iter().map(Self::from).collect())
    }

    /// Who leads it, even if they have left: a headship is work, which a handover moves.
    async fn head(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.head_id?).await
    }

    /// How many people it has, those below and the dismissed not counted.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        let count = ctx.loaders().members.load(self.row.id).await?.unwrap_or(0);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// Reads of departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// All departments, in the order in which they were made.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<DepartmentConnection, Error> {
        ctx.actor()?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::departments(ctx.db(), &args).await?.into())
    }
}

/// Changes of departments.
#[derive(Default)]
pub struct DepartmentMutation;

#[Object]
impl DepartmentMutation {
    /// Makes a department, or changes one. Needs MANAGE_USERS.
    async fn set_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SetDepartmentInput,
    ) -> Result<DepartmentPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(crate::domain::auth::Permission::ManageUsers)?;
        let outcome = match input.check() {
            Ok(command) => set_department::set_department(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        };
        let (department, user_errors) = split(outcome)?;
        Ok(DepartmentPayload {
            department: department.map(Department::from),
            user_errors,
        })
    }
}
