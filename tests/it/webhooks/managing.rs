//! Who may manage webhooks, and what is refused.

use entity::webhook::{self, Model as Webhook};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{app, change, create, deliver, read};
use crate::integrations;
use crate::support::TestApp;

#[tokio::test]
async fn addresses_and_events_are_checked() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let cases = [
        (
            json!({ "url": "https://127.0.0.1/" }),
            "ADDRESS_NOT_ALLOWED",
            "url",
        ),
        (json!({ "url": "http://1.1.1.1/" }), "ADDRESS_NOT_ALLOWED", "url"),
        (
            json!({ "url": "https://localhost/" }),
            "ADDRESS_NOT_ALLOWED",
            "url",
        ),
        (json!({ "url": "https://name.invalid/" }), "INVALID", "url"),
        (json!({ "url": "ftp://1.1.1.1/" }), "INVALID", "url"),
        (json!({ "url": "" }), "INVALID", "url"),
        (json!({ "events": [] }), "INVALID", "events"),
        (json!({ "events": ["PING"] }), "INVALID", "events"),
        (json!({ "events": ["USER_HIRED", "PING"] }), "INVALID", "events"),
        (json!({ "integrationId": admin.id() }), "INVALID", "integrationId"),
        (
            json!({ "integrationId": "integration_01j0b3v1mmee6tx9cpdgkfhbch" }),
            "NOT_FOUND",
            "integrationId",
        ),
    ];
    for (wrong, code, field) in cases {
        let mut input = json!({ "url": "https://1.1.1.1/hook", "events": ["USER_HIRED"] });
        for (name, value) in wrong.as_object().unwrap() {
            input[name] = value.clone();
        }
        let refused = app
            .run(&admin, "createWebhook", input, "webhook { id } secret")
            .await;
        assert_eq!(refused["userErrors"][0]["code"], code, "{wrong}");
        assert_eq!(refused["userErrors"][0]["field"], json!([field]), "{wrong}");
        assert_eq!(refused["secret"], Value::Null);
    }
    assert_eq!(
        app.data(&admin, "{ webhooks { id } }", json!({})).await["webhooks"],
        json!([])
    );
}

#[tokio::test]
async fn the_scopes_of_its_integration_decide_what_it_receives() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    for (scopes, events, missing) in [
        (
            json!(["READ_AUDIT_LOG"]),
            json!(["USER_HIRED"]),
            Some("READ_EVENTS"),
        ),
        (
            json!(["READ_EVENTS"]),
            json!(["USER_HIRED", "DISMISSAL_SCHEDULED"]),
            Some("DISMISS_USERS"),
        ),
        (
            json!(["READ_EVENTS"]),
            json!(["HANDOVER_REFUSED"]),
            Some("DISMISS_USERS"),
        ),
        (
            json!(["READ_EVENTS"]),
            json!(["SESSION_ENDED"]),
            Some("READ_AUDIT_LOG"),
        ),
        (
            json!(["READ_EVENTS", "DISMISS_USERS"]),
            json!(["DISMISSAL_SCHEDULED"]),
            None,
        ),
    ] {
        let made = json!({ "name": "sync", "scopes": scopes });
        let (integration, _) = integrations::create(&app, &admin, made).await;
        let input = json!({ "url": receiver.url, "events": events, "integrationId": integration });
        let made = app.run(&admin, "createWebhook", input, "webhook { id }").await;
        match missing {
            None => assert_eq!(made["userErrors"], json!([])),
            Some(scope) => {
                let error = &made["userErrors"][0];
                assert_eq!(error["field"], json!(["integrationId"]));
                assert!(error["message"].as_str().unwrap().contains(scope), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn an_address_is_judged_anew_at_each_attempt() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    // The company's settings have changed since, or the name leads elsewhere.
    let stricter = app.replica().await;
    change(&app, &admin, "Sales").await;
    deliver(&stricter).await;
    assert_eq!(receiver.take().len(), 0);
    let delivery = read(&app, &admin, &id).await["deliveries"]["nodes"][0].clone();
    assert_eq!(delivery["lastFailure"], "BLOCKED_ADDRESS");
    assert_eq!(delivery["attemptLog"][0]["status"], Value::Null);
}

#[tokio::test]
async fn secrets_stay_in_the_database() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, secret) = create(&app, &admin, &receiver, json!({})).await;
    let input = json!({ "webhookId": id, "url": format!("{}&more=secrets", receiver.url) });
    app.run(&admin, "updateWebhook", input, "webhook { url }").await;
    let log = app
        .data(&admin, "{ auditLog(first: 100) { nodes { data } } }", json!({}))
        .await
        .to_string();
    assert!(log.contains("http://127.0.0.1:"), "{log}");
    for hidden in [&secret[6..], "of-the-receiver", "secrets\""] {
        assert!(!log.contains(hidden), "{hidden}");
    }
    let row: Webhook = webhook::Entity::find().one(app.raw()).await.unwrap().unwrap();
    assert!(!format!("{row:?}").contains(&secret[6..]));
}

#[tokio::test]
async fn a_secret_that_a_leaver_knows_is_to_be_rotated() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let other = app.person("other", entity::user::Role::Administrator).await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &other, &receiver, json!({})).await;
    let warnings = async || {
        let query = "query($id: ID!) { node(id: $id) { ... on Webhook { warnings } } }";
        app.data(&admin, query, json!({ "id": id })).await["node"]["warnings"].clone()
    };
    assert_eq!(warnings().await, json!([]));
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": other.id() }),
        "handover { id }",
    )
    .await;
    let told = warnings().await;
    assert!(told[0].as_str().unwrap().contains("rotate"), "{told}");
    // It may lead to a server of the leaver: nothing is sent, and nothing is lost.
    let since = app.db().clock().now();
    change(&app, &admin, "Sales").await;
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 0);
    let back = json!({ "webhookId": id, "enabled": true, "since": since });
    app.run(&admin, "updateWebhook", back, "webhook { id }").await;
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 1);
    app.run(
        &admin,
        "rotateWebhookSecret",
        json!({ "webhookId": id }),
        "secret",
    )
    .await;
    assert_eq!(warnings().await, json!([]));
}

