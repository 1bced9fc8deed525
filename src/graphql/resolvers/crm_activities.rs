//! Resolvers: CRM activities.

use async_graphql::{ComplexObject, Context, Object};

use crate::domain::crm::activities;
use crate::domain::crm::create_activity;
use crate::domain::crm::update_activity;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::resolvers::crm::may_read;
use crate::graphql::types::crm::CrmItem;
use crate::graphql::types::crm_activities::{
    CreateCrmActivityInput, CrmActivity, CrmActivityConnection, CrmActivityFilter, CrmActivityPayload,
    UpdateCrmActivityInput,
};
use crate::graphql::types::people::User;
use crate::store::page::PageArgs;

#[ComplexObject]
impl CrmActivity {
    /// The person responsible.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.responsible_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("an activity of nobody"))
    }

    /// The record that it is about; null when you can't read that record.
    async fn item(&self, ctx: &Context<'_>) -> Nullable<CrmItem> {
        let item = async {
            let found = ctx.loaders().crm_items.load(self.row.item_id).await?;
            let item = found.ok_or_else(|| Error::internal("an activity about nothing"))?;
            Ok(may_read(ctx, &item).await?.then(|| item.into()))
        };
        item.await.transpose()
    }
}

/// Queries for CRM activities.
#[derive(Default)]
pub struct CrmActivityQuery;

#[Object]
impl CrmActivityQuery {
    /// CRM activities that you can see, newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn crm_activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<CrmActivityFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<CrmActivityConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(activities::activities(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Mutations for CRM activities.
#[derive(Default)]
pub struct CrmActivityMutation;

#[Object]
impl CrmActivityMutation {
    /// Creates a CRM activity: your own on a record that you can see, someone else's on a record that you can update.
    async fn create_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(
            async { create_activity::create_crm_activity(ctx.db(), actor, &input.check()?).await }.await,
        )
    }

    /// Updates a CRM activity: your own, or one on a record that you can update.
    async fn update_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(
            async { update_activity::update_crm_activity(ctx.db(), actor, &input.check()?).await }.await,
        )
    }
}
