//! ID tokens: which are accepted, and how keys are read.

use chrono::TimeDelta;
use handover::clock::Clock;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sha2::{Digest, Sha512};

use super::provider::{CLIENT, Key, REDIRECT, SECRET, coded};
use super::{BINDING, Company, assert_refused, is_in};

#[tokio::test]
async fn a_person_signs_in_with_their_provider() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let started = company.start().await;
    assert!(
        started
            .url
            .as_str()
            .starts_with(&format!("{}/authorize?tenant=1&", company.provider.issuer))
    );
    let sent: Vec<(String, String)> = started.url.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", REDIRECT),
        ("scope", "openid email profile"),
        ("code_challenge_method", "S256"),
    ] {
        assert!(sent.contains(&(name.to_owned(), value.to_owned())), "{name}");
    }
    let claims = json!({ "email": "ANN@Example.com", "email_verified": true, "sid": "at the provider" });
    let token = company
        .provider
        .key
        .sign(&company.claims(&started.nonce, &claims));
    let done = company.complete_with(&started, &token).await;
    assert!(is_in(&done), "{done}");
    assert_eq!(done["user"]["id"], ann.id());
    // The verifier is that of the challenge, and the client has authenticated.
    let (authorization, body) = company.provider.answers().asked.clone().unwrap();
    let body: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let get = |name: &str| body.iter().find(|(key, _)| key == name).unwrap().1.clone();
    use sha2::Sha256;
    let challenge = coded(&Sha256::digest(get("code_verifier")));
    assert!(sent.contains(&("code_challenge".to_owned(), challenge)));
    assert_eq!(get("redirect_uri"), REDIRECT);
    use base64::Engine;
    let pair = base64::prelude::BASE64_STANDARD.encode(format!("{CLIENT}:s~cret%20%26%20more"));
    assert_eq!(authorization, Some(format!("Basic {pair}")));
    // The token works, and the session is refreshed like any other.
    let access = done["accessToken"].as_str();
    let query = "{ viewer { user { id identities { subject linkedBy provider { name issuer } } } } }";
    let (_, seen) = company.app.ask(access, query, json!({})).await;
    let identities = &seen["data"]["viewer"]["user"]["identities"];
    assert_eq!(
        *identities,
        json!([{ "subject": "subject", "linkedBy": "EMAIL", "provider": { "name": "Company", "issuer": null } }])
    );
    let refresh = json!({ "input": { "refreshToken": done["refreshToken"] } });
    let query = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { accessToken } }";
    let (_, renewed) = company.app.ask(None, query, refresh).await;
    assert!(renewed["data"]["refreshSession"]["accessToken"].is_string());
    // Afterwards the link decides, whatever the address.
    let again = company.sign_in(json!({})).await;
    assert_eq!(again["user"]["id"], ann.id(), "{again}");
    // Signing out names the address at the provider.
    let query = "mutation { signOut { endSessionUrl userErrors { code } } }";
    let (_, out) = company.app.ask(access, query, json!({})).await;
    let url = format!("{}/logout?client_id={CLIENT}", company.provider.issuer);
    assert_eq!(out["data"]["signOut"]["endSessionUrl"], url);
    assert_eq!(company.audited("session.started").await.len(), 2);
    company.app.sound().await;
}

#[tokio::test]
async fn a_session_lasts_twelve_hours() {
    let clock = Clock::manual(Clock::system().now(), 1);
    let company = Company::at(clock.clone()).await;
    company.app.employee("ann").await;
    let done = company.sign_in_as("ann@example.com").await;
    let mut token = done["refreshToken"].clone();
    let query = "mutation($input: RefreshSessionInput!) { refreshSession(input: $input) { refreshToken } }";
    for hour in 1..=12 {
        clock.advance(TimeDelta::hours(1));
        let input = json!({ "input": { "refreshToken": token } });
        let (_, renewed) = company.app.ask(None, query, input).await;
        token = renewed["data"]["refreshSession"]["refreshToken"].clone();
        assert_eq!(token.is_string(), hour < 12, "{hour}");
    }
}

#[tokio::test]
async fn all_four_algorithms_are_accepted() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let (rsa, ed) = (Key::rsa("rsa"), Key::ed("ed"));
    let others = [rsa.clone(), rsa.clone().pss(), ed];
    company
        .provider
        .answers()
        .keys
        .extend([rsa.jwk, others[2].jwk.clone()]);
    for key in &others {
        let started = company.start().await;
        let hash = match key.algorithm {
            Algorithm::EdDSA => coded(&Sha512::digest("opaque")[..32]),
            _ => coded(&<sha2::Sha256 as Digest>::digest("opaque")[..16]),
        };
        let more = json!({ "email": "ann@example.com", "email_verified": "true", "at_hash": hash });
        let token = key.sign(&company.claims(&started.nonce, &more));
        let done = company.complete_with(&started, &token).await;
        assert_eq!(done["user"]["id"], ann.id(), "{}: {done}", key.name);
    }
}

