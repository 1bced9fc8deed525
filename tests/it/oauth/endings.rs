//! What ends access tokens, and warnings before.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use entity::access_token;
use entity::user::Role;
use handover::clock::Clock;
use handover::domain::auth::Permission;
use handover::domain::auth::authenticate::{authenticate_integration, reauthenticate};
use handover::domain::auth::guard::Needs;
use handover::domain::limits::Network;
use handover::store::journal::Recorded;
use http_body_util::BodyExt;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::assertions::{Signer, add_key, assert_with, claims};
use super::{ask, client, status, token};
use crate::integrations::{add, create};
use crate::support::{Person, TestApp, is_locked_out};

#[tokio::test]
async fn an_access_token_expires_after_an_hour() {
    let app = TestApp::at(Clock::manual(Clock::system().now(), 2)).await;
    let background = handover::server::start(&app.app);
    let admin = app.administrator().await;
    let (id, _, value) = client(&app, &admin, json!(["SEE_DISMISSED_USERS"])).await;
    let first = token(&app, &id, &value, &[]).await;
    let auth = app.app.auth();
    let actor = authenticate_integration(auth, &first, Network::UNKNOWN)
        .await
        .unwrap();
    let stream = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {first}"))
        .body(Body::from(
            json!({ "query": "subscription { userStatusChanged { id } }" }).to_string(),
        ))
        .unwrap();
    let body = app.open(stream).await.into_body();
    let clock = app.db().clock();
    clock.advance(TimeDelta::seconds(3_599));
    assert_eq!(status(&app, &first).await, StatusCode::OK);
    assert!(reauthenticate(app.db(), &actor).await.is_ok());
    clock.advance(TimeDelta::seconds(1));
    assert_eq!(status(&app, &first).await, StatusCode::UNAUTHORIZED);
    assert!(reauthenticate(app.db(), &actor).await.is_err());
    let write = app.db().write_as(
        &actor,
        Needs::Permission(Permission::SeeDismissedUsers),
        |_, _| async move { Ok(((), Recorded::nothing_changed())) },
    );
    assert!(is_locked_out(&write.await));
    // What began with it ends.
    let rest = tokio::time::timeout(std::time::Duration::from_secs(5), body.collect()).await;
    let rest = rest.unwrap().unwrap().to_bytes();
    assert!(
        String::from_utf8_lossy(&rest).contains("UNAUTHENTICATED"),
        "{rest:?}"
    );
    // Expired ones are deleted with the next.
    let second = token(&app, &id, &value, &[]).await;
    assert_eq!(status(&app, &second).await, StatusCode::OK);
    assert_eq!(access_token::Entity::find().count(app.raw()).await.unwrap(), 1);
    app.app.stop.send_replace(true);
    background.await.unwrap();
}

#[tokio::test]
async fn an_access_token_ends_with_its_secret() {
    let app = TestApp::at(Clock::manual(Clock::system().now(), 3)).await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    // Its secret is revoked.
    let (id, secret, value) = client(&app, &admin, json!(["READ_EVENTS"])).await;
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET" });
    let (_, other) = add(&app, &olga, input).await;
    let (mine, hers) = (
        token(&app, &id, &value, &[]).await,
        token(&app, &id, &other, &[]).await,
    );
    app.run(
        &admin,
        "revokeIntegrationSecret",
        json!({ "secretId": secret }),
        "",
    )
    .await;
    assert_eq!(status(&app, &mine).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, &id, &value, &[]).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &hers).await, StatusCode::OK, "another secret");
    // The person who was shown the secret, or gave the key, is dismissed.
    let signer = Signer::ed();
    add_key(&app, &olga, &id, &signer.pem).await;
    let signed = assert_with(&app, &signer.sign(&claims(&app, &id, "a")), &[])
        .await
        .1;
    let signed = signed["access_token"].as_str().unwrap();
    assert_eq!(status(&app, signed).await, StatusCode::OK);
    app.run(&admin, "dismissUser", json!({ "userId": olga.id() }), "")
        .await;
    for token in [&hers, signed] {
        assert_eq!(status(&app, token).await, StatusCode::UNAUTHORIZED);
    }
    let (refused, _) = assert_with(&app, &signer.sign(&claims(&app, &id, "b")), &[]).await;
    assert_eq!(refused, StatusCode::UNAUTHORIZED);
    // Its secret expires.
    let at = app.db().clock().now() + TimeDelta::minutes(10);
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET", "expiresAt": at });
    let (_, value) = add(&app, &admin, input).await;
    let (_, answer) = ask(&app, &id, &value, &[]).await;
    assert_eq!(answer["expires_in"], 600);
    let short = answer["access_token"].as_str().unwrap();
    app.db().clock().advance(TimeDelta::minutes(9));
    assert_eq!(status(&app, short).await, StatusCode::OK);
    app.db().clock().advance(TimeDelta::minutes(1));
    assert_eq!(status(&app, short).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, &id, &value, &[]).await.0, StatusCode::UNAUTHORIZED);
    // The integration is revoked.
    let admin = Person {
        token: app.sign_in(&admin).await,
        ..admin
    };
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET" });
    let (_, value) = add(&app, &admin, input).await;
    let last = token(&app, &id, &value, &[]).await;
    app.run(&admin, "revokeIntegration", json!({ "integrationId": id }), "")
        .await;
    assert_eq!(status(&app, &last).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&app, &id, &value, &[]).await.0, StatusCode::UNAUTHORIZED);
    app.drain().await;
    app.sound().await;
}

#[tokio::test]
async fn integrations_warn_about_secrets_that_expire() {
    let app = TestApp::at(Clock::manual("2026-03-01T12:00:00Z".parse().unwrap(), 4)).await;
    let admin = app.administrator().await;
    let (id, _) = create(&app, &admin, json!({ "name": "x", "scopes": ["READ_EVENTS"] })).await;
    let input = json!({ "integrationId": id, "expiresAt": "2026-04-20T08:00:00Z" });
    let (_, late) = add(&app, &admin, input).await;
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET", "expiresAt": "2026-03-31T08:00:00Z" });
    let (soon, value) = add(&app, &admin, input).await;
    let query = "{ integrations { warnings } }";
    let found = app.data(&admin, query, json!({})).await;
    let told = |value: &str, day: &str| {
        let hint = &value[value.len() - 4..];
        format!("The secret ending in {hint} expires on {day} (UTC)")
    };
    assert_eq!(
        found["integrations"][0]["warnings"],
        json!([told(&value, "2026-03-31")])
    );
    app.run(&admin, "revokeIntegrationSecret", json!({ "secretId": soon }), "")
        .await;
    app.db().clock().advance(TimeDelta::days(21));
    let admin = Person {
        token: app.sign_in(&admin).await,
        ..admin
    };
    let found = app.data(&admin, query, json!({})).await;
    assert_eq!(
        found["integrations"][0]["warnings"],
        json!([told(&late, "2026-04-20")])
    );
}
