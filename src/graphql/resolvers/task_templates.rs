//! Resolvers: recurring tasks.

use async_graphql::{ComplexObject, Context, Object};
use entity::UserId;
use entity::task_member::MemberRole;

use crate::domain::tasks::create_template;
use crate::domain::tasks::template_list;
use crate::domain::tasks::update_template;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::resolvers::tasks::people_in;
use crate::graphql::types::people::User;
use crate::graphql::types::task_templates::{
    CreateTaskTemplateInput, TaskTemplate, TaskTemplateConnection, TaskTemplateFilter, TaskTemplatePayload,
    UpdateTaskTemplateInput,
};
use crate::store::page::PageArgs;

impl TaskTemplate {
    async fn members(&self, ctx: &Context<'_>, wanted: MemberRole) -> Result<Vec<User>, Error> {
        let members = ctx.loaders().template_members.load(self.row.id).await?;
        people_in(ctx, members.unwrap_or_default(), wanted).await
    }
}

#[ComplexObject]
impl TaskTemplate {
    /// Creator of the tasks.
    async fn creator(&self, ctx: &Context<'_>) -> Result<User, Error> {
        Ok(holder(ctx, self.row.creator_id).await?.into())
    }

    /// The person responsible for the tasks.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<User, Error> {
        Ok(holder(ctx, self.row.responsible_id).await?.into())
    }

    /// Participants of the tasks.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Participant).await
    }

    /// Observers of the tasks.
    async fn observers(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Observer).await
    }

    /// Whether no tasks are created because the creator or the responsible person is not active. After a handover or
    /// their return, the latest missed task is created.
    async fn stalled(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        let (creator, responsible) = futures_util::future::try_join(
            holder(ctx, self.row.creator_id),
            holder(ctx, self.row.responsible_id),
        )
        .await?;
        Ok(!creator.is_active() || !responsible.is_active())
    }
}

/// Queries for recurring tasks.
#[derive(Default)]
pub struct TaskTemplateQuery;

#[Object]
impl TaskTemplateQuery {
    /// Recurring tasks that you can see, newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn task_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<
            TaskTemplateFilter,
        >,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<TaskTemplateConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let found = template_list::templates(ctx.db(), ctx.actor()?, &filter, &args).await?;
        Ok(found.into())
    }
}

/// Mutations for recurring tasks.
#[derive(Default)]
pub struct TaskTemplateMutation;

#[Object]
impl TaskTemplateMutation {
    /// Creates a recurring task.
    async fn create_task_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateTaskTemplateInput,
    ) -> Result<TaskTemplatePayload, Error> {
        let actor = ctx.actor()?;
        TaskTemplatePayload::new(
            async { create_template::create_task_template(ctx.db(), actor, &input.check()?).await }.await,
        )
    }

    /// Updates a recurring task. Allowed for its creator, its responsible person, the heads of department above them,
    /// and administrators.
    async fn update_task_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateTaskTemplateInput,
    ) -> Result<TaskTemplatePayload, Error> {
        let actor = ctx.actor()?;
        TaskTemplatePayload::new(
            async { update_template::update_task_template(ctx.db(), actor, &input.check()?).await }.await,
        )
    }
}

async fn holder(ctx: &Context<'_>, id: UserId) -> Result<entity::user::Profile, Error> {
    let user = ctx.loaders().users.load(id).await?;
    user.ok_or_else(|| Error::internal("a recurring task of nobody"))
}
