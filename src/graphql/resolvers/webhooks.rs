//! Resolvers: webhooks, their deliveries, and the changes that they announce.

use async_graphql::{ComplexObject, Context, Object};
use entity::id;
use entity::user::UserStatus;
use entity::webhook_delivery::DeliveryState;
use futures_util::future::try_join_all;

use crate::domain::webhooks::event::Event;
use crate::domain::webhooks::{changes, list, payload};
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::node::Node;
use crate::graphql::types::webhook_events::{Change, ChangeConnection, WebhookEvent};
use crate::graphql::types::webhooks::{
    Webhook, WebhookAttempt, WebhookDelivery, WebhookDeliveryConnection, WebhookDeliveryState,
};
use crate::store::page::PageArgs;

#[ComplexObject]
impl Webhook {
    /// The integration it belongs to; null when it belongs to the company.
    async fn integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.integration_id?).await
    }

    /// What an administrator should look at: that it fails or was disabled, and that its secret is known to somebody who
    /// was dismissed.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Vec<String>, Error> {
        let integration = match self.row.integration_id {
            Some(id) => ctx.loaders().integrations.load(id).await?,
            None => None,
        };
        let is_revoked = integration.is_some_and(|integration| integration.revoked_at.is_some());
        let shown_to = ctx.loaders().users.load(self.row.secret_shown_to_id).await?;
        let is_secret_safe = shown_to.is_none_or(|person| person.status != UserStatus::Dismissed);
        Ok(list::warnings(&self.row, is_revoked, is_secret_safe))
    }

    /// Its deliveries of the last thirty days, newest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In one of these states; defaults to all.")] state: Option<
            Vec<WebhookDeliveryState>,
        >,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<WebhookDeliveryConnection, Error> {
        let states = state.map(|states| {
            let mut states: Vec<DeliveryState> = states.into_iter().map(Into::into).collect();
            // There are four, however often they are named.
            states.sort_unstable();
            states.dedup();
            states
        });
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let page = list::deliveries(ctx.db(), ctx.actor()?, self.row.id, states.as_deref(), &args).await?;
        Ok(page.into())
    }
}

#[ComplexObject]
impl WebhookDelivery {
    /// Its attempts, oldest first; the last hundred.
    #[graphql(complexity = "10 + child_complexity")]
    async fn attempt_log(&self, ctx: &Context<'_>) -> Result<Vec<WebhookAttempt>, Error> {
        let found = list::attempts(ctx.db(), self.row.id).await?;
        Ok(found.into_iter().map(WebhookAttempt::from).collect())
    }
}

#[ComplexObject]
impl Change {
    /// The object that was changed; null when it is not a node, or you can't see it.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let (prefix, id) = payload::subject(&self.row)?;
        Node::load(ctx, prefix, id).await.transpose()
    }

    /// Other objects that the change names: a handover, a dismissal, a department. Those you can't see are left out.
    #[graphql(complexity = "5 * child_complexity.max(1)")]
    async fn related(&self, ctx: &Context<'_>) -> Result<Vec<Node>, Error> {
        let related = payload::related(&self.row);
        let ids = related.iter().filter_map(|text| id::split(text));
        let found = try_join_all(ids.map(|(prefix, id)| Node::load(ctx, prefix, id))).await?;
        Ok(found.into_iter().flatten().collect())
    }
}

/// Queries for webhooks and changes.
#[derive(Default)]
pub struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// All webhooks, by creation. Needs MANAGE_INTEGRATIONS.
    async fn webhooks(&self, ctx: &Context<'_>) -> Nullable<Vec<Webhook>> {
        Some(
            async {
                let found = list::webhooks(ctx.db(), ctx.actor()?).await?;
                Ok(found.into_iter().map(Webhook::from).collect())
            }
            .await,
        )
    }

    /// The changes that webhooks announce, oldest first, to be followed by cursor: whoever asks again after the last
    /// cursor misses none. A page without changes has `after` as its `endCursor`. Needs READ_EVENTS; of planned
    /// dismissals also DISMISS_USERS, of sessions READ_AUDIT_LOG.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Of these types; defaults to all.")] types: Option<Vec<WebhookEvent>>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
    ) -> Nullable<ChangeConnection> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let types = types.map(|types| types.into_iter().map(Event::from).collect());
        Some(
            async {
                // A replica may not have the latest places yet.
                let page = changes::changes(ctx.primary(), ctx.actor()?, types.as_ref(), &args).await?;
                Ok(ChangeConnection::following(page, args.after))
            }
            .await,
        )
    }
}
