//! Back-channel logout.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use handover::clock::Clock;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::provider::{CLIENT, Key};
use super::{Company, assert_refused, is_in};
use crate::server::{Server, locally};
use crate::support::web_socket::{Received, WebSocket};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

impl Company {
    /// Claims of a logout token, with more or other ones; null removes one.
    fn logout_claims(&self, id: &str, more: &Value) -> Value {
        let now = self.app.db().clock().now().timestamp();
        let mut claims = json!({
            "iss": self.provider.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": id,
            "events": { EVENT: {} },
        });
        for (name, value) in more.as_object().unwrap() {
            match value.is_null() {
                true => claims.as_object_mut().unwrap().remove(name),
                false => claims
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    async fn log_out_with(&self, token: &str) -> (StatusCode, HeaderMap, Value) {
        let path = format!("/auth/oidc/{}/backchannel-logout", self.id);
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("logout_token={token}")))
            .unwrap();
        let (status, headers, body) = self.app.bytes(request).await;
        (status, headers, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub async fn log_out(&self, id: &str, more: Value) -> StatusCode {
        let token = self
            .provider
            .key
            .sign_as("logout+jwt", &self.logout_claims(id, &more));
        let (status, headers, _) = self.log_out_with(&token).await;
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        status
    }

    /// Signs in with a session at the provider; returns the access token.
    async fn in_session(&self, subject: &str, session: &str) -> String {
        let claims = json!({
            "sub": subject, "sid": session, "email": format!("{subject}@example.com"), "email_verified": true,
        });
        let done = self.sign_in(claims).await;
        assert!(is_in(&done), "{done}");
        done["accessToken"].as_str().unwrap().to_owned()
    }

    async fn works(&self, token: &str) -> bool {
        let query = "{ viewer { user { id } } }";
        self.app.ask(Some(token), query, json!({})).await.0 == StatusCode::OK
    }
}

#[tokio::test]
async fn a_session_or_all_of_a_subject_end() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    company.app.employee("bob").await;
    let one = company.in_session("ann", "one").await;
    let two = company.in_session("ann", "two").await;
    let three = company.in_session("ann", "three").await;
    let bob = company.in_session("bob", "bob").await;
    assert_eq!(
        company.log_out("a", json!({ "sid": "one" })).await,
        StatusCode::OK
    );
    assert!(!company.works(&one).await && company.works(&two).await && company.works(&bob).await);
    // Both together name one session.
    let both = json!({ "sid": "two", "sub": "ann" });
    assert_eq!(company.log_out("b", both).await, StatusCode::OK);
    assert!(!company.works(&two).await && company.works(&three).await);
    assert_eq!(
        company.log_out("c", json!({ "sub": "ann" })).await,
        StatusCode::OK
    );
    assert!(!company.works(&three).await && company.works(&bob).await);
    assert!(company.works(&ann.token).await, "opened without the provider");
    // That there is none is no error.
    for more in [json!({ "sid": "none" }), json!({ "sub": "nobody" })] {
        let id = more.to_string();
        assert_eq!(company.log_out(&id, more).await, StatusCode::OK);
    }
    let told = company.audited("user.signed_out_by_provider").await;
    assert_eq!(
        told.iter().map(|data| &data["sessions"]).collect::<Vec<_>>(),
        [1, 1, 1]
    );
    company.app.sound().await;
}

#[tokio::test]
async fn a_sign_in_that_has_begun_is_not_completed_after_a_logout() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let claims = json!({ "sub": "ann", "sid": "one", "email": "ann@example.com", "email_verified": true });
    for (id, more) in [("a", json!({ "sub": "ann" })), ("b", json!({ "sid": "one" }))] {
        let started = company.start().await;
        assert_eq!(company.log_out(id, more).await, StatusCode::OK);
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        assert_refused(&company.complete_with(&started, &token).await, id);
        assert!(is_in(&company.sign_in(claims.clone()).await), "begun afterwards");
    }
    let refused = company.audited("session.refused").await;
    assert_eq!(refused[0]["reason"], "signed out meanwhile");
    company.app.sound().await;
}

#[tokio::test]
async fn wrong_logout_tokens_are_refused() {
    let company = Company::at(Clock::manual(Clock::system().now(), 1)).await;
    company.app.employee("ann").await;
    let token = company.in_session("ann", "one").await;
    let now = company.app.db().clock().now().timestamp();
    let sid = json!({ "sid": "one" });
    for (why, more) in [
        ("a nonce", json!({ "nonce": "x" })),
        ("no event", json!({ "events": null })),
        ("another event", json!({ "events": { "x": {} } })),
        ("an odd event", json!({ "events": { EVENT: 1 } })),
        ("neither", json!({ "sid": null })),
        ("an odd sid", json!({ "sid": 7 })),
        ("an odd sub", json!({ "sub": "" })),
        ("no jti", json!({ "jti": null })),
        ("an empty jti", json!({ "jti": "" })),
        ("another issuer", json!({ "iss": "https://other.example" })),
        ("another audience", json!({ "aud": "other" })),
        ("no iat", json!({ "iat": null })),
        ("old", json!({ "iat": now - 361 })),
        ("in the future", json!({ "iat": now + 62 })),
        ("expired", json!({ "exp": now - 61 })),
    ] {
        let mut claims = company.logout_claims(why, &sid);
        for (name, value) in more.as_object().unwrap() {
            match value.is_null() {
                true => claims.as_object_mut().unwrap().remove(name),
                false => claims
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        let signed = company.provider.key.sign_as("logout+jwt", &claims);
        let (status, headers, body) = company.log_out_with(&signed).await;
        assert_eq!(
            (status.as_u16(), &body["error"]),
            (400, &json!("invalid_request")),
            "{why}"
        );
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
    }
    let right = company.logout_claims("right", &sid);
    let stranger = Key::ec("first").sign_as("logout+jwt", &right);
    assert_eq!(company.log_out_with(&stranger).await.0, StatusCode::BAD_REQUEST);
    // An ID token is none, whatever it says.
    let id_token = company.provider.key.sign(&company.claims("x", &sid));
    assert_eq!(company.log_out_with(&id_token).await.0, StatusCode::BAD_REQUEST);
    for odd in ["", "x", "a.b.c"] {
        assert_eq!(company.log_out_with(odd).await.0, StatusCode::BAD_REQUEST);
    }
    assert!(company.works(&token).await);
    // Accepted once, without a type and without exp too.
    let signed = company
        .provider
        .key
        .sign(&company.logout_claims("once", &json!({ "sid": "one", "exp": null })));
    assert_eq!(company.log_out_with(&signed).await.0, StatusCode::OK);
    assert!(!company.works(&token).await);
    assert_eq!(
        company.log_out_with(&signed).await.0,
        StatusCode::BAD_REQUEST,
        "a replay"
    );
    // Other bodies and other addresses.
    let path = format!("/auth/oidc/{}/backchannel-logout", company.id);
    for (path, kind, status) in [
        (path.as_str(), "application/json", 400),
        (
            "/auth/oidc/x/backchannel-logout",
            "application/x-www-form-urlencoded",
            400,
        ),
    ] {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, kind)
            .body(Body::from(format!("logout_token={signed}")))
            .unwrap();
        assert_eq!(company.app.send(request).await.0.as_u16(), status);
    }
    let request = Request::get(path).body(Body::empty()).unwrap();
    assert_eq!(company.app.send(request).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_live_connection_ends_with_the_session() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let token = company.in_session("ann", "one").await;
    let (stop, stopped) = watch::channel(false);
    locally(async {
        let live = company.app.app.live.clone();
        let publisher = tokio::task::spawn_local(async move {
            handover::domain::live::work(&live, stopped).await;
        });
        let server = Server::of(&company.app, 100).await;
        let (mut socket, answer) = WebSocket::initialised(server.address, &token).await;
        assert_eq!(answer, Received::Message(json!({ "type": "connection_ack" })));
        socket
            .subscribe("1", "subscription { userStatusChanged { email } }")
            .await;
        assert_eq!(
            company.log_out("a", json!({ "sid": "one" })).await,
            StatusCode::OK
        );
        let closed = tokio::time::timeout(std::time::Duration::from_secs(1), socket.receive()).await;
        assert_eq!(closed.unwrap(), Received::Closed(4401));
        stop.send(true).unwrap();
        publisher.await.unwrap();
    })
    .await;
}
