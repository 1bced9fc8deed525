//! What is sent, when, and in which order.

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{app, change, create, deliver, pass, read, states};

#[tokio::test]
async fn a_dismissal_arrives_signed_and_thin() {
    let (app, _) = app().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let receiver = Receiver::new().await;
    let events = json!({ "events": ["USER_DISMISSED", "HANDOVER_QUEUED"] });
    let (id, secret) = create(&app, &admin, &receiver, events).await;
    app.tasks(3, &admin, &ann).await;
    let input = json!({
        "userId": ann.id(), "reason": "a reason that is nobody's business",
        "handover": [{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }],
    });
    app.run(&admin, "dismissUser", input, "handover { id }").await;
    deliver(&app).await;
    let arrived = receiver.take();
    assert_eq!(arrived.len(), 2);
    let dismissed = arrived
        .iter()
        .find(|one| one.json()["type"] == "user.dismissed")
        .unwrap();
    assert!(dismissed.is_signed_by(&secret));
    assert_eq!(dismissed.header("content-type"), "application/json");
    assert!(dismissed.header("user-agent").starts_with("Handover/"));
    let body = dismissed.json();
    assert_eq!(body["timestamp"], "2026-03-01T08:00:00.000000Z");
    assert_eq!(
        (&body["data"]["id"], &body["data"]["__typename"]),
        (&json!(ann.id()), &json!("User"))
    );
    assert!(!String::from_utf8_lossy(&dismissed.body).contains("business"));
    let handover = arrived
        .iter()
        .find(|one| one.json()["type"] == "handover.queued")
        .unwrap()
        .json();
    assert_eq!(handover["data"]["__typename"], "Handover");
    // The id of the message is the id of the change.
    let query =
        "query($id: ID!) { node(id: $id) { ... on Change { type at subject { id } related { id } } } }";
    let change = app
        .data(&admin, query, json!({ "id": dismissed.header("webhook-id") }))
        .await;
    assert_eq!(change["node"]["type"], "USER_DISMISSED");
    assert_eq!(change["node"]["subject"]["id"], json!(ann.id()));
    let webhook = read(&app, &admin, &id).await;
    let delivery = &webhook["deliveries"]["nodes"][0];
    assert_eq!(
        (&delivery["state"], &delivery["attempts"]),
        (&json!("DELIVERED"), &json!(1))
    );
    assert_eq!(delivery["attemptLog"][0]["status"], 204);
    assert_eq!(delivery["nextAttemptAt"], Value::Null);
    // Nothing is sent twice.
    deliver(&app).await;
    assert_eq!(receiver.take().len(), 0);
}

#[tokio::test]
async fn every_type_in_a_payload_is_the_type_of_the_node() {
    use handover::domain::webhooks::payload::TYPES;
    let served = crate::support::served::Served::read();
    let nodes = served.implementing("Node");
    for (prefix, name) in TYPES {
        assert!(nodes.contains(&name), "{prefix}: {name}");
    }
}

#[tokio::test]
async fn a_failed_delivery_is_repeated_ten_times_in_three_days() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, secret) = create(&app, &admin, &receiver, json!({})).await;
    receiver.answers_with(500);
    change(&app, &admin, "Sales").await;
    deliver(&app).await;
    let webhook = read(&app, &admin, &id).await;
    let delivery = &webhook["deliveries"]["nodes"][0];
    assert_eq!(
        (&delivery["state"], &delivery["lastStatus"]),
        (&json!("PENDING"), &json!(500))
    );
    assert_eq!(delivery["lastFailure"], "STATUS");
    let first = receiver.take();
    let begun = clock.now();
    let mut attempts = 1;
    for _ in 0..400 {
        pass(&app, &clock, &mut admin, TimeDelta::minutes(15)).await;
        deliver(&app).await;
        let arrived = receiver.take();
        attempts += arrived.len();
        for again in arrived {
            assert_eq!(again.header("webhook-id"), first[0].header("webhook-id"));
            assert_eq!(again.body, first[0].body);
            assert!(again.header("webhook-timestamp") > first[0].header("webhook-timestamp"));
            assert!(again.is_signed_by(&secret));
        }
        if states(&app, &admin, &id).await == ["FAILED"] {
            break;
        }
    }
    assert_eq!(attempts, 10);
    let hours = (clock.now() - begun).num_hours();
    assert!((68..=86).contains(&hours), "{hours}");
    let webhook = read(&app, &admin, &id).await;
    assert_eq!(
        webhook["deliveries"]["nodes"][0]["attemptLog"]
            .as_array()
            .unwrap()
            .len(),
        10
    );
}

