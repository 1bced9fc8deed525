//! Resolvers: tasks.

use async_graphql::{ComplexObject, Context, Object};
use entity::UserId;
use entity::task_member::MemberRole;

use crate::domain::tasks::create;
use crate::domain::tasks::list;
use crate::domain::tasks::update;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::types::people::User;
use crate::graphql::types::tasks::{
    CreateTaskInput, Task, TaskConnection, TaskFilter, TaskPayload, UpdateTaskInput,
};
use crate::store::page::PageArgs;

impl Task {
    async fn members(&self, ctx: &Context<'_>, wanted: MemberRole) -> Result<Vec<User>, Error> {
        let members = ctx.loaders().task_members.load(self.row.id).await?;
        people_in(ctx, members.unwrap_or_default(), wanted).await
    }
}

/// The members that have a role.
///
/// # Errors
/// When the database fails.
pub async fn people_in(
    ctx: &Context<'_>,
    members: Vec<(MemberRole, UserId)>,
    wanted: MemberRole,
) -> Result<Vec<User>, Error> {
    let of_role = members.into_iter().filter(|(role, _)| *role == wanted);
    let ids: Vec<UserId> = of_role.map(|(_, id)| id).collect();
    let people = ctx.loaders().users.load_all(&ids).await?;
    Ok(people.into_iter().map(User::from).collect())
}

#[ComplexObject]
impl Task {
    /// Creator.
    async fn creator(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.creator_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a task set by nobody"))
    }

    /// The person responsible.
    async fn responsible(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.responsible_id?).await
    }

    /// Participants.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Participant).await
    }

    /// Observers.
    async fn observers(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Observer).await
    }
}

/// Queries for tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// Tasks that you can see, newest first. An integration needs READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<TaskFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::tasks(ctx.db(), ctx.actor()?, &filter, &args).await?.into())
    }
}

/// Mutations for tasks.
#[derive(Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Creates a task.
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(async { create::create_task(ctx.db(), actor, &input.check()?).await }.await)
    }

    /// Updates a task. Allowed for its creator, its responsible person, the heads of department above them, and
    /// administrators.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(async { update::update_task(ctx.db(), actor, &input.check()?).await }.await)
    }
}
