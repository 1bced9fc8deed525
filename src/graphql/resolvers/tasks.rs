//! Tasks in the API.

use crate::domain::tasks::create;
use crate::domain::tasks::list;
use crate::domain::tasks::update;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::argument_id;
use crate::graphql::types::people::User;
use crate::graphql::types::tasks::{
    CreateTaskInput, Task, TaskConnection, TaskFilter, TaskPayload, UpdateTaskInput,
};
use crate::store::input;
use crate::store::page::PageArgs;
use async_graphql::{ComplexObject, Context, Object};
use entity::task_member::MemberRole;

impl Task {
    async fn members(&self, ctx: &Context<'_>, wanted: MemberRole) -> Result<Vec<User>, Error> {
        let members = ctx
            .loaders()
            .task_members
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        let ids: Vec<_> = members
            .into_iter()
            .filter(|(role, _)| *role == wanted)
            .map(|(_, id)| id)
            .collect();
        let mut found = ctx.loaders().users.load_many(ids.clone()).await;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(loaded) = found.remove(&id) {
                people.extend(loaded?.map(User::from));
            }
        }
        Ok(people)
    }
}

#[ComplexObject]
impl Task {
    /// Who has set it.
    async fn creator(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.creator_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a task set by nobody"))
    }

    /// Who does it.
    async fn responsible(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.responsible_id?).await
    }

    /// Who assists.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Participant).await
    }

    /// Who follows.
    async fn observers(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Observer).await
    }
}

/// Reads of tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// Tasks that you may see, the newest first. An integration needs READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<TaskFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::TaskFilter {
            user: filter
                .user_id
                .map(|id| argument_id(&id, "filter.userId"))
                .transpose()?,
            role: filter.role.map(Into::into),
            status: input::argument_list(filter.status, "filter.status")?,
            open: filter.open,
            held_by_dismissed: filter.held_by_dismissed,
            search: filter.search,
            department: filter
                .department_id
                .map(|id| argument_id(&id, "filter.departmentId"))
                .transpose()?,
            deadline_before: filter.deadline_before.map(input::bound),
            updated_since: filter.updated_since.map(input::bound),
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::tasks(ctx.db(), ctx.actor()?, &filter, &args).await?.into())
    }
}

/// Changes of tasks.
#[derive(Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Makes a task.
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(match input.check() {
            Ok(command) => create::create_task(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes a task. Its creator, its responsible, the heads above them and administrators may.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(match input.check() {
            Ok(command) => update::update_task(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}
