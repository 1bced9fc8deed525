//! createWebhook.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::webhook::{self, Model as Webhook, WebhookOrder, WebhookState};
use entity::{IntegrationId, WebhookId};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use super::event::Event;
use super::{check_events, publish, signature, write_events};
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::egress::Egress;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Maximum number of webhooks.
const MAX_WEBHOOKS: u64 = 100;

/// A new webhook.
pub struct CreateWebhook {
    /// Where deliveries are sent.
    pub url: String,
    /// The events that it receives.
    pub events: BTreeSet<Event>,
    /// Order of the deliveries.
    pub order: WebhookOrder,
    /// The integration it belongs to.
    pub integration: Option<IntegrationId>,
}

/// Creates a webhook: it receives the changes that commit after it. Returns it with its secret, which is not shown again.
///
/// # Errors
/// [`Code::AddressNotAllowed`] and [`Code::Invalid`] for the URL; [`Code::Invalid`] for the events, and for an integration
/// that may not receive them; [`Code::NotFound`] for the integration; [`Code::TooMany`].
pub async fn create_webhook(
    db: &Db,
    egress: &Egress,
    actor: &Actor,
    input: &CreateWebhook,
) -> Outcome<(Webhook, SecretString)> {
    let needs = guard::manage_integrations(actor)?;
    let url = &check_url(egress, &input.url).await?;
    // Most of what there is gets its place before the transaction that holds the lock.
    publish::publish(db).await?;
    db.write_as(actor, needs, move |tx: Arc<Tx>, actor| async move {
        let tx = &*tx;
        check_events(tx, &input.events, input.integration).await?;
        let there = webhook::Entity::find()
            .filter(webhook::Column::DeletedAt.is_null())
            .count(&tx.conn)
            .await?;
        if there >= MAX_WEBHOOKS {
            return refuse(Code::TooMany, "", format!("at most {MAX_WEBHOOKS} webhooks"));
        }
        while publish::publish_some(tx).await? > 0 {}
        let secret = signature::new_secret()?;
        let created = Webhook {
            id: WebhookId(tx.new_id()),
            integration_id: input.integration,
            secret_shown_to_id: actor.user_id,
            url: url.clone(),
            events: write_events(&input.events),
            delivery_order: input.order,
            state: WebhookState::Enabled,
            secret: secret.clone(),
            previous_secret: None,
            previous_secret_until: None,
            failing_since: None,
            last_failed_at: None,
            disabled_at: None,
            created_at: tx.now,
            updated_at: tx.now,
            deleted_at: None,
        };
        webhook::Entity::insert(created.clone().into_active_model())
            .exec_without_returning(&tx.conn)
            .await?;
        tx.mark_event_recorded();
        let data = json!({
            "url": origin(url),
            "events": input.events.iter().map(|event| event.as_str()).collect::<Vec<_>>(),
            "integration": input.integration.map(|id| id.to_string()),
        });
        let subject = Some(created.id.into());
        let recorded = journal::record(tx, &actor.author(), Action::WebhookCreated, subject, data).await?;
        Ok(((created, secret.into()), recorded))
    })
    .await
}

/// Checks the URL of a webhook.
///
/// # Errors
/// [`Code::AddressNotAllowed`]; [`Code::Invalid`].
pub(super) async fn check_url(egress: &Egress, text: &str) -> Outcome<String> {
    let url = egress.check(text.trim()).await;
    Ok(url.map_err(|why| why.refusal("url"))?.into())
}

/// The part of a URL that is no secret: paths and parameters often are.
pub(super) fn origin(url: &str) -> String {
    url::Url::parse(url).map_or_else(|_| String::new(), |url| url.origin().ascii_serialization())
}
