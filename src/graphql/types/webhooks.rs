//! GraphQL types: webhooks and their deliveries.

use std::collections::BTreeSet;

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::webhook::{Model as Row, WebhookOrder as StoredOrder, WebhookState as StoredState};
use entity::webhook_attempt::Model as AttemptRow;
use entity::webhook_delivery::{DeliveryFailure, DeliveryState, Model as DeliveryRow};

use crate::domain::webhooks::create::CreateWebhook;
use crate::domain::webhooks::event::Event;
use crate::domain::webhooks::read_events;
use crate::domain::webhooks::redeliver::Which;
use crate::domain::webhooks::update::UpdateWebhook;
use crate::error::{Code, Outcome, refuse};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::Columns;
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::webhook_events::WebhookEvent;
use crate::store::input;

/// Order of the deliveries of a webhook.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "StoredOrder")]
pub enum WebhookOrder {
    /// Several at a time; a failed delivery doesn't delay others.
    BestEffort,
    /// One at a time, in the order of the changes: the next is sent when the one before is delivered or given up.
    InOrder,
}

/// Whether a webhook is sending.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "StoredState")]
pub enum WebhookState {
    /// Deliveries are sent.
    Enabled,
    /// Deliveries are sent, but every attempt has failed for a day.
    Failing,
    /// Deliveries are held: somebody disabled it, its integration was revoked, or every attempt has failed for five days.
    Disabled,
    /// Deliveries are held: the receiver answered 410.
    Gone,
}

/// What has become of a delivery.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "DeliveryState")]
pub enum WebhookDeliveryState {
    /// It will be sent, or sent again.
    Pending,
    /// The receiver has accepted it.
    Delivered,
    /// It was given up, after ten attempts or at the request of the receiver.
    Failed,
    /// The webhook was disabled; it is sent only on request, within thirty days.
    Held,
}

/// Why an attempt failed.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "DeliveryFailure")]
pub enum WebhookFailure {
    /// The host name could not be resolved.
    Dns,
    /// The address is not public, and not allowed.
    BlockedAddress,
    /// No connection, or it was closed before the answer.
    Connect,
    /// The certificate is not trusted, or TLS could not be negotiated.
    Tls,
    /// No answer within 15 seconds.
    Timeout,
    /// A status other than 2xx.
    Status,
    /// A redirect, which is not followed.
    Redirect,
}

/// A URL to which changes are sent, signed by the Standard Webhooks specification.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Webhook {
    /// ID of the object.
    pub id: ID,
    /// Where deliveries are sent.
    url: String,
    /// The events that it receives.
    events: Vec<WebhookEvent>,
    /// Order of the deliveries.
    order: WebhookOrder,
    /// Whether it is sending.
    state: WebhookState,
    /// When the first of the attempts since the last success failed; null when the last one succeeded.
    failing_since: Option<DateTime<Utc>>,
    /// When it stopped sending; null while it is sending.
    disabled_at: Option<DateTime<Utc>>,
    /// Until when deliveries are signed with the secret before the last rotation too; null when there is none.
    old_secret_until: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for Webhook {
    fn from(row: Row) -> Self {
        let events = read_events(&row.events);
        Self {
            id: row.id.to_string().into(),
            url: row.url.clone(),
            events: events.into_iter().map(WebhookEvent::from).collect(),
            order: row.delivery_order.into(),
            state: row.state.into(),
            failing_since: row.failing_since,
            disabled_at: row.disabled_at,
            old_secret_until: row.previous_secret_until,
            row,
        }
    }
}

/// An event for a webhook.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct WebhookDelivery {
    /// ID of the object.
    pub id: ID,
    /// Type of the event.
    event: WebhookEvent,
    /// What has become of it.
    state: WebhookDeliveryState,
    /// Number of attempts.
    attempts: i32,
    /// HTTP status of the last attempt that got an answer.
    last_status: Option<i32>,
    /// Why the last attempt failed; null when it succeeded, and before the first.
    last_failure: Option<WebhookFailure>,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it was delivered.
    delivered_at: Option<DateTime<Utc>>,
    /// When it is sent next; null when it isn't.
    next_attempt_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: DeliveryRow,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            event: Event::parse(&row.event).unwrap_or(Event::Ping).into(),
            state: row.state.into(),
            attempts: row.attempts,
            last_status: row.last_status,
            last_failure: row.last_failure.map(WebhookFailure::from),
            created_at: row.created_at,
            delivered_at: row.delivered_at,
            next_attempt_at: (row.state == DeliveryState::Pending).then_some(row.due_at),
            row,
        }
    }
}

impl Columns for WebhookDelivery {}

connection!(
    WebhookDelivery,
    WebhookDeliveryConnection,
    WebhookDeliveryEdge,
    "deliveries"
);

/// An attempt to deliver an event. Answers are not stored.
#[derive(SimpleObject)]
pub struct WebhookAttempt {
    /// When it began.
    at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    milliseconds: i32,
    /// HTTP status of the answer; null when there was none.
    status: Option<i32>,
    /// Why it failed; null when it succeeded.
    failure: Option<WebhookFailure>,
}

