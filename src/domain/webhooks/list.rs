//! Queries on webhooks.

use std::collections::HashMap;
use std::time::Duration;

use entity::webhook::{self, Model as Webhook, WebhookState};
use entity::webhook_attempt::{self, Model as Attempt};
use entity::webhook_delivery::{self, DeliveryState, Model as Delivery};
use entity::{Timestamp, WebhookDeliveryId, WebhookId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::event::Event;
use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::{self, Db};
use crate::store::page::{self, Order, Page, PageArgs};

/// Maximum number of attempts that are listed of a delivery.
const MAX_ATTEMPTS: u64 = 100;

/// Returns all webhooks, by creation.
///
/// # Errors
/// [`Error::Forbidden`] without MANAGE_INTEGRATIONS.
pub async fn webhooks(db: &Db, actor: &Actor) -> Result<Vec<Webhook>, Error> {
    actor.require(Permission::ManageIntegrations)?;
    Ok(webhook::Entity::find()
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .all(db.read())
        .await?)
}

/// Returns what an administrator should look at. `is_revoked` is whether the webhook belongs to an integration that was
/// revoked, `is_secret_safe` whether nobody who was dismissed was shown the secret.
pub fn warnings(row: &Webhook, is_revoked: bool, is_secret_safe: bool) -> Vec<String> {
    let day = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.format("%Y-%m-%d").to_string());
    let state = match row.state {
        WebhookState::Enabled => None,
        WebhookState::Failing => Some(format!(
            "Every attempt has failed since {} (UTC)",
            day(row.failing_since)
        )),
        WebhookState::Disabled if is_revoked => Some(format!(
            "It is disabled since {} (UTC), and its integration is revoked",
            day(row.disabled_at)
        )),
        WebhookState::Disabled if row.failing_since.is_some() => Some(format!(
            "It was disabled on {} (UTC) because every attempt had failed for five days",
            day(row.disabled_at)
        )),
        WebhookState::Disabled => None,
        WebhookState::Gone => Some(format!(
            "It was disabled on {} (UTC) because its receiver answered 410",
            day(row.disabled_at)
        )),
    };
    let secret =
        (!is_secret_safe).then(|| "Its secret is known to somebody who was dismissed: rotate it".to_owned());
    state.into_iter().chain(secret).collect()
}

/// Whether there is any webhook.
///
/// # Errors
/// When the database fails.
pub async fn exist(db: &Db) -> Result<bool, Error> {
    let found = webhook::Entity::find()
        .filter(webhook::Column::DeletedAt.is_null())
        .one(db.read())
        .await?;
    Ok(found.is_some())
}

/// Returns for how long the oldest delivery that is due has been due, or the oldest change has waited for its deliveries;
/// `None` if none is.
///
/// # Errors
/// When the database fails.
pub async fn oldest_due(db: &Db) -> Result<Option<Duration>, Error> {
    let sql = "SELECT MIN(d.due_at), (SELECT MIN(at) FROM audit_entries WHERE sequence = 0) FROM webhook_deliveries d \
               JOIN webhooks w ON w.id = d.webhook_id WHERE d.state = 'PENDING' AND w.deleted_at IS NULL";
    let rows = db::query(db.read(), sql, []).await?;
    let mut oldest: Option<Timestamp> = None;
    if let Some(row) = rows.first() {
        let (due, recorded): (Option<Timestamp>, Option<Timestamp>) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        // Without webhooks, changes are published now and then.
        let recorded = recorded.filter(|_| due.is_some());
        oldest = [due, recorded].into_iter().flatten().min();
    }
    // Less than nothing: the next one is due later.
    Ok(oldest.and_then(|at| (db.clock().now() - at).to_std().ok()))
}

/// Returns webhooks by id, without a permission check; also deleted ones.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[WebhookId]) -> Result<HashMap<WebhookId, Webhook>, Error> {
    db::by_ids::<webhook::Entity, _>(db.read(), webhook::Column::Id, ids, |row| row.id).await
}

/// Returns deliveries by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn deliveries_by_ids(
    db: &Db,
    ids: &[WebhookDeliveryId],
) -> Result<HashMap<WebhookDeliveryId, Delivery>, Error> {
    let column = webhook_delivery::Column::Id;
    db::by_ids::<webhook_delivery::Entity, _>(db.read(), column, ids, |row| row.id).await
}

/// Whether the actor may learn of a delivery: those with MANAGE_INTEGRATIONS, of events that they may follow.
pub fn is_visible(actor: &Actor, delivery: &Delivery) -> bool {
    let event = Event::parse(&delivery.event);
    actor.may(Permission::ManageIntegrations) && event.is_some_and(|event| may_manage(actor, event))
}

/// Those who manage webhooks need no READ_EVENTS, but what else an event requires.
fn may_manage(actor: &Actor, event: Event) -> bool {
    event
        .requires()
        .all(|permission| permission == Permission::ReadEvents || actor.may(permission))
}

/// Returns a page of the deliveries of a webhook, newest first; those that the actor may not learn of are left out.
///
/// # Errors
/// [`Error::Forbidden`] without MANAGE_INTEGRATIONS; [`Error::BadInput`] for invalid arguments.
pub async fn deliveries(
    db: &Db,
    actor: &Actor,
    webhook: WebhookId,
    states: Option<&[DeliveryState]>,
    args: &PageArgs,
) -> Result<Page<Delivery>, Error> {
    actor.require(Permission::ManageIntegrations)?;
    let visible = Event::all().filter(|event| may_manage(actor, *event));
    let mut select = webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(webhook))
        .filter(webhook_delivery::Column::Event.is_in(visible.map(Event::as_str)));
    if let Some(states) = states {
        select = select.filter(webhook_delivery::Column::State.is_in(states.iter().copied()));
    }
    let order = Order::by_id(webhook_delivery::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns the last attempts of a delivery, oldest first, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn attempts(db: &Db, delivery: WebhookDeliveryId) -> Result<Vec<Attempt>, Error> {
    let mut found = webhook_attempt::Entity::find()
        .filter(webhook_attempt::Column::DeliveryId.eq(delivery))
        .order_by_desc(webhook_attempt::Column::Id)
        .limit(MAX_ATTEMPTS)
        .all(db.read())
        .await?;
    found.reverse();
    Ok(found)
}
