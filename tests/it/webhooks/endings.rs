//! When a webhook stops, who learns of it, and how it goes on.

#![expect(clippy::disallowed_methods, reason = "a server runs beside the test")]

use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::TimeDelta;
use entity::webhook_delivery;
use handover::domain::webhooks::{claim, publish, send, settle};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::receiver::Receiver;
use super::{app, change, create, deliver, pass, read, states};
use crate::integrations;

#[tokio::test]
async fn one_that_always_fails_is_reported_after_a_day_and_stopped_after_five() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let (dead, other) = (Receiver::new().await, Receiver::new().await);
    let (id, _) = create(&app, &admin, &dead, json!({})).await;
    let events = json!({ "events": ["WEBHOOK_FAILING", "WEBHOOK_DISABLED"] });
    create(&app, &admin, &other, events).await;
    dead.answers_with(500);
    let mut told: Vec<(String, Value)> = Vec::new();
    let begun = clock.now();
    for hour in 0..130 {
        change(&app, &admin, &format!("Team {hour}")).await;
        deliver(&app).await;
        deliver(&app).await;
        for event in other.take() {
            told.push((
                event.json()["type"].as_str().unwrap().to_owned(),
                json!((clock.now() - begun).num_hours()),
            ));
            assert_eq!(event.json()["data"]["id"], json!(id));
        }
        pass(&app, &clock, &mut admin, TimeDelta::hours(1)).await;
    }
    assert_eq!(
        told,
        [
            ("webhook.failing".into(), json!(24)),
            ("webhook.disabled".into(), json!(120))
        ]
    );
    let webhook = read(&app, &admin, &id).await;
    assert_eq!(webhook["state"], "DISABLED");
    assert!(webhook["disabledAt"].is_string() && webhook["failingSince"].is_string());
    let held = states(&app, &admin, &id).await;
    assert_eq!(held[..5], ["HELD"; 5]);
    // Nothing is sent, a test neither.
    dead.take();
    dead.answers_with(200);
    deliver(&app).await;
    assert_eq!(dead.take().len(), 0);
    let refused = app
        .run(
            &admin,
            "testWebhook",
            json!({ "webhookId": id }),
            "webhook { id }",
        )
        .await;
    assert_eq!(refused["userErrors"][0]["code"], "INVALID");
    let input = json!({ "webhookId": id, "enabled": true, "since": clock.now() + TimeDelta::hours(1) });
    let refused = app.run(&admin, "updateWebhook", input, "webhook { id }").await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["since"]));
    // Back, with what was held in the last three hours.
    let since = clock.now() - TimeDelta::hours(3);
    let input = json!({ "webhookId": id, "enabled": true, "since": since });
    let back = app
        .run(&admin, "updateWebhook", input, "webhook { state disabledAt }")
        .await;
    assert_eq!(back["webhook"], json!({ "state": "ENABLED", "disabledAt": null }));
    deliver(&app).await;
    assert_eq!(dead.take().len(), 3);
    change(&app, &admin, "New").await;
    deliver(&app).await;
    assert_eq!(dead.take().len(), 1);
    // What is older is sent on request.
    let input = json!({ "webhookId": id, "since": since - TimeDelta::hours(2), "until": since });
    app.run(&admin, "redeliverWebhook", input, "webhook { id }").await;
    deliver(&app).await;
    assert_eq!(dead.take().len(), 2);
}

#[tokio::test]
async fn one_success_ends_the_time_of_failing() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    receiver.answers_with(500);
    for day in 0..4 {
        change(&app, &admin, &format!("Team {day}")).await;
        deliver(&app).await;
        pass(&app, &clock, &mut admin, TimeDelta::days(1)).await;
    }
    assert_eq!(read(&app, &admin, &id).await["state"], "FAILING");
    receiver.answers_with(200);
    deliver(&app).await;
    let webhook = read(&app, &admin, &id).await;
    assert_eq!(
        (&webhook["state"], &webhook["failingSince"]),
        (&json!("ENABLED"), &Value::Null)
    );
    receiver.answers_with(500);
    pass(&app, &clock, &mut admin, TimeDelta::days(3)).await;
    change(&app, &admin, "Later").await;
    deliver(&app).await;
    assert_eq!(read(&app, &admin, &id).await["state"], "ENABLED");
}

#[tokio::test]
async fn two_failures_with_weeks_between_are_no_time_of_failing() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    let refuse = |status: StatusCode, abort: bool| {
        receiver.answers(move |_, _| match abort {
            true => (status, [("webhook-delivery", "abort-message")]).into_response(),
            false => status.into_response(),
        });
    };
    // A receiver that refuses an event works.
    refuse(StatusCode::UNPROCESSABLE_ENTITY, true);
    change(&app, &admin, "One").await;
    deliver(&app).await;
    assert_eq!(read(&app, &admin, &id).await["failingSince"], Value::Null);
    refuse(StatusCode::SERVICE_UNAVAILABLE, false);
    change(&app, &admin, "Two").await;
    for _ in 0..30 {
        deliver(&app).await;
        pass(&app, &clock, &mut admin, TimeDelta::hours(4)).await;
        if states(&app, &admin, &id).await[0] == "FAILED" {
            break;
        }
    }
    pass(&app, &clock, &mut admin, TimeDelta::days(19)).await;
    change(&app, &admin, "Three").await;
    deliver(&app).await;
    let webhook = read(&app, &admin, &id).await;
    assert_eq!(webhook["state"], "ENABLED");
    assert_eq!(webhook["deliveries"]["nodes"][0]["state"], "PENDING");
}