/// Changes to the claims of a valid token, each of which makes it invalid.
fn wrong_claims(now: i64) -> Vec<(&'static str, Value)> {
    vec![
        ("another issuer", json!({ "iss": "https://other.example" })),
        ("no issuer", json!({ "iss": null })),
        ("another audience", json!({ "aud": "other" })),
        ("no audience", json!({ "aud": null })),
        ("an odd audience", json!({ "aud": [CLIENT, 1] })),
        (
            "several audiences without azp",
            json!({ "aud": [CLIENT, "other"] }),
        ),
        (
            "azp of another",
            json!({ "aud": [CLIENT, "other"], "azp": "other" }),
        ),
        ("azp of another, one audience", json!({ "azp": "other" })),
        ("expired", json!({ "exp": now - 61 })),
        ("no exp", json!({ "exp": null })),
        ("exp as a text", json!({ "exp": "tomorrow" })),
        ("issued long ago", json!({ "iat": now - 661, "exp": now + 3_600 })),
        ("issued in the future", json!({ "iat": now + 62 })),
        ("no iat", json!({ "iat": null })),
        ("not valid yet", json!({ "nbf": now + 62 })),
        ("nbf as a text", json!({ "nbf": "soon" })),
        ("another nonce", json!({ "nonce": "other" })),
        ("no nonce", json!({ "nonce": null })),
        ("another at_hash", json!({ "at_hash": coded(&[0; 16]) })),
        ("an odd at_hash", json!({ "at_hash": 1 })),
        ("no sub", json!({ "sub": null })),
        ("an empty sub", json!({ "sub": "" })),
        ("sub is a number", json!({ "sub": 7 })),
        ("sub with NUL", json!({ "sub": "a\u{0}b" })),
        ("sub too long", json!({ "sub": "x".repeat(256) })),
    ]
}