#[tokio::test]
async fn a_receiver_decides_when_it_is_asked_again_and_whether() {
    let (app, clock) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({})).await;
    let due = async |answer: (StatusCode, [(&'static str, &'static str); 1])| {
        receiver.answers(move |_, _| answer.into_response());
        change(&app, &admin, &clock.new_id().to_string()).await;
        deliver(&app).await;
        assert_eq!(receiver.take().len(), 1);
        let webhook = read(&app, &admin, &id).await;
        let delivery = webhook["deliveries"]["nodes"][0].clone();
        let at = delivery["nextAttemptAt"]
            .as_str()
            .map(str::parse::<entity::Timestamp>);
        (delivery, at.map(|at| (at.unwrap() - clock.now()).num_seconds()))
    };
    let busy = StatusCode::SERVICE_UNAVAILABLE;
    let (_, seconds) = due((busy, [("retry-after", "600")])).await;
    assert_eq!(seconds, Some(600));
    let (_, seconds) = due((busy, [("retry-after", "Sun, 01 Mar 2026 10:00:00 GMT")])).await;
    assert_eq!(seconds, Some(7_200));
    let (delivery, _) = due((
        StatusCode::UNPROCESSABLE_ENTITY,
        [("webhook-delivery", "abort-message")],
    ))
    .await;
    assert_eq!(delivery["state"], "FAILED");
    let elsewhere = (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION.as_str(), "http://127.0.0.1:1/")],
    );
    let (delivery, seconds) = due(elsewhere).await;
    assert_eq!(
        (&delivery["lastFailure"], &delivery["lastStatus"]),
        (&json!("REDIRECT"), &json!(307))
    );
    assert!(seconds.is_some_and(|seconds| seconds <= 5));
}

#[tokio::test]
async fn an_ordered_webhook_sends_no_event_before_the_one_ahead() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, _) = create(&app, &admin, &receiver, json!({ "order": "IN_ORDER" })).await;
    let mut expected = Vec::new();
    for n in 0..5 {
        expected.push(change(&app, &admin, &format!("Team {n}")).await);
    }
    // The third is refused twice.
    let third = expected[2].clone();
    let refused = std::sync::atomic::AtomicUsize::new(0);
    receiver.answers(move |_, arrived| {
        let is_third = arrived.json()["data"]["id"] == json!(third);
        let is_refused = is_third && refused.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2;
        if is_refused {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::OK
        }
        .into_response()
    });
    let mut arrived = Vec::new();
    for _ in 0..4 {
        deliver(&app).await;
        arrived.extend(
            receiver
                .take()
                .iter()
                .map(|one| one.json()["data"]["id"].as_str().unwrap().to_owned()),
        );
        pass(&app, &clock, &mut admin, TimeDelta::minutes(10)).await;
    }
    let [a, b, c, d, e] = expected.clone().try_into().unwrap();
    assert_eq!(arrived, [a, b, c.clone(), c.clone(), c, d, e]);
    // One ahead that is given up holds nobody up for ever.
    let head = change(&app, &admin, "Head").await;
    let next = change(&app, &admin, "Next").await;
    receiver.answers(move |_, arrived| {
        let is_head = arrived.json()["data"]["id"] == json!(head);
        let abort = [("webhook-delivery", "abort-message")];
        if is_head {
            (StatusCode::BAD_REQUEST, abort).into_response()
        } else {
            StatusCode::OK.into_response()
        }
    });
    deliver(&app).await;
    let last = receiver.take().last().unwrap().json();
    assert_eq!(last["data"]["id"], json!(next));
    assert_eq!(states(&app, &admin, &id).await[..2], ["DELIVERED", "FAILED"]);
}

#[tokio::test]
async fn others_are_delivered_while_one_waits() {
    let (app, _) = app().await;
    let admin = app.administrator().await;
    let receiver = Receiver::new().await;
    create(&app, &admin, &receiver, json!({})).await;
    let bad = change(&app, &admin, "Bad").await;
    let good = change(&app, &admin, "Good").await;
    receiver.answers(move |_, arrived| {
        let is_bad = arrived.json()["data"]["id"] == json!(bad);
        if is_bad {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::OK
        }
        .into_response()
    });
    deliver(&app).await;
    assert!(
        receiver
            .take()
            .iter()
            .any(|one| one.json()["data"]["id"] == json!(good))
    );
}

