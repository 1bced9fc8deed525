//! updateWebhook.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::webhook::{self, Model as Webhook, WebhookOrder, WebhookState};
use entity::webhook_delivery::{self, Column, DeliveryState};
use entity::{Timestamp, WebhookId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

use super::create::{check_url, origin};
use super::event::Event;
use super::{check_events, find, publish, read_events, switch_off, write_events};
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::integrations::add_secret;
use crate::egress::Egress;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Changes, Recorded};

/// How far ahead `since` may be: clocks differ.
const LEEWAY: TimeDelta = TimeDelta::minutes(5);

/// Changes to a webhook; `None` leaves a field as it is.
pub struct UpdateWebhook {
    /// The webhook.
    pub id: WebhookId,
    /// Where deliveries are sent.
    pub url: Option<String>,
    /// The events that it receives.
    pub events: Option<BTreeSet<Event>>,
    /// Order of the deliveries.
    pub order: Option<WebhookOrder>,
    /// Whether deliveries are sent.
    pub enabled: Option<bool>,
    /// With `enabled`: what was held from then on is sent.
    pub since: Option<Timestamp>,
}

/// Changes a webhook. Disabling it holds what is not delivered yet; enabling it sends what was held since a time, and
/// nothing of it without one.
///
/// # Errors
/// As `create_webhook`, and [`Code::NotFound`] for the webhook; [`Code::Invalid`] for `since` without `enabled`
/// or in the future.
pub async fn update_webhook(
    db: &Db,
    egress: &Egress,
    actor: &Actor,
    input: &UpdateWebhook,
) -> Outcome<Webhook> {
    let needs = guard::manage_integrations(actor)?;
    check_since(input, db.clock().now())?;
    let url = match &input.url {
        Some(url) => Some(check_url(egress, url).await?),
        None => None,
    };
    let url = &url;
    // What has committed before is for the webhook as it was.
    publish::publish(db).await?;
    db.write_as(actor, needs, move |tx: Arc<Tx>, actor| async move {
        let tx = &*tx;
        // Locks are taken in the order integration, order of the changes, webhook.
        let integration = webhook::Entity::find_by_id(input.id).one(&tx.conn).await?;
        let integration = integration.and_then(|row| row.integration_id);
        let needs_check = input.events.is_some() || input.enabled == Some(true);
        if let (Some(integration), true) = (integration, needs_check) {
            add_secret::find(tx, integration).await?;
        }
        while publish::publish_some(tx).await? > 0 {}
        let before = find(tx, input.id).await?;
        let mut row = before.clone();
        if let Some(url) = url {
            row.url.clone_from(url);
        }
        if let Some(order) = input.order {
            row.delivery_order = order;
        }
        let is_enabled = input.enabled.unwrap_or(before.is_sending());
        let events = input.events.clone();
        let events = events.unwrap_or_else(|| read_events(&row.events).into_iter().collect());
        row.events = write_events(&events);
        if row.events != before.events || is_enabled && !before.is_sending() {
            check_events(tx, &events, row.integration_id).await?;
        }
        enable(tx, &before, &mut row, is_enabled, input.since).await?;
        let changes = changes(&before, &row);
        if row == before && input.since.is_none() {
            return Ok((row, Recorded::nothing_changed()));
        }
        row.updated_at = tx.now;
        let saved = row.into_active_model().reset_all().update(&tx.conn).await?;
        tx.mark_event_recorded();
        let subject = Some(saved.id.into());
        let recorded = journal::record(tx, &actor.author(), Action::WebhookUpdated, subject, changes).await?;
        Ok((saved, recorded))
    })
    .await
}

fn check_since(input: &UpdateWebhook, now: Timestamp) -> Outcome<()> {
    match input.since {
        Some(_) if input.enabled != Some(true) => refuse(
            Code::Invalid,
            "since",
            "is for enabling a webhook: give enabled: true",
        ),
        Some(since) if since > now + LEEWAY => refuse(Code::Invalid, "since", "is in the future"),
        _ => Ok(()),
    }
}

async fn enable(
    tx: &Tx,
    before: &Webhook,
    row: &mut Webhook,
    is_enabled: bool,
    since: Option<Timestamp>,
) -> Outcome<()> {
    match (before.is_sending(), is_enabled) {
        (true, false) => switch_off(tx, row).await?,
        (false, true) => {
            row.state = WebhookState::Enabled;
            row.disabled_at = None;
            row.failing_since = None;
        }
        _ => {}
    }
    if let Some(since) = since {
        webhook_delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(DeliveryState::Pending))
            .col_expr(Column::Tries, Expr::value(0))
            .col_expr(Column::DueAt, Expr::value(tx.now))
            .filter(Column::WebhookId.eq(row.id))
            .filter(Column::State.eq(DeliveryState::Held))
            .filter(Column::CreatedAt.gte(since))
            .exec(&tx.conn)
            .await?;
    }
    Ok(())
}

fn changes(before: &Webhook, after: &Webhook) -> Changes {
    let list = |row: &Webhook| row.events.trim().to_owned();
    Changes::default()
        .with("url", origin(&before.url), origin(&after.url))
        .with("events", list(before), list(after))
        .with("order", word(before.delivery_order), word(after.delivery_order))
        .with("enabled", before.is_sending(), after.is_sending())
}

fn word(order: WebhookOrder) -> &'static str {
    match order {
        WebhookOrder::BestEffort => "BEST_EFFORT",
        WebhookOrder::InOrder => "IN_ORDER",
    }
}