#[tokio::test]
async fn wrong_tokens_are_refused() {
    let company = Company::at(Clock::manual(Clock::system().now(), 1)).await;
    let ann = company.app.employee("ann").await;
    let linked = company.sign_in_as("ann@example.com").await;
    assert_eq!(linked["user"]["id"], ann.id());
    let before = company.rows().await;
    let right = json!({ "sub": "ann" });
    let now = company.app.db().clock().now().timestamp();
    let key = &company.provider.key;
    for (why, more) in wrong_claims(now) {
        let started = company.start().await;
        let mut claims = company.claims(&started.nonce, &right);
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => claims.as_object_mut().unwrap().remove(name),
                value => claims
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        assert_refused(&company.complete_with(&started, &key.sign(&claims)).await, why);
    }
    let stranger = Key::ec("first");
    let (unannounced, hmac) = (
        Key::ec("second"),
        EncodingKey::from_secret(key.jwk.to_string().as_bytes()),
    );
    company
        .provider
        .answers()
        .keys
        .push(json!({ "kty": "oct", "k": coded(b"shared"), "kid": "shared" }));
    for why in [
        "another key with the same id",
        "an unknown key",
        "the algorithm of another key",
        "a shared secret",
        "a shared secret from the key set",
        "unsigned",
        "critical extensions",
        "another type",
        "a claim twice",
        "no object",
        "a changed claim",
        "five parts",
        "a changed signature",
        "the key in the header",
    ] {
        let started = company.start().await;
        let claims = company.claims(&started.nonce, &right);
        let signed = key.sign(&claims);
        let parts: Vec<&str> = signed.split('.').collect();
        let with = |name: &str, value: Value| {
            let mut header = key.header();
            header[name] = value;
            header
        };
        let token = match why {
            "another key with the same id" => stranger.sign(&claims),
            "an unknown key" => unannounced.sign(&claims),
            "the algorithm of another key" => {
                key.sign_text(&with("alg", json!("RS256")), &claims.to_string())
            }
            "a shared secret" => {
                jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &hmac).unwrap()
            }
            "a shared secret from the key set" => {
                let mut header = Header::new(Algorithm::HS256);
                header.kid = Some("shared".to_owned());
                jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(b"shared")).unwrap()
            }
            "unsigned" => format!("{}.{}.", coded(br#"{"alg":"none"}"#), parts[1]),
            "critical extensions" => key.sign_text(&with("crit", json!(["exp"])), &claims.to_string()),
            "another type" => key.sign_as("logout+jwt", &claims),
            "a claim twice" => {
                let text = claims.to_string();
                key.sign_text(&key.header(), &format!(r#"{{"sub":"other",{}"#, &text[1..]))
            }
            "no object" => key.sign_text(&key.header(), "[]"),
            "a changed claim" => {
                let other = company.claims(&started.nonce, &json!({ "sub": "other" }));
                format!(
                    "{}.{}.{}",
                    parts[0],
                    coded(other.to_string().as_bytes()),
                    parts[2]
                )
            }
            "five parts" => format!("{signed}.x.y"),
            "a changed signature" => format!("{}.{}.{}", parts[0], parts[1], coded(&[7; 64])),
            _ => {
                let mut header = with("jwk", stranger.jwk.clone());
                header.as_object_mut().unwrap().remove("kid");
                stranger.sign_text(&header, &claims.to_string())
            }
        };
        assert_refused(&company.complete_with(&started, &token).await, why);
    }
    assert_eq!(company.rows().await, before, "nothing is left");
    let done = company.sign_in(right).await;
    assert!(is_in(&done), "{done}");
}

#[tokio::test]
async fn the_limits_of_times_have_a_minute_of_leeway() {
    let company = Company::at(Clock::manual(Clock::system().now(), 1)).await;
    company.app.employee("ann").await;
    let now = company.app.db().clock().now().timestamp();
    for times in [
        json!({ "exp": now - 59 }),
        json!({ "iat": now - 660 }),
        json!({ "iat": now + 60, "nbf": now + 60 }),
        json!({ "aud": [CLIENT, "other"], "azp": CLIENT }),
        json!({ "exp": now as f64 + 0.5 }),
    ] {
        let mut claims = json!({ "email": "ann@example.com", "email_verified": true });
        for (name, value) in times.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let done = company.sign_in(claims).await;
        assert!(is_in(&done), "{times}: {done}");
    }
}

#[tokio::test]
async fn unannounced_algorithms_are_refused() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let ed = Key::ed("ed");
    {
        let mut answers = company.provider.answers();
        answers.keys.push(ed.jwk.clone());
        answers.document = json!({ "id_token_signing_alg_values_supported": ["RS256", "ES256"] });
    }
    // Read anew for another provider of the same issuer.
    let more = json!({ "clientId": "second" });
    company
        .provider
        .register(&company.app, &company.admin, more)
        .await;
    let started = company.start().await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    let token = ed.sign(&company.claims(&started.nonce, &claims));
    assert_refused(&company.complete_with(&started, &token).await, "EdDSA");
    let done = company.sign_in(claims).await;
    assert!(is_in(&done), "{done}");
}

#[tokio::test]
async fn keys_are_read_again_for_an_unknown_one_once_a_minute() {
    let clock = Clock::manual(Clock::system().now(), 1);
    let company = Company::at(clock.clone()).await;
    company.app.employee("ann").await;
    let read = || {
        let answers = company.provider.answers();
        (answers.documents_read, answers.keys_read)
    };
    company.provider.answers().cache = Some("max-age=3600");
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    assert_eq!(read(), (1, 1));
    let next = Key::ec("next");
    let with_next = async || {
        let started = company.start().await;
        let claims = company.claims(&started.nonce, &json!({ "sub": "ann" }));
        let done = company.complete_with(&started, &next.sign(&claims)).await;
        is_in(&done)
    };
    for _ in 0..3 {
        assert!(!with_next().await);
    }
    assert_eq!(read(), (1, 1), "not within a minute of the last time");
    company.provider.answers().keys.push(next.jwk.clone());
    clock.advance(TimeDelta::seconds(60));
    assert!(with_next().await);
    assert_eq!(read().1, 2);
    // Both are read anew when they are too old: the document after ten minutes, the keys after the hour announced.
    clock.advance(TimeDelta::minutes(10));
    assert!(with_next().await);
    assert_eq!(read(), (2, 2));
    clock.advance(TimeDelta::minutes(61));
    assert!(with_next().await);
    assert_eq!(read(), (3, 3));
}

#[tokio::test]
async fn the_client_authenticates_as_the_provider_announces() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let document = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post"] });
    company.provider.answers().document = document;
    let more = json!({ "clientId": "second" });
    let id = company
        .provider
        .register(&company.app, &company.admin, more)
        .await;
    let body = |asked: &(Option<String>, String)| -> Vec<(String, String)> {
        url::form_urlencoded::parse(asked.1.as_bytes())
            .into_owned()
            .collect()
    };
    for secret in [Some(SECRET), None] {
        let input = json!({ "providerId": id, "clientSecret": secret });
        company
            .app
            .run(&company.admin, "updateIdentityProvider", input, "")
            .await;
        let started = company.try_start(|input| input["providerId"] = json!(id)).await;
        let url = url::Url::parse(started["url"].as_str().unwrap()).unwrap();
        let state = url
            .query_pairs()
            .find(|(name, _)| name == "state")
            .unwrap()
            .1
            .into_owned();
        company
            .complete(json!({ "state": state, "code": "x", "binding": BINDING }))
            .await;
        let asked = company.provider.answers().asked.clone().unwrap();
        let body = body(&asked);
        assert!(asked.0.is_none());
        assert!(body.contains(&("client_id".to_owned(), "second".to_owned())));
        let sent = body.iter().find(|(name, _)| name == "client_secret");
        assert_eq!(sent.map(|(_, value)| value.as_str()), secret);
    }
}
