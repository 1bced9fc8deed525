//! Attacks: forged tokens, cross-site requests, timing, and secrets in logs.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as B64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const VIEWER: &str = "{ viewer { user { id } } }";

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&B64.decode(part).unwrap()).unwrap()
}

fn with(mut claims: Value, name: &str, value: Value) -> Value {
    if value.is_null() {
        claims.as_object_mut().unwrap().remove(name);
    } else {
        claims[name] = value;
    }
    claims
}

#[tokio::test]
async fn forged_tokens_are_refused() {
    let app = TestApp::new().await;
    let ann = app.administrator().await;
    let (kid, key) = app.app.keys.signing().await.unwrap();
    let good = claims(&ann.token);
    let header = |kid: Option<&str>| Header {
        kid: kid.map(str::to_owned),
        ..Header::new(Algorithm::EdDSA)
    };
    let signed = |claims: &Value| jsonwebtoken::encode(&header(Some(&kid)), claims, &key).unwrap();
    assert_eq!(
        app.ask(Some(&signed(&good)), VIEWER, json!({})).await.0,
        StatusCode::OK
    );

    let parts: Vec<&str> = ann.token.split('.').collect();
    let none = |alg: &str| {
        let header = B64.encode(json!({ "alg": alg, "typ": "JWT", "kid": kid }).to_string());
        format!("{header}.{}.", parts[1])
    };
    // The public key used as an HMAC secret (algorithm confusion).
    let public = app.app.keys.public().await.unwrap();
    let x = public["keys"][0]["x"].as_str().unwrap();
    let confused = |secret: &[u8]| {
        let header = Header {
            kid: Some(kid.clone()),
            ..Header::new(Algorithm::HS256)
        };
        jsonwebtoken::encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap()
    };
    let now = app.db().clock().now().timestamp();
    // An unknown critical extension (RFC 7515, section 4.1.11); signed manually, because libraries refuse to.
    let critical = {
        let header = json!({ "alg": "EdDSA", "kid": kid, "crit": ["b64"], "b64": false }).to_string();
        let text = format!("{}.{}", B64.encode(header), ann.token.split('.').nth(1).unwrap());
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::EdDSA).unwrap();
        format!("{text}.{signature}")
    };
    let mut forged = vec![
        ("a critical extension", critical),
        ("alg none", none("none")),
        ("alg None", none("None")),
        ("an empty alg", none("")),
        ("the public key as a secret", confused(x.as_bytes())),
        (
            "the bytes of the public key as a secret",
            confused(&B64.decode(x).unwrap()),
        ),
        (
            "no key",
            jsonwebtoken::encode(&header(None), &good, &key).unwrap(),
        ),
        (
            "a foreign key",
            jsonwebtoken::encode(&header(Some("other")), &good, &key).unwrap(),
        ),
        (
            "a path as a key",
            jsonwebtoken::encode(&header(Some("../../dev/null")), &good, &key).unwrap(),
        ),
        (
            "SQL as a key",
            jsonwebtoken::encode(&header(Some("' OR 1=1 --")), &good, &key).unwrap(),
        ),
        ("stripped of its signature", format!("{}.{}.", parts[0], parts[1])),
        ("two parts", format!("{}.{}", parts[0], parts[1])),
        ("four parts", format!("{}.x", ann.token)),
        ("nothing", String::new()),
        ("the claims of somebody else", {
            let other = with(good.clone(), "sub", json!(uuid::Uuid::nil().to_string()));
            format!("{}.{}.{}", parts[0], B64.encode(other.to_string()), parts[2])
        }),
    ];
    for (name, value) in [
        ("iss", json!("https://elsewhere.example")),
        ("aud", json!("elsewhere")),
        ("exp", json!(now - 6)),
        ("exp", Value::Null),
        ("nbf", json!(now + 60)),
        ("iss", Value::Null),
        ("aud", Value::Null),
        ("sub", Value::Null),
        ("sid", Value::Null),
        ("sub", json!(uuid::Uuid::nil().to_string())),
        ("sid", json!("session_01j0b3v1mmee6tx9cpdgkfhbch")),
        ("sid", json!("' OR 1=1 --")),
    ] {
        forged.push((name, signed(&with(good.clone(), name, value))));
    }
    for place in [1, 2] {
        let mut changed = ann.token.clone().into_bytes();
        let at = ann.token.rfind('.').unwrap() + place * 5 - 8;
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        forged.push(("changed", String::from_utf8(changed).unwrap()));
    }
    for (name, token) in forged {
        let (status, answer) = app.ask(Some(&token), VIEWER, json!({})).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{name}: {answer}");
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
            "{name}"
        );
    }
    // A role claim in the token is ignored.
    let bob = app.employee("bob").await;
    let risen = signed(&with(claims(&bob.token), "role", json!("ADMINISTRATOR")));
    let code = app
        .error(Some(&risen), "{ auditLog { totalCount } }", json!({}))
        .await;
    assert_eq!(code, "FORBIDDEN");
}

