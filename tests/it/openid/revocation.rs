//! Global token revocation: a provider ends all sessions of a person.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use handover::clock::Clock;
use serde_json::{Value, json};

use super::provider::{CLIENT, Key};
use super::{Company, assert_refused, is_in};

const KIND: &str = "global-token-revocation+jwt";
const AUDIENCE: &str = "http://127.0.0.1:8000/auth/revoke";

impl Company {
    fn revocation_claims(&self, id: &str) -> Value {
        let now = self.app.db().clock().now().timestamp();
        json!({
            "iss": self.provider.issuer, "sub": CLIENT, "aud": AUDIENCE, "iat": now, "exp": now + 300,
            "jti": id,
        })
    }

    async fn post(&self, token: Option<&str>, body: String) -> u16 {
        let mut request = Request::post("/auth/revoke").header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let (status, headers, _) = self.app.bytes(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(status == 401, headers.contains_key(header::WWW_AUTHENTICATE));
        status.as_u16()
    }

    async fn revoke(&self, subject: Value) -> u16 {
        let token = self.revocation_claims(&subject.to_string());
        let token = self.provider.key.sign_as(KIND, &token);
        self.post(Some(&token), json!({ "sub_id": subject }).to_string())
            .await
    }
}

#[tokio::test]
async fn all_sessions_of_a_person_end() {
    let company = Company::new().await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    assert_eq!(company.app.open_sessions(&ann).await, 2);
    let subject = json!({ "format": "email", "email": "ANN@example.com" });
    assert_eq!(company.revoke(subject).await, 204);
    assert_eq!(
        company.app.open_sessions(&ann).await,
        0,
        "those with a password too"
    );
    assert_eq!(company.app.open_sessions(&bob).await, 1);
    let query = "{ viewer { user { id } } }";
    assert_eq!(
        company.app.ask(Some(&ann.token), query, json!({})).await.0,
        StatusCode::UNAUTHORIZED
    );
    // By the account; that there is no session is no error.
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    let account = json!({ "format": "iss_sub", "iss": company.provider.issuer, "sub": "ann" });
    assert_eq!(company.revoke(account).await, 204);
    assert_eq!(company.app.open_sessions(&ann).await, 0);
    assert_eq!(
        company
            .revoke(json!({ "format": "email", "email": "bob@example.com" }))
            .await,
        204
    );
    assert_eq!(company.audited("user.signed_out_by_provider").await.len(), 3);
    company.app.sound().await;
}

#[tokio::test]
async fn a_sign_in_that_has_begun_is_not_completed() {
    let company = Company::with(json!({ "emailDomains": ["example.com"], "justInTime": true })).await;
    company.app.employee("ann").await;
    let by_address = json!({ "format": "email", "email": "ann@example.com" });
    let unknown = json!({ "format": "iss_sub", "iss": company.provider.issuer, "sub": "new" });
    for (subject, revoked, status) in [("ann", by_address, 204), ("new", unknown, 404)] {
        let started = company.start().await;
        assert_eq!(company.revoke(revoked).await, status);
        let email = format!("{subject}@example.com");
        let claims = json!({ "sub": subject, "email": email, "email_verified": true });
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        let before = company.rows().await;
        assert_refused(&company.complete_with(&started, &token).await, subject);
        assert_eq!(company.rows().await[..3], before[..3]);
        assert!(is_in(&company.sign_in_as(&email).await), "begun afterwards");
    }
    company.app.sound().await;
}

#[tokio::test]
async fn what_is_refused_ends_nothing() {
    let company = Company::at(Clock::manual(Clock::system().now(), 1)).await;
    let ann = company.app.employee("ann").await;
    let bob = company.app.employee("bob").await;
    let subject = json!({ "sub_id": { "format": "email", "email": "ann@example.com" } }).to_string();
    let now = company.app.db().clock().now().timestamp();
    let key = &company.provider.key;
    for (why, name, value) in [
        ("another issuer", "iss", json!("https://other.example")),
        ("another client", "sub", json!("other")),
        (
            "another address",
            "aud",
            json!("https://other.example/auth/revoke"),
        ),
        (
            "several addresses",
            "aud",
            json!([AUDIENCE, "https://other.example"]),
        ),
        ("expired", "exp", json!(now - 61)),
        ("valid for too long", "exp", json!(now + 3_600)),
        ("old", "iat", json!(now - 361)),
        ("no time", "iat", json!("now")),
        ("an odd jti", "jti", json!("")),
        ("NUL", "sub", json!("a\u{0}")),
    ] {
        let mut claims = company.revocation_claims(why);
        claims[name] = value;
        let token = key.sign_as(KIND, &claims);
        assert_eq!(company.post(Some(&token), subject.clone()).await, 401, "{why}");
    }
    let right = company.revocation_claims("right");
    for token in [
        key.sign(&right),
        key.sign_as("JWT", &right),
        Key::ec("first").sign_as(KIND, &right),
        "x".to_owned(),
        ann.token.clone(),
    ] {
        assert_eq!(company.post(Some(&token), subject.clone()).await, 401);
    }
    assert_eq!(company.post(None, subject.clone()).await, 401);
    for body in [
        "",
        "{}",
        "[]",
        r#"{"sub_id":1}"#,
        r#"{"sub_id":{"format":"email"}}"#,
    ] {
        let token = key.sign_as(KIND, &company.revocation_claims(body));
        assert_eq!(company.post(Some(&token), body.to_owned()).await, 400, "{body}");
    }
    assert_eq!(company.app.open_sessions(&ann).await, 1);
    for (status, id) in [
        (404, json!({ "format": "email", "email": "nobody@example.com" })),
        (
            404,
            json!({ "format": "iss_sub", "iss": company.provider.issuer, "sub": "nobody" }),
        ),
        (403, json!({ "format": "email", "email": "ann@other.example" })),
        (
            403,
            json!({ "format": "iss_sub", "iss": "https://other.example", "sub": "ann" }),
        ),
        (422, json!({ "format": "phone_number", "phone_number": "+1" })),
    ] {
        assert_eq!(company.revoke(id.clone()).await, status, "{id}");
    }
    // A token is used once.
    let token = key.sign_as(KIND, &right);
    assert_eq!(company.post(Some(&token), subject.clone()).await, 204);
    assert_eq!(company.post(Some(&token), subject).await, 401);
    assert_eq!(company.app.open_sessions(&bob).await, 1);
    // Without domains a provider speaks for the people who are linked to it.
    let input = json!({ "providerId": company.id, "emailDomains": [] });
    company
        .app
        .run(&company.admin, "updateIdentityProvider", input, "")
        .await;
    assert_eq!(
        company
            .revoke(json!({ "format": "email", "email": "bob@example.com" }))
            .await,
        403
    );
    company.link(&bob, json!({ "sub": "bob" })).await;
    let bob_again = json!({ "format": "email", "email": "BOB@example.com" });
    assert_eq!(company.revoke(bob_again.clone()).await, 204);
    assert_eq!(company.app.open_sessions(&bob).await, 0);
    // Once, without a jti too.
    let mut claims = company.revocation_claims("none");
    claims.as_object_mut().unwrap().remove("jti");
    let token = company.provider.key.sign_as(KIND, &claims);
    let body = json!({ "sub_id": bob_again }).to_string();
    assert_eq!(company.post(Some(&token), body.clone()).await, 204);
    assert_eq!(company.post(Some(&token), body).await, 401);
}

/// A sign-in with an account that is being unlinked is refused, or its session ends.
#[tokio::test]
async fn no_session_outlives_the_account_that_opened_it() {
    let company = Company::new().await;
    let claims = json!({ "sub": "boss" });
    for round in 0..10 {
        let linked = company.link(&company.admin, claims.clone()).await;
        let account = linked["user"]["identities"][0]["id"].clone();
        let started = company.start().await;
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        let unlinked = async {
            tokio::time::sleep(Duration::from_millis(3 * round)).await;
            let input = json!({ "identityId": account });
            company
                .app
                .run(&company.admin, "unlinkIdentity", input, "user { id }")
                .await
        };
        let (done, unlinked) = tokio::join!(company.complete_with(&started, &token), unlinked);
        assert_eq!(unlinked["userErrors"], json!([]));
        if let Some(token) = done["accessToken"].as_str() {
            let (_, answer) = company
                .app
                .ask(Some(token), "{ viewer { user { id } } }", json!({}))
                .await;
            assert!(answer["data"]["viewer"]["user"].is_null(), "{round}: {answer}");
        }
        assert_eq!(company.rows().await[1], 0, "{round}");
    }
    company.app.sound().await;
}
