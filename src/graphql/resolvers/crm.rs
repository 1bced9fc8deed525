//! Resolvers: CRM records.

use async_graphql::{ComplexObject, Context, Object};
use entity::crm_rule::CrmOperation;
use entity::{crm_activity, crm_item};

use crate::domain::crm::access::{Access, Subject};
use crate::domain::crm::activities;
use crate::domain::crm::create;
use crate::domain::crm::list;
use crate::domain::crm::update;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::scalars::ExactDecimal;
use crate::graphql::types::crm::{
    CreateCrmItemInput, CrmItem, CrmItemConnection, CrmItemFilter, CrmItemPayload, UpdateCrmItemInput,
};
use crate::graphql::types::crm_activities::CrmActivityConnection;
use crate::graphql::types::people::User;
use crate::store::page::PageArgs;

#[ComplexObject]
impl CrmItem {
    /// Monetary value, as an exact decimal.
    async fn amount(&self) -> Nullable<ExactDecimal> {
        let amount = self.row.amount.as_deref()?.parse();
        Some(amount.map(ExactDecimal).map_err(Error::internal))
    }

    /// The person responsible; null when there is none.
    async fn responsible(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.responsible_id?).await
    }

    /// Calls, meetings, e-mails and to-dos about the record, newest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<CrmActivityConnection, Error> {
        let filter = activities::CrmActivityFilter {
            item: Some(self.row.id),
            ..Default::default()
        };
        let args = PageArgs {
            first,
            after,
            ..Default::default()
        };
        Ok(activities::activities(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Queries for CRM records.
#[derive(Default)]
pub struct CrmQuery;

#[Object]
impl CrmQuery {
    /// CRM records that you can see, newest first. An integration needs READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn crm_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<CrmItemFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<CrmItemConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::crm_items(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Mutations for CRM records.
#[derive(Default)]
pub struct CrmMutation;

#[Object]
impl CrmMutation {
    /// Creates a CRM record. Needs a CRM role that allows you to ADD it.
    async fn create_crm_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateCrmItemInput,
    ) -> Result<CrmItemPayload, Error> {
        let actor = ctx.actor()?;
        CrmItemPayload::new(async { create::create_crm_item(ctx.db(), actor, &input.check()?).await }.await)
    }

    /// Updates a CRM record. Needs a CRM role that allows you to UPDATE it.
    async fn update_crm_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateCrmItemInput,
    ) -> Result<CrmItemPayload, Error> {
        let actor = ctx.actor()?;
        CrmItemPayload::new(async { update::update_crm_item(ctx.db(), actor, &input.check()?).await }.await)
    }
}

/// Whether the caller can read this record.
///
/// # Errors
/// When the database fails.
pub async fn may_read(ctx: &Context<'_>, row: &crm_item::Model) -> Result<bool, Error> {
    let (actor, loaders, db) = (ctx.actor()?, ctx.loaders(), ctx.db());
    let load = || Access::load(db.read(), actor, CrmOperation::Read);
    let access = loaders.crm_readable.get_or_try_init(load).await?;
    match access.covers(row) {
        Some(may) => Ok(may),
        None => {
            let subject = Subject::new(actor, CrmOperation::Read);
            Ok(loaders
                .crm_readable_items
                .load((subject, row.id))
                .await?
                .is_some())
        }
    }
}

/// Whether the caller can read this activity: it is theirs, or they can read its record.
///
/// # Errors
/// When the database fails.
pub async fn may_read_activity(ctx: &Context<'_>, row: &crm_activity::Model) -> Result<bool, Error> {
    if row.responsible_id == ctx.actor()?.user_id {
        return Ok(true);
    }
    match ctx.loaders().crm_items.load(row.item_id).await? {
        Some(record) => may_read(ctx, &record).await,
        None => Ok(false),
    }
}
