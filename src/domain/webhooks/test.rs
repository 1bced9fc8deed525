//! testWebhook.

use std::sync::Arc;

use entity::webhook::Model as Webhook;
use entity::webhook_delivery::DeliveryState;
use entity::{WebhookId, webhook_delivery};
use sea_orm::EntityTrait;
use serde_json::json;

use super::event::Event;
use super::find_sending;
use super::publish::new_delivery;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::Outcome;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Sends a test event, marked as such: it is about the webhook itself, and has no place in the order of the changes.
///
/// # Errors
/// As [`find_sending`].
pub async fn test_webhook(db: &Db, actor: &Actor, id: WebhookId, event: Event) -> Outcome<Webhook> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let tx = &*tx;
            let row = find_sending(tx, id).await?;
            let data = json!({ "event": event.as_str() });
            let subject = Some(id.into());
            let (entry, recorded) =
                journal::record_with_id(tx, &actor.author(), Action::WebhookTested, subject, data).await?;
            let delivery = new_delivery(tx, id, entry, event.as_str(), None, DeliveryState::Pending);
            webhook_delivery::Entity::insert(delivery)
                .exec_without_returning(&tx.conn)
                .await?;
            tx.mark_event_recorded();
            Ok((row, recorded))
        },
    )
    .await
}