async fn raw(
    app: &TestApp,
    request: axum::http::request::Builder,
    body: &str,
) -> (StatusCode, HeaderMap, String) {
    let (status, headers, bytes) = app
        .bytes(request.body(Body::from(body.to_owned())).unwrap())
        .await;
    (status, headers, String::from_utf8(bytes).unwrap())
}

/// A foreign page can make a browser send forms and GET requests, but neither JSON nor custom headers.
#[tokio::test]
async fn cross_site_mutations_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mutation =
        r#"mutation { updateSettings(input: {showDismissedEmployees: false}) { userErrors { code } } }"#;
    let bearer = format!("Bearer {}", admin.token);
    let json_body = json!({ "query": mutation }).to_string();
    for kind in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/json",
        "application/graphql",
        "",
    ] {
        let mut request = Request::post("/graphql").header(header::AUTHORIZATION, &bearer);
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let (status, ..) = raw(&app, request, &json_body).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let query: String = mutation.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for accept in ["application/json", "text/event-stream", "*/*"] {
        let request = Request::get(format!("/graphql?query={query}"))
            .header(header::AUTHORIZATION, &bearer)
            .header(header::ACCEPT, accept);
        assert_eq!(
            raw(&app, request, "").await.0,
            StatusCode::METHOD_NOT_ALLOWED,
            "{accept}"
        );
    }
    let settings = app
        .data(&admin, "{ settings { showDismissedEmployees } }", json!({}))
        .await;
    assert_eq!(settings["settings"]["showDismissedEmployees"], true);
}

#[tokio::test]
async fn cors_allows_only_configured_origins() {
    let app =
        TestApp::with(|options| options.cors_origins = vec!["https://app.example.com".to_owned()]).await;
    for (origin, allowed) in [
        ("https://app.example.com", true),
        ("https://app.example.com.evil.example", false),
        ("http://app.example.com", false),
        ("null", false),
    ] {
        let request = Request::builder()
            .method("OPTIONS")
            .uri("/graphql")
            .header(header::ORIGIN, origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(
                header::ACCESS_CONTROL_REQUEST_HEADERS,
                "authorization,content-type,traceparent,sentry-trace",
            );
        let (_, headers, _) = raw(&app, request, "").await;
        let told = headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        let taken = headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        // Headers added by tracing and other tools do not block a request.
        for name in [
            "authorization",
            "traceparent",
            "tracestate",
            "baggage",
            "sentry-trace",
            "x-request-id",
            "apollo-require-preflight",
        ] {
            assert!(taken.split(',').any(|other| other == name), "{name}: {taken}");
        }
        assert_eq!(told.is_some_and(|told| told == origin), allowed, "{origin}");
        assert!(headers.get(header::ACCESS_CONTROL_ALLOW_CREDENTIALS).is_none());
    }
    let request = Request::get("/livez").header(header::ORIGIN, "https://app.example.com");
    let (_, headers, _) = raw(&app, request, "").await;
    let exposed = headers[header::ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
    assert!(exposed.contains("content-disposition"), "{exposed}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(headers[name], value);
    }
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> (Duration, Value) {
    let query =
        "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code message } } }";
    let input = json!({ "i": { "email": email, "password": password } });
    let began = Instant::now();
    let (_, answer) = app.ask(None, query, input).await;
    (began.elapsed(), answer)
}

/// Neither message nor timing reveals whether an account exists.
#[tokio::test]
async fn failed_sign_ins_reveal_nothing() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, gone): (Person, Person) = (app.employee("ann").await, app.employee("gone").await);
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": gone.id() }),
        "user { id }",
    )
    .await;
    app.run(
        &admin,
        "inviteUser",
        json!({ "email": "new@example.com" }),
        "user { id }",
    )
    .await;
    let cases = [
        (ann.email.as_str(), "a wrong password"),
        ("nobody@example.com", "a wrong password"),
        (gone.email.as_str(), PASSWORD),
        ("new@example.com", "a wrong password"),
    ];
    let mut fastest = [Duration::MAX; 4];
    let mut answers = Vec::new();
    // Other tests hash concurrently, so the fastest of many tries counts, with more tries while they differ.
    let differ = |fastest: &[Duration; 4]| {
        let (least, most) = (fastest.iter().min().unwrap(), fastest.iter().max().unwrap());
        *most > *least * 2
    };
    for round in 0..60 {
        if round >= 7 && !differ(&fastest) {
            break;
        }
        for (place, (email, password)) in cases.iter().enumerate() {
            let (took, answer) = sign_in(&app, email, password).await;
            fastest[place] = fastest[place].min(took);
            answers.push(answer);
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(!differ(&fastest), "{fastest:?}");
}