#[tokio::test]
async fn after_a_rotation_both_secrets_sign_for_a_time() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, old) = create(&app, &admin, &receiver, json!({})).await;
    let rotated = app
        .run(
            &admin,
            "rotateWebhookSecret",
            json!({ "webhookId": id }),
            "secret webhook { oldSecretUntil }",
        )
        .await;
    let new = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(new, old);
    change(&app, &admin, "One").await;
    deliver(&app).await;
    let arrived = receiver.take();
    assert!(arrived[0].is_signed_by(&new) && arrived[0].is_signed_by(&old));
    pass(&app, &clock, &mut admin, TimeDelta::hours(24)).await;
    change(&app, &admin, "Two").await;
    deliver(&app).await;
    let arrived = receiver.take();
    assert!(arrived[0].is_signed_by(&new) && !arrived[0].is_signed_by(&old));
    // At once, when the old one is known to somebody.
    let input = json!({ "webhookId": id, "keepOldForHours": 0 });
    let rotated = app.run(&admin, "rotateWebhookSecret", input, "secret").await;
    change(&app, &admin, "Three").await;
    deliver(&app).await;
    let arrived = receiver.take();
    assert!(arrived[0].is_signed_by(rotated["secret"].as_str().unwrap()) && !arrived[0].is_signed_by(&new));
    for hours in [-1, 169] {
        let input = json!({ "webhookId": id, "keepOldForHours": hours });
        let refused = app.run(&admin, "rotateWebhookSecret", input, "secret").await;
        assert_eq!(refused["userErrors"][0]["field"], json!(["keepOldForHours"]));
    }
}

#[tokio::test]
async fn a_test_and_what_is_sent_again() {
    let (app, clock) = app().await;
    let mut admin = app.administrator().await;
    let receiver = Receiver::new().await;
    let (id, secret) = create(&app, &admin, &receiver, json!({ "order": "IN_ORDER" })).await;
    let since = clock.now();
    app.run(
        &admin,
        "testWebhook",
        json!({ "webhookId": id }),
        "webhook { id }",
    )
    .await;
    app.run(
        &admin,
        "testWebhook",
        json!({ "webhookId": id, "event": "USER_DISMISSED" }),
        "webhook { id }",
    )
    .await;
    deliver(&app).await;
    let arrived = receiver.take();
    let types: Vec<_> = arrived.iter().map(|one| one.json()["type"].clone()).collect();
    assert!(
        types.contains(&json!("ping")) && types.contains(&json!("user.dismissed")),
        "{types:?}"
    );
    for test in &arrived {
        assert!(test.is_signed_by(&secret));
        let body = test.json();
        assert_eq!(
            (&body["data"]["test"], &body["data"]["id"]),
            (&json!(true), &json!(id))
        );
        assert_eq!(body["data"]["sequence"], Value::Null);
    }
    pass(&app, &clock, &mut admin, TimeDelta::hours(1)).await;
    change(&app, &admin, "Sales").await;
    deliver(&app).await;
    let first = receiver.take().remove(0);
    let webhook = read(&app, &admin, &id).await;
    let delivery = webhook["deliveries"]["nodes"][0]["id"].clone();
    let input = json!({ "webhookId": id, "deliveryId": delivery });
    app.run(&admin, "redeliverWebhook", input, "webhook { id }").await;
    deliver(&app).await;
    let again = receiver.take().remove(0);
    assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(again.body, first.body);
    let input = json!({ "webhookId": id, "since": since, "until": clock.now() });
    app.run(&admin, "redeliverWebhook", input, "webhook { id }").await;
    deliver(&app).await;
    assert_eq!(
        receiver.take().len(),
        2,
        "the two tests, and not the change after them"
    );
    for (input, field) in [
        (json!({ "webhookId": id }), "deliveryId"),
        (
            json!({ "webhookId": id, "deliveryId": delivery, "since": since }),
            "deliveryId",
        ),
        (json!({ "webhookId": id, "until": since }), "deliveryId"),
        (
            json!({ "webhookId": id, "since": since, "until": since }),
            "since",
        ),
        (
            json!({ "webhookId": id, "deliveryId": "webhookdelivery_01j0b3v1mmee6tx9cpdgkfhbch" }),
            "deliveryId",
        ),
        (
            json!({ "webhookId": "webhook_01j0b3v1mmee6tx9cpdgkfhbch", "since": since }),
            "webhookId",
        ),
    ] {
        let refused = app.run(&admin, "redeliverWebhook", input, "webhook { id }").await;
        assert_eq!(refused["userErrors"][0]["field"], json!([field]), "{refused}");
    }
}
