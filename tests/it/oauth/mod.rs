//! Access tokens for integrations: `/oauth/token`, what ends them, and the metadata.

mod assertions;
mod endings;
mod refusals;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::{access_token, integration_secret};
use handover::domain::auth::Permission;
use handover::domain::auth::authenticate::authenticate_integration;
use handover::domain::auth::guard::Needs;
use handover::domain::limits::Network;
use handover::store::journal::Recorded;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::integrations::{add, create};
use crate::support::{Person, TestApp};

const PATH: &str = "/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";
const VIEWER: &str = "{ viewer { permissions } }";
const INVITE: &str = "mutation { inviteUser(input: { email: \"new@example.com\" }) { userErrors { code } } }";
const SERVER: &str = "http://127.0.0.1:8000";

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

async fn post(app: &TestApp, basic: Option<&str>, body: String) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::post(PATH).header(header::CONTENT_TYPE, FORM);
    if let Some(basic) = basic {
        request = request.header(header::AUTHORIZATION, basic);
    }
    let (status, headers, bytes) = app.bytes(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    (status, headers, serde_json::from_slice(&bytes).unwrap())
}

/// Asks for a token with a client secret in the body.
async fn ask(app: &TestApp, client: &str, secret: &str, more: &[(&str, &str)]) -> (StatusCode, Value) {
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_secret", secret),
    ];
    let (status, _, answer) = post(app, None, form(&[&pairs, more].concat())).await;
    (status, answer)
}

async fn token(app: &TestApp, client: &str, secret: &str, more: &[(&str, &str)]) -> String {
    let (status, answer) = ask(app, client, secret, more).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

/// An integration with these scopes and a client secret: the integration, the secret, and its value.
async fn client(app: &TestApp, by: &Person, scopes: Value) -> (String, String, String) {
    let (id, _) = create(app, by, json!({ "name": "sync", "scopes": scopes })).await;
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET" });
    let (secret, value) = add(app, by, input).await;
    (id, secret, value)
}

async fn status(app: &TestApp, token: &str) -> StatusCode {
    app.ask(Some(token), VIEWER, json!({})).await.0
}

#[tokio::test]
async fn a_client_secret_gets_access_tokens() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, secret, value) = client(&app, &admin, json!(["MANAGE_USERS"])).await;
    assert!(value.starts_with("hns_") && value.len() > 40);
    assert_eq!(
        status(&app, &value).await,
        StatusCode::UNAUTHORIZED,
        "no token itself"
    );

    let (answered, headers, answer) = post(
        &app,
        Some(&format!(
            "basic {}",
            BASE64_STANDARD.encode(format!("{}:{}", encode(&id), encode(&value)))
        )),
        "grant_type=client_credentials".to_owned(),
    )
    .await;
    assert_eq!(answered, StatusCode::OK, "{answer}");
    assert_eq!(headers[header::PRAGMA], "no-cache");
    let token = answer["access_token"].as_str().unwrap();
    assert!(token.starts_with("hna_") && token.len() > 40);
    assert_eq!(
        answer,
        json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3600 })
    );
    let (_, answer) = app.ask(Some(token), VIEWER, json!({})).await;
    assert_eq!(answer["data"]["viewer"]["permissions"], json!(["MANAGE_USERS"]));
    let (_, answer) = app.ask(Some(token), INVITE, json!({})).await;
    assert_eq!(answer["data"]["inviteUser"]["userErrors"], json!([]), "{answer}");

    // Neither the secret nor the token is stored, and the secret was used.
    let rows = access_token::Entity::find().all(app.raw()).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert!(!format!("{rows:?}").contains(&token[4..]));
    let secrets = integration_secret::Entity::find().all(app.raw()).await.unwrap();
    assert!(!format!("{secrets:?}").contains(&value[4..]));
    let row = secrets.iter().find(|row| row.id.to_string() == secret).unwrap();
    assert!(row.last_used_at.is_some() && value.ends_with(&row.hint));

    // The secret in the body; Basic without encoding, beside the same client.
    let other = ask(&app, &id, &value, &[]).await.1["access_token"].clone();
    assert_eq!(status(&app, other.as_str().unwrap()).await, StatusCode::OK);
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{value}")));
    let body = form(&[("grant_type", "client_credentials"), ("client_id", &id)]);
    assert_eq!(post(&app, Some(&basic), body).await.0, StatusCode::OK);
    for wrong in ["hna_", "hna_nonsense", &token[..token.len() - 1]] {
        assert_eq!(status(&app, wrong).await, StatusCode::UNAUTHORIZED, "{wrong}");
    }
    app.sound().await;
}

#[tokio::test]
async fn scopes_narrow_an_access_token() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let scopes = json!(["MANAGE_USERS", "PROVISION_PEOPLE", "READ_EVENTS"]);
    let (id, _, value) = client(&app, &admin, scopes).await;
    let (_, answer) = ask(&app, &id, &value, &[("scope", "scim")]).await;
    assert_eq!(answer["scope"], "scim");
    let narrow = answer["access_token"].as_str().unwrap();
    let permissions = async |token: &str| {
        let (_, answer) = app.ask(Some(token), VIEWER, json!({})).await;
        answer["data"]["viewer"]["permissions"].clone()
    };
    assert_eq!(permissions(narrow).await, json!(["PROVISION_PEOPLE"]));
    assert_eq!(app.error(Some(narrow), INVITE, json!({})).await, "FORBIDDEN");
    let both = token(&app, &id, &value, &[("scope", "events scim")]).await;
    assert_eq!(
        permissions(&both).await,
        json!(["PROVISION_PEOPLE", "READ_EVENTS"])
    );
    let all = token(&app, &id, &value, &[]).await;
    assert_eq!(
        permissions(&all).await,
        json!(["MANAGE_USERS", "PROVISION_PEOPLE", "READ_EVENTS"])
    );
    // Also inside of a transaction.
    let auth = app.app.auth();
    let actor = authenticate_integration(auth, narrow, Network::UNKNOWN)
        .await
        .unwrap();
    let written = app
        .db()
        .write_as(
            &actor,
            Needs::Permission(Permission::ProvisionPeople),
            |_, actor| async move { Ok((actor.rights(), Recorded::nothing_changed())) },
        )
        .await;
    assert_eq!(written.unwrap(), actor.rights());
}

#[tokio::test]
async fn metadata_describes_the_server() {
    let app = TestApp::with(|options| options.public_url = "https://handover.example.com".to_owned()).await;
    let read = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, headers, bytes) = app.bytes(request).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_TYPE], "application/json");
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    let server = read("/.well-known/oauth-authorization-server").await;
    assert_eq!(server["issuer"], "https://handover.example.com");
    assert_eq!(
        server["token_endpoint"],
        "https://handover.example.com/oauth/token"
    );
    assert_eq!(server["grant_types_supported"], json!(["client_credentials"]));
    assert_eq!(server["scopes_supported"], json!(["scim", "events"]));
    assert_eq!(
        server["token_endpoint_auth_signing_alg_values_supported"],
        json!(["RS256", "PS256", "ES256", "EdDSA"])
    );
    let resource = read("/.well-known/oauth-protected-resource").await;
    assert_eq!(resource["resource"], "https://handover.example.com");
    assert_eq!(resource["authorization_servers"], json!([server["issuer"]]));
}
