//! Resolvers: mutations for webhooks.

use async_graphql::{Context, Object};
use entity::webhook::Model as Row;
use secrecy::{ExposeSecret, SecretString};

use crate::domain::webhooks::event::Event;
use crate::domain::webhooks::{create, delete, redeliver, rotate_secret, test, update};
use crate::error::{Error, Outcome};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::types::webhooks::{
    CreateWebhookInput, CreateWebhookPayload, DeleteWebhookInput, DeleteWebhookPayload,
    RedeliverWebhookInput, RotateWebhookSecretInput, TestWebhookInput, UpdateWebhookInput, WebhookPayload,
};
use crate::store::input;

/// Mutations for webhooks.
#[derive(Default)]
pub struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Creates a webhook: it receives the changes that are made after it. Needs MANAGE_INTEGRATIONS; not available to
    /// integrations.
    async fn create_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: CreateWebhookInput,
    ) -> Result<CreateWebhookPayload, Error> {
        let actor = ctx.actor()?;
        with_secret(
            async { create::create_webhook(ctx.db(), ctx.egress(), actor, &input.check()?).await }.await,
        )
    }

    /// Changes a webhook. Disabling it holds what is not delivered; enabling it sends what was held since a time. Needs
    /// MANAGE_INTEGRATIONS; not available to integrations.
    async fn update_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: UpdateWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        let actor = ctx.actor()?;
        WebhookPayload::new(
            async { update::update_webhook(ctx.db(), ctx.egress(), actor, &input.check()?).await }.await,
        )
    }

    /// Deletes a webhook and its secrets; nothing more is sent. Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn delete_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: DeleteWebhookInput,
    ) -> Result<DeleteWebhookPayload, Error> {
        let actor = ctx.actor()?;
        let done = async {
            let id = input::id(&input.webhook_id, "webhookId")?;
            delete::delete_webhook(ctx.db(), actor, id).await
        }
        .await;
        let (_, user_errors) = split(done)?;
        Ok(DeleteWebhookPayload { user_errors })
    }

    /// Gives a webhook a new secret. For a time deliveries are signed with both, so that the receiver can change over.
    /// Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RotateWebhookSecretInput,
    ) -> Result<CreateWebhookPayload, Error> {
        let actor = ctx.actor()?;
        with_secret(
            async {
                let id = input::id(&input.webhook_id, "webhookId")?;
                let hours = input.keep_old_for_hours.unwrap_or(rotate_secret::DEFAULT_HOURS);
                rotate_secret::rotate_webhook_secret(ctx.db(), actor, id, hours).await
            }
            .await,
        )
    }

    /// Sends a test event to a webhook. Needs MANAGE_INTEGRATIONS; not available to integrations.
    async fn test_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: TestWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        let actor = ctx.actor()?;
        WebhookPayload::new(
            async {
                let id = input::id(&input.webhook_id, "webhookId")?;
                let event = input.event.map_or(Event::Ping, Event::from);
                test::test_webhook(ctx.db(), actor, id, event).await
            }
            .await,
        )
    }

    /// Sends deliveries again, whatever has become of them: one, or those of a time. Needs MANAGE_INTEGRATIONS; not
    /// available to integrations.
    async fn redeliver_webhook(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RedeliverWebhookInput,
    ) -> Result<WebhookPayload, Error> {
        let actor = ctx.actor()?;
        WebhookPayload::new(
            async {
                let id = input::id(&input.webhook_id, "webhookId")?;
                redeliver::redeliver_webhook(ctx.db(), actor, id, input.check()?).await
            }
            .await,
        )
    }
}

fn with_secret(done: Outcome<(Row, SecretString)>) -> Result<CreateWebhookPayload, Error> {
    let (done, user_errors) = split(done)?;
    let (webhook, secret) = done.unzip();
    Ok(CreateWebhookPayload {
        webhook: webhook.map(Into::into),
        secret: secret.map(|secret| secret.expose_secret().to_owned()),
        user_errors,
    })
}
