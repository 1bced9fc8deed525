//! CRM activities in the API.

use crate::domain::crm::activities;
use crate::domain::crm::create_activity;
use crate::domain::crm::update_activity;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::argument_id;
use crate::graphql::resolvers::crm::may_read;
use crate::graphql::types::crm::CrmItem;
use crate::graphql::types::crm_activities::{
    CreateCrmActivityInput, CrmActivity, CrmActivityConnection, CrmActivityFilter, CrmActivityPayload,
    UpdateCrmActivityInput,
};
use crate::graphql::types::people::User;
use crate::store::page::PageArgs;
use async_graphql::{ComplexObject, Context, Object};

#[ComplexObject]
impl CrmActivity {
    /// Who does it.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.responsible_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("an activity of nobody"))
    }

    /// The record that it is about; null where you may not read that record.
    async fn item(&self, ctx: &Context<'_>) -> Nullable<CrmItem> {
        let item = async {
            let found = ctx.loaders().crm_items.load(self.row.item_id).await?;
            let item = found.ok_or_else(|| Error::internal("an activity about nothing"))?;
            Ok(may_read(ctx, &item).await?.then(|| item.into()))
        };
        item.await.transpose()
    }
}

/// Reads of CRM activities.
#[derive(Default)]
pub struct CrmActivityQuery;

#[Object]
impl CrmActivityQuery {
    /// CRM activities that you may see, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn crm_activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<
            CrmActivityFilter,
        >,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<CrmActivityConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = activities::CrmActivityFilter {
            responsible: filter
                .responsible_id
                .map(|id| argument_id(&id, "filter.responsibleId"))
                .transpose()?,
            item: filter
                .item_id
                .map(|id| argument_id(&id, "filter.itemId"))
                .transpose()?,
            completed: filter.completed,
        };
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

/// Changes of CRM activities.
#[derive(Default)]
pub struct CrmActivityMutation;

#[Object]
impl CrmActivityMutation {
    /// Makes an activity: your own for a record that you may see, another's for one that you may update.
    async fn create_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(match input.check() {
            Ok(command) => create_activity::create_crm_activity(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes an activity: your own, or that of a record that you may update.
    async fn update_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(match input.check() {
            Ok(command) => update_activity::update_crm_activity(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}