#[tokio::test]
async fn who_may_not_know_of_plans_sees_no_deliveries_of_them() {
    let (app, _) = app().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let receiver = Receiver::new().await;
    let events = json!({ "events": ["DISMISSAL_SCHEDULED", "DEPARTMENT_CREATED"] });
    let (id, _) = create(&app, &admin, &receiver, events).await;
    let planned = json!({ "userId": ann.id(), "effectiveAt": "2026-04-01T08:00:00Z" });
    app.run(&admin, "dismissUser", planned, "handover { id }").await;
    change(&app, &admin, "Sales").await;
    deliver(&app).await;
    let all = read(&app, &admin, &id).await["deliveries"]["nodes"].clone();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let made = json!({ "name": "sync", "scopes": ["MANAGE_INTEGRATIONS"] });
    let (_, token) = integrations::create(&app, &admin, made).await;
    let query =
        "query($id: ID!) { node(id: $id) { ... on Webhook { deliveries { totalCount nodes { event } } } } }";
    let (_, answer) = app.ask(Some(&token), query, json!({ "id": id })).await;
    let seen = &answer["data"]["node"]["deliveries"];
    assert_eq!(seen["nodes"], json!([{ "event": "DEPARTMENT_CREATED" }]));
    assert_eq!(seen["totalCount"], 1);
    for delivery in all.as_array().unwrap() {
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let (_, answer) = app
            .ask(Some(&token), query, json!({ "id": delivery["id"] }))
            .await;
        let is_hidden = delivery["event"] == "DISMISSAL_SCHEDULED";
        assert_eq!(answer["data"]["node"].is_null(), is_hidden, "{delivery}");
    }
}

#[tokio::test]
async fn there_are_at_most_a_hundred() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    let row = webhook::Entity::find().one(app.raw()).await.unwrap().unwrap();
    for _ in 1..100 {
        let mut more = row.clone().into_active_model();
        more.id = Set(entity::WebhookId(app.db().clock().new_id()));
        more.insert(app.raw()).await.unwrap();
    }
    let input = json!({ "url": receiver.url, "events": ["USER_HIRED"] });
    let refused = app.run(&admin, "createWebhook", input, "webhook { id }").await;
    assert_eq!(refused["userErrors"][0]["code"], "TOO_MANY");
    let webhook = app
        .run(
            &admin,
            "updateWebhook",
            json!({ "webhookId": id, "events": [] }),
            "webhook { id }",
        )
        .await;
    assert_eq!(webhook["userErrors"][0]["field"], json!(["events"]));
    let input = json!({ "webhookId": id, "since": "2026-01-01T00:00:00Z" });
    let webhook = app.run(&admin, "updateWebhook", input, "webhook { id }").await;
    assert_eq!(webhook["userErrors"][0]["field"], json!(["since"]));
}
