//! What a person comes back with: each sign-in is completed once, by the client that has begun it.

use chrono::TimeDelta;
use entity::pending_sign_in;
use handover::clock::Clock;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};

use super::{BINDING, Company, assert_refused, is_in};
use crate::support::TestApp;

#[tokio::test]
async fn a_sign_in_is_completed_once() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let started = company.start().await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    let token = company
        .provider
        .key
        .sign(&company.claims(&started.nonce, &claims));
    assert!(is_in(&company.complete_with(&started, &token).await));
    let again = company.complete_with(&started, &token).await;
    assert_refused(&again, "a second time");
    assert_eq!(company.rows().await[3], 0);
}

#[tokio::test]
async fn only_the_client_that_has_begun_completes() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    for (why, change) in [
        ("another binding", ("binding", json!("stolen"))),
        ("an empty binding", ("binding", json!(""))),
        ("the hash as the binding", ("binding", json!("hash"))),
        ("another state", ("state", json!("x"))),
        ("a long state", ("state", json!("x".repeat(5_000)))),
        ("a state with NUL", ("state", json!("\u{0}"))),
        ("an unknown code", ("code", json!("other"))),
        ("another issuer", ("iss", json!("https://other.example"))),
    ] {
        let started = company.start().await;
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        company.provider.grant("code", &token);
        let right = json!({ "state": started.state, "code": "code", "binding": BINDING });
        let mut input = right.clone();
        input[change.0] = change.1;
        assert_refused(&company.complete(input).await, why);
        // A failed attempt uses the sign-in up, unless its state was not named.
        if change.0 != "state" {
            assert_refused(&company.complete(right).await, why);
        }
    }
    assert_eq!(company.rows().await[1], 0);
}

#[tokio::test]
async fn a_sign_in_is_completed_within_ten_minutes() {
    let clock = Clock::manual(Clock::system().now(), 1);
    let company = Company::at(clock.clone()).await;
    company.app.employee("ann").await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    let started = company.start().await;
    clock.advance(TimeDelta::minutes(10));
    let token = company
        .provider
        .key
        .sign(&company.claims(&started.nonce, &claims));
    assert_refused(&company.complete_with(&started, &token).await, "too late");
    // Those that are never completed are deleted when others begin.
    company.start().await;
    clock.advance(TimeDelta::minutes(11));
    company.start().await;
    assert_eq!(company.rows().await[3], 1);
}

#[tokio::test]
async fn a_provider_that_names_itself_has_to() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let document = json!({ "authorization_response_iss_parameter_supported": true });
    company.provider.answers().document = document;
    let more = json!({ "clientId": "second" });
    company
        .provider
        .register(&company.app, &company.admin, more)
        .await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    for (issuer, right) in [
        (Value::Null, false),
        (json!("https://other.example"), false),
        (json!(format!("{}/", company.provider.issuer)), false),
        (json!(company.provider.issuer), true),
    ] {
        let started = company.start().await;
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        company.provider.grant("code", &token);
        let input = json!({
            "state": started.state, "code": "code", "binding": BINDING, "iss": issuer,
        });
        let done = company.complete(input).await;
        assert_eq!(is_in(&done), right, "{issuer}: {done}");
    }
}

#[tokio::test]
async fn odd_starts_are_refused() {
    let company = Company::new().await;
    for (field, value, error) in [
        ("bindingHash", json!("x"), "INVALID"),
        ("bindingHash", json!(BINDING), "INVALID"),
        ("redirectUri", json!("https://app.example/signed-in/"), "INVALID"),
        ("redirectUri", json!("https://evil.example"), "INVALID"),
        (
            "providerId",
            json!("provider_01j0b3v1mmee6tx9cpdgkfhbch"),
            "NOT_FOUND",
        ),
        ("providerId", json!(company.admin.id()), "INVALID"),
    ] {
        let started = company.try_start(|input| input[field] = value.clone()).await;
        assert!(started["url"].is_null());
        assert_eq!(started["userErrors"][0]["code"], error, "{value}");
        assert_eq!(started["userErrors"][0]["field"], json!([field]));
    }
    assert_eq!(company.rows().await[3], 0);
}

#[tokio::test]
async fn odd_answers_of_the_token_endpoint_are_refused() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    for (status, body) in [
        (400, json!({ "error": "invalid_client" })),
        (500, json!("oops")),
        (302, json!({})),
        (200, json!({})),
        (200, json!({ "id_token": 7 })),
        (200, json!({ "id_token": "x" })),
        (200, json!({ "id_token": "x".repeat(100_000) })),
    ] {
        let started = company.start().await;
        company
            .provider
            .answers()
            .tokens
            .insert("code".to_owned(), (status, body.clone()));
        let input = json!({ "state": started.state, "code": "code", "binding": BINDING });
        assert_refused(&company.complete(input).await, &status.to_string());
    }
}

#[tokio::test]
async fn strangers_make_the_server_fetch_and_store_little() {
    let limit = |options: &mut handover::server::Options| {
        options.egress.allowed = vec!["127.0.0.0/8".parse().unwrap()];
        options.rate_limit = 1_200;
    };
    let app = TestApp::opened(limit, Clock::manual(Clock::system().now(), 1)).await;
    let company = Company::of(app, json!({})).await;
    let mut begun = 0;
    for _ in 0..320 {
        let query = format!(
            "mutation {{ startSignInWith(input: {{ providerId: \"{}\", bindingHash: \"{}\", \
             redirectUri: \"http://127.0.0.1:5000/\" }}) {{ url }} }}",
            company.id,
            super::coded(&[7; 32])
        );
        let (_, answer) = company.app.ask(None, &query, json!({})).await;
        begun += u32::from(answer["data"]["startSignInWith"]["url"].is_string());
    }
    assert_eq!((begun, company.rows().await[3]), (300, 300));
    assert_eq!(company.provider.answers().documents_read, 1);
}

#[tokio::test]
async fn strangers_who_begin_many_sign_ins_keep_nobody_out() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let started = company.start().await;
    let now = company.app.db().clock().now();
    let row = |number: usize| {
        let row = pending_sign_in::Model {
            state_hash: number.to_string(),
            provider_id: company.id.parse().unwrap(),
            nonce: String::new(),
            code_verifier: String::new(),
            binding_hash: String::new(),
            redirect_uri: String::new(),
            network: "192.0.2.1".to_owned(),
            began_at: now,
            expires_at: now + TimeDelta::minutes(10),
        };
        row.into_active_model()
    };
    for thousand in 0..20 {
        let rows = (thousand * 1_000..(thousand + 1) * 1_000).map(row);
        pending_sign_in::Entity::insert_many(rows)
            .exec_without_returning(company.app.raw())
            .await
            .unwrap();
    }
    company.start().await;
    assert_eq!(company.rows().await[3], 20_002 - 100);
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    let token = company
        .provider
        .key
        .sign(&company.claims(&started.nonce, &claims));
    assert!(is_in(&company.complete_with(&started, &token).await));
}
