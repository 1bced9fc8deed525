//! Webhooks, and the list of changes.

mod changes;
mod deliveries;
mod endings;
mod managing;
mod receiver;

use chrono::TimeDelta;
use entity::webhook::{self, Model as Webhook, WebhookOrder, WebhookState};
use entity::{UserId, WebhookId};
use handover::clock::Clock;
use handover::domain::webhooks::{deliver, signature};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;

use self::receiver::Receiver;
use crate::support::{Person, TestApp};

/// A webhook as it is stored.
pub fn stored(app: &TestApp, url: &str) -> Webhook {
    let now = app.db().clock().now();
    Webhook {
        id: WebhookId(app.db().clock().new_id()),
        integration_id: None,
        secret_shown_to_id: UserId(Uuid::nil()),
        url: url.to_owned(),
        events: " user.dismissed ".to_owned(),
        delivery_order: WebhookOrder::BestEffort,
        state: WebhookState::Enabled,
        secret: signature::new_secret().unwrap(),
        previous_secret: None,
        previous_secret_until: None,
        failing_since: None,
        last_failed_at: None,
        disabled_at: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

pub async fn store(app: &TestApp, webhook: Webhook) {
    webhook::Entity::insert(webhook.into_active_model())
        .exec_without_returning(app.raw())
        .await
        .unwrap();
}

/// An application that may send to this machine, with a clock that the test moves.
async fn app() -> (TestApp, Clock) {
    let clock = Clock::manual("2026-03-01T08:00:00Z".parse().unwrap(), 7);
    let app = TestApp::opened(
        |options| options.egress.allowed = vec!["127.0.0.0/8".parse().unwrap()],
        clock.clone(),
    )
    .await;
    (app, clock)
}

/// Lets time pass; the person signs in again, because access tokens are short-lived.
async fn pass(app: &TestApp, clock: &Clock, person: &mut Person, time: TimeDelta) {
    clock.advance(time);
    person.token = app.sign_in(person).await;
}

/// Sends what is due.
async fn deliver(app: &TestApp) {
    deliver::drain(app.db(), &app.app.api.handles.egress)
        .await
        .unwrap();
}

/// Creates a webhook; returns its id and its secret.
async fn create(app: &TestApp, by: &Person, receiver: &Receiver, more: Value) -> (String, String) {
    let mut input = json!({ "url": receiver.url, "events": ["DEPARTMENT_CREATED"] });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let made = app.run(by, "createWebhook", input, "webhook { id } secret").await;
    assert_eq!(made["userErrors"], json!([]));
    (
        made["webhook"]["id"].as_str().unwrap().to_owned(),
        made["secret"].as_str().unwrap().to_owned(),
    )
}

/// Makes a change that webhooks announce; returns the id of its subject.
async fn change(app: &TestApp, by: &Person, name: &str) -> String {
    let made = app
        .run(by, "setDepartment", json!({ "name": name }), "department { id }")
        .await;
    made["department"]["id"].as_str().unwrap().to_owned()
}

const WEBHOOK: &str = "query($id: ID!) { node(id: $id) { ... on Webhook { url events order state failingSince disabledAt \
    oldSecretUntil integration { id } deliveries(first: 100) { nodes { id event state attempts lastStatus lastFailure \
    deliveredAt nextAttemptAt attemptLog { at milliseconds status failure } } } } } }";

async fn read(app: &TestApp, by: &Person, id: &str) -> Value {
    app.data(by, WEBHOOK, json!({ "id": id })).await["node"].clone()
}

/// The states of the deliveries of a webhook, newest first.
async fn states(app: &TestApp, by: &Person, id: &str) -> Vec<String> {
    let webhook = read(app, by, id).await;
    let deliveries = webhook["deliveries"]["nodes"].as_array().unwrap();
    let state = |delivery: &Value| delivery["state"].as_str().unwrap().to_owned();
    deliveries.iter().map(state).collect()
}