impl From<AttemptRow> for WebhookAttempt {
    fn from(row: AttemptRow) -> Self {
        Self {
            at: row.at,
            milliseconds: row.milliseconds,
            status: row.status,
            failure: row.failure.map(WebhookFailure::from),
        }
    }
}

/// Input of `createWebhook`.
#[derive(InputObject)]
pub struct CreateWebhookInput {
    /// Where deliveries are sent: an https URL. http is for networks that the server is told to allow.
    url: String,
    /// The events that it receives.
    events: Vec<WebhookEvent>,
    /// Order of the deliveries; defaults to BEST_EFFORT.
    order: Option<WebhookOrder>,
    /// ID of an integration with the scope READ_EVENTS. Its scopes decide which events it may receive; when it is
    /// revoked, the webhook is disabled. When left out, the webhook belongs to the company.
    integration_id: Option<ID>,
}

/// Input of `updateWebhook`. What is left out stays.
#[derive(InputObject)]
pub struct UpdateWebhookInput {
    /// ID of the webhook.
    webhook_id: ID,
    /// Where deliveries are sent.
    url: Option<String>,
    /// The events that it receives.
    events: Option<Vec<WebhookEvent>>,
    /// Order of the deliveries.
    order: Option<WebhookOrder>,
    /// Whether deliveries are sent; otherwise they are held for thirty days.
    enabled: Option<bool>,
    /// With `enabled: true`, deliveries held since this time, which is not in the future, are sent; none when left out.
    since: Option<DateTime<Utc>>,
}

/// Input of `deleteWebhook`.
#[derive(InputObject)]
pub struct DeleteWebhookInput {
    /// ID of the webhook.
    pub(crate) webhook_id: ID,
}

/// Input of `rotateWebhookSecret`.
#[derive(InputObject)]
pub struct RotateWebhookSecretInput {
    /// ID of the webhook.
    pub(crate) webhook_id: ID,
    /// For how many hours deliveries are signed with the old secret too, from 0 to 168; defaults to 24.
    pub(crate) keep_old_for_hours: Option<i32>,
}

/// Input of `testWebhook`.
#[derive(InputObject)]
pub struct TestWebhookInput {
    /// ID of the webhook.
    pub(crate) webhook_id: ID,
    /// Type of the event; defaults to PING. The event is about the webhook itself and contains `"test": true`.
    pub(crate) event: Option<WebhookEvent>,
}

/// Input of `redeliverWebhook`: one delivery, or those of a time, which can't be none.
#[derive(InputObject)]
pub struct RedeliverWebhookInput {
    /// ID of the webhook.
    pub(crate) webhook_id: ID,
    /// ID of a delivery.
    delivery_id: Option<ID>,
    /// Deliveries created at or after this time.
    since: Option<DateTime<Utc>>,
    /// With `since`: deliveries created before this time.
    until: Option<DateTime<Utc>>,
}

payload! {
    /// Payload of `updateWebhook`, `testWebhook` and `redeliverWebhook`.
    WebhookPayload {
        /// The webhook.
        webhook: Webhook from Row,
    }
}

/// Payload of `createWebhook` and `rotateWebhookSecret`.
#[derive(SimpleObject)]
pub struct CreateWebhookPayload {
    /// The webhook.
    pub(crate) webhook: Option<Webhook>,
    /// The secret that signs its deliveries: `whsec_…`. Returned only once.
    pub(crate) secret: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Payload of `deleteWebhook`.
#[derive(SimpleObject)]
pub struct DeleteWebhookPayload {
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

fn events(given: Vec<WebhookEvent>) -> BTreeSet<Event> {
    given.into_iter().map(Event::from).collect()
}

impl CreateWebhookInput {
    pub(crate) fn check(self) -> Outcome<CreateWebhook> {
        let integration = self.integration_id.map(|id| input::id(&id, "integrationId"));
        Ok(CreateWebhook {
            url: self.url,
            events: events(self.events),
            order: self.order.map_or(StoredOrder::BestEffort, StoredOrder::from),
            integration: integration.transpose()?,
        })
    }
}

impl UpdateWebhookInput {
    pub(crate) fn check(self) -> Outcome<UpdateWebhook> {
        let since = self.since.map(|at| input::check_timestamp(at, "since"));
        Ok(UpdateWebhook {
            id: input::id(&self.webhook_id, "webhookId")?,
            url: self.url,
            events: self.events.map(events),
            order: self.order.map(StoredOrder::from),
            enabled: self.enabled,
            since: since.transpose()?,
        })
    }
}

impl RedeliverWebhookInput {
    pub(crate) fn check(&self) -> Outcome<Which> {
        let until = self.until.map(|at| input::check_timestamp(at, "until"));
        let until = until.transpose()?;
        match (&self.delivery_id, self.since) {
            (Some(id), None) if until.is_none() => Ok(Which::One(input::id(id, "deliveryId")?)),
            (None, Some(since)) => Ok(Which::Of(input::check_timestamp(since, "since")?, until)),
            _ => refuse(
                Code::Invalid,
                "deliveryId",
                "give a delivery, or a time by since and until",
            ),
        }
    }
}
