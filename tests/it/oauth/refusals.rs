//! Refused requests for tokens: the errors of RFC 6749, section 5.2, and the limits.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::access_token;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{PATH, ask, client, form, post};
use crate::integrations::create;
use crate::support::TestApp;

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const KIND: (&str, &str) = (
    "client_assertion_type",
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
);
const ASSERTION: (&str, &str) = ("client_assertion", "a.b.c");

fn basic(client: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{client}:{secret}")))
}

/// Sends a request that is refused with this error.
async fn refused(app: &TestApp, basic: Option<&str>, body: String, error: &str) {
    let (status, headers, answer) = post(app, basic, body.clone()).await;
    let expected = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    assert_eq!((status, &answer["error"]), (expected, &json!(error)), "{body}");
    assert_eq!(
        headers.contains_key(header::WWW_AUTHENTICATE),
        status == StatusCode::UNAUTHORIZED
    );
    assert!(answer["error_description"].is_string());
}

#[tokio::test]
async fn malformed_token_requests_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, _, value) = client(&app, &admin, json!(["READ_EVENTS"])).await;
    let (named, secret) = (("client_id", id.as_str()), ("client_secret", value.as_str()));
    for body in [
        String::new(),
        form(&[named, secret]),
        form(&[("grant_type", ""), named, secret]),
        form(&[GRANT, GRANT, named, secret]),
        "grant_type=%ff".to_owned(),
        "x".repeat(20_000),
        form(&[GRANT, secret]),
        form(&[GRANT, KIND]),
        form(&[GRANT, ASSERTION]),
    ] {
        refused(&app, None, body, "invalid_request").await;
    }
    let other = form(&[("grant_type", "password"), named, secret]);
    refused(&app, None, other, "unsupported_grant_type").await;
    for scope in ["scim", "events x", "events "] {
        let body = form(&[GRANT, ("scope", scope)]);
        refused(&app, Some(&basic(&id, &value)), body, "invalid_scope").await;
    }
    let body = json!({ "grant_type": "client_credentials" }).to_string();
    let request = Request::post(PATH).header(header::CONTENT_TYPE, "application/json");
    let (status, answer) = app.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(
        (status, &answer["error"]),
        (StatusCode::BAD_REQUEST, &json!("invalid_request"))
    );
    let get = Request::get(PATH).body(Body::empty()).unwrap();
    let (status, headers, _) = app.bytes(get).await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(headers[header::ALLOW], "POST");
    assert_eq!(access_token::Entity::find().count(app.raw()).await.unwrap(), 0);
}

#[tokio::test]
async fn wrong_clients_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, _, value) = client(&app, &admin, json!(["READ_EVENTS"])).await;
    let (other, bearer) = create(&app, &admin, json!({ "name": "x", "scopes": ["READ_EVENTS"] })).await;
    let (named, secret) = (("client_id", id.as_str()), ("client_secret", value.as_str()));
    let unknown = "integration_01j0b3v1mmee6tx9cpdgkfhbch";
    for body in [
        form(&[GRANT]),
        form(&[GRANT, named]),
        form(&[GRANT, named, ("client_secret", "hns_x")]),
        form(&[GRANT, ("client_id", unknown), secret]),
        form(&[GRANT, ("client_id", "x"), secret]),
        form(&[GRANT, ("client_id", &other), secret]),
        form(&[GRANT, ("client_id", &other), ("client_secret", &bearer)]),
        form(&[GRANT, KIND, ASSERTION]),
        form(&[GRANT, ("client_assertion_type", "saml"), ASSERTION]),
    ] {
        refused(&app, None, body, "invalid_client").await;
    }
    for header in [
        &basic(&id, "hns_x"),
        &basic(unknown, &value),
        "Basic ?",
        &format!("Bearer {bearer}"),
    ] {
        refused(&app, Some(header), form(&[GRANT]), "invalid_client").await;
    }
    // Two ways at once, or two clients.
    let right = basic(&id, &value);
    for (header, body) in [
        (Some(&*right), form(&[GRANT, secret])),
        (Some(&*right), form(&[GRANT, KIND])),
        (Some(&*right), form(&[GRANT, KIND, ASSERTION])),
        (Some(&*right), form(&[GRANT, ("client_id", unknown)])),
        (None, form(&[GRANT, named, secret, KIND, ASSERTION])),
    ] {
        refused(&app, header, body, "invalid_request").await;
    }
    assert_eq!(access_token::Entity::find().count(app.raw()).await.unwrap(), 0);
}

#[tokio::test]
async fn the_token_endpoint_is_rate_limited_by_client() {
    let app = TestApp::with(|options| options.rate_limit = 1_200).await;
    let admin = app.administrator().await;
    let (id, _, value) = client(&app, &admin, json!(["READ_EVENTS"])).await;
    let (other, _, others) = client(&app, &admin, json!(["READ_EVENTS"])).await;
    let mut limited = None;
    for _ in 0..70 {
        let pairs = [
            ("grant_type", "client_credentials"),
            ("client_id", &id),
            ("client_secret", "hns_wrong"),
        ];
        let (status, headers, answer) = post(&app, None, form(&pairs)).await;
        match status {
            StatusCode::UNAUTHORIZED => assert!(limited.is_none()),
            _ => limited = Some((status, headers, answer)),
        }
    }
    let (status, headers, answer) = limited.unwrap();
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let retry: u32 = headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&retry));
    assert_eq!(answer["error"], "temporarily_unavailable");
    let (status, _) = ask(&app, &id, &value, &[]).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "the right secret too");
    assert_eq!(ask(&app, &other, &others, &[]).await.0, StatusCode::OK);
    // And by network before: nothing else may come from there.
    let app = TestApp::with(|options| options.rate_limit = 5).await;
    let mut codes = Vec::new();
    for _ in 0..6 {
        codes.push(post(&app, None, String::new()).await.0.as_u16());
    }
    assert_eq!(codes, [400, 400, 400, 400, 400, 429]);
}
