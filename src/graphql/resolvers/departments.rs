//! Resolvers: departments.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Object};

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

#[ComplexObject]
impl Department {
    /// Parent department; null at the top level.
    async fn parent(&self, ctx: &Context<'_>) -> Nullable<Arc<Department>> {
        ctx.loaders()
            .departments
            .load(self.row.parent_id?)
            .await
            .transpose()
    }

    /// Direct child departments, by name.
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

    /// Head of the department, even if dismissed: a handover can assign a new head.
    async fn head(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.head_id?).await
    }

    /// Number of people in this department, without dismissed people and departments below.
    async fn member_count(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        let count = ctx.loaders().members.load(self.row.id).await?.unwrap_or(0);
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }
}

/// Queries for departments.
#[derive(Default)]
pub struct DepartmentQuery;

#[Object]
impl DepartmentQuery {
    /// All departments, oldest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn departments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
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

/// Mutations for departments.
#[derive(Default)]
pub struct DepartmentMutation;

#[Object]
impl DepartmentMutation {
    /// Creates or updates a department. Needs MANAGE_USERS.
    async fn set_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: SetDepartmentInput,
    ) -> Result<DepartmentPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(crate::domain::auth::Permission::ManageUsers)?;
        let outcome = async { set_department::set_department(ctx.db(), actor, &input.check()?).await }.await;
        let (department, user_errors) = split(outcome)?;
        Ok(DepartmentPayload {
            department: department.map(Department::from),
            user_errors,
        })
    }
}