#[tokio::test]
async fn a_body_that_never_ends_is_no_failure() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4_096];
                let _ = connection.read(&mut request).await;
                let _ = connection
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx")
                    .await;
                tokio::time::sleep(std::time::Duration::from_secs(60)).await;
            });
        }
    });
    let input = json!({ "url": url, "events": ["DEPARTMENT_CREATED"] });
    let made = app.run(&admin, "createWebhook", input, "webhook { id }").await;
    let id = made["webhook"]["id"].as_str().unwrap().to_owned();
    change(&app, &admin, "One").await;
    deliver(&app).await;
    assert_eq!(states(&app, &admin, &id).await, ["DELIVERED"]);
}

#[tokio::test]
async fn what_is_under_way_when_a_webhook_is_deleted_changes_nothing() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    change(&app, &admin, "One").await;
    publish::publish(app.db()).await.unwrap();
    let webhook: entity::WebhookId = id.parse().unwrap();
    let claim = claim::claim(app.db(), webhook).await.unwrap().unwrap();
    app.run(&admin, "deleteWebhook", json!({ "webhookId": id }), "")
        .await;
    receiver.answers_with(500);
    let egress = &app.app.api.handles.egress;
    let (attempts, left) = send::send(app.db(), egress, &send::Permits::default(), &claim)
        .await
        .unwrap();
    settle::settle(app.db(), &claim, &attempts, &left).await.unwrap();
    let row = webhook_delivery::Entity::find()
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.state, webhook_delivery::DeliveryState::Failed);
}

#[tokio::test]
async fn a_receiver_that_is_gone_stops_it_at_once() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let (gone, other) = (Receiver::new().await, Receiver::new().await);
    let (id, _) = create(&app, &admin, &gone, json!({ "order": "IN_ORDER" })).await;
    create(&app, &admin, &other, json!({ "events": ["WEBHOOK_DISABLED"] })).await;
    gone.answers_with(410);
    change(&app, &admin, "One").await;
    change(&app, &admin, "Two").await;
    deliver(&app).await;
    assert_eq!(gone.take().len(), 1);
    assert_eq!(read(&app, &admin, &id).await["state"], "GONE");
    assert_eq!(states(&app, &admin, &id).await, ["HELD", "FAILED"]);
    deliver(&app).await;
    assert_eq!(other.take().len(), 1);
}

#[tokio::test]
async fn a_disabled_one_holds_what_happens_meanwhile() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    let input = json!({ "webhookId": id, "enabled": false });
    app.run(&admin, "updateWebhook", input, "webhook { state }").await;
    change(&app, &admin, "Meanwhile").await;
    pass(&app, &clock, &mut admin, TimeDelta::hours(1)).await;
    let input = json!({ "webhookId": id, "enabled": true });
    app.run(&admin, "updateWebhook", input, "webhook { state }").await;
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 0, "not without a time");
    // What was held is deleted after thirty days.
    pass(&app, &clock, &mut admin, TimeDelta::days(31)).await;
    handover::domain::webhooks::prune::prune(app.db()).await.unwrap();
    assert_eq!(
        webhook_delivery::Entity::find().count(app.raw()).await.unwrap(),
        0
    );
}

#[tokio::test]
async fn a_revoked_integration_and_a_deleted_webhook_receive_nothing() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let made = json!({ "name": "sync", "scopes": ["READ_EVENTS"] });
    let (integration, _) = integrations::create(&app, &admin, made).await;
    let (id, _) = create(&app, &admin, &receiver, json!({ "integrationId": integration })).await;
    change(&app, &admin, "One").await;
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 1);
    app.run(
        &admin,
        "revokeIntegration",
        json!({ "integrationId": integration }),
        "integration { id }",
    )
    .await;
    change(&app, &admin, "Two").await;
    deliver(&app).await;
    assert_eq!(read(&app, &admin, &id).await["state"], "DISABLED");
    assert_eq!(states(&app, &admin, &id).await, ["HELD", "DELIVERED"]);
    let query = "query($id: ID!) { node(id: $id) { ... on Webhook { warnings } } }";
    let warnings = app.data(&admin, query, json!({ "id": id })).await["node"]["warnings"].clone();
    let warning = warnings[0].as_str().unwrap();
    assert!(warning.ends_with("its integration is revoked"), "{warnings}");
    let input = json!({ "webhookId": id, "enabled": true });
    let refused = app.run(&admin, "updateWebhook", input, "webhook { state }").await;
    assert_eq!(refused["userErrors"][0]["field"], json!(["integrationId"]));
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    change(&app, &admin, "Three").await;
    app.run(&admin, "deleteWebhook", json!({ "webhookId": id }), "")
        .await;
    change(&app, &admin, "Four").await;
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 0);
    assert_eq!(read(&app, &admin, &id).await, Value::Null);
    let again = app
        .run(&admin, "deleteWebhook", json!({ "webhookId": id }), "")
        .await;
    assert_eq!(again["userErrors"][0]["code"], "NOT_FOUND");
}
