//! Sessions of browsers: the refresh token in a cookie for `/session` alone.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use entity::session;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");

/// Sends a JSON body, with a cookie and one more header.
async fn send(
    app: &TestApp,
    path: &str,
    cookie: Option<&str>,
    (name, value): (&str, &str),
    body: Value,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "127.0.0.1:8000")
        .header(name, value);
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let (status, headers, bytes) = app.bytes(request).await;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    (status, headers, body)
}

/// The cookie that a response sets, as a browser sends it.
fn cookie(headers: &HeaderMap) -> String {
    let text = headers[header::SET_COOKIE].to_str().unwrap();
    text.split(';').next().unwrap().to_owned()
}

async fn sign_in(app: &TestApp, person: &Person, keep: bool) -> (HeaderMap, Value) {
    let body = json!({ "email": person.email, "password": PASSWORD, "keep": keep });
    let (status, headers, answer) = send(app, "/session", None, OWN, body).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    (headers, answer)
}

async fn works(app: &TestApp, answer: &Value) -> bool {
    let token = answer["accessToken"].as_str();
    app.ask(token, "{ viewer { user { id } } }", json!({})).await.0 == StatusCode::OK
}

#[tokio::test]
async fn a_browser_signs_in_refreshes_and_signs_out() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let (headers, answer) = sign_in(&app, &ann, true).await;
    assert_eq!(
        answer["user"],
        json!({ "id": ann.id(), "name": "ann", "email": ann.email })
    );
    assert!(answer.get("refreshToken").is_none());
    assert!(works(&app, &answer).await);
    let set = headers[header::SET_COOKIE].to_str().unwrap();
    for attribute in [
        "__Secure-handover-",
        "Path=/session;",
        "HttpOnly",
        "Secure",
        "SameSite=Strict",
        "Max-Age=2592000",
    ] {
        assert!(set.contains(attribute), "{attribute}: {set}");
    }
    assert_eq!(headers[header::CACHE_CONTROL], "no-store");

    let first = cookie(&headers);
    let (status, headers, renewed) = send(&app, "/session/refresh", Some(&first), OWN, json!({})).await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    assert!(works(&app, &renewed).await);
    // Another tab with the same cookie, or a lost answer: both get the same next token.
    let second = cookie(&headers);
    assert_ne!(first, second);
    let (_, headers, _) = send(&app, "/session/refresh", Some(&first), OWN, json!({})).await;
    assert_eq!(cookie(&headers), second);

    let (status, headers, _) = send(&app, "/session/end", Some(&second), OWN, json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .contains("Max-Age=0")
    );
    assert!(!works(&app, &renewed).await);
    let (status, ..) = send(&app, "/session/refresh", Some(&second), OWN, json!({})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    // Idempotent.
    assert_eq!(
        send(&app, "/session/end", Some(&second), OWN, json!({})).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_browser_that_does_not_keep_the_session_gets_twelve_hours() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let (headers, answer) = sign_in(&app, &ann, false).await;
    assert!(!headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age"));
    let mut sessions = session::Entity::find()
        .filter(session::Column::UserId.eq(ann.id))
        .order_by_desc(session::Column::Id)
        .all(app.raw())
        .await
        .unwrap();
    let latest = sessions.swap_remove(0);
    assert_eq!((latest.expires_at - latest.started_at).num_hours(), 12);
    assert!(works(&app, &answer).await);
    // A refresh stays a session cookie.
    let (_, headers, _) = send(&app, "/session/refresh", Some(&cookie(&headers)), OWN, json!({})).await;
    assert!(!headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age"));
}

#[tokio::test]
async fn session_endpoints_are_for_pages_of_this_server() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let (headers, _) = sign_in(&app, &ann, true).await;
    let jar = cookie(&headers);
    for (origin, status) in [
        (OWN, StatusCode::OK),
        (("origin", "http://127.0.0.1:8000"), StatusCode::OK),
        (("sec-fetch-site", "cross-site"), StatusCode::FORBIDDEN),
        (("sec-fetch-site", "same-site"), StatusCode::FORBIDDEN),
        (("sec-fetch-site", "none"), StatusCode::FORBIDDEN),
        (("origin", "http://127.0.0.1:8001"), StatusCode::FORBIDDEN),
        (("origin", "https://evil.example"), StatusCode::FORBIDDEN),
        (("origin", "null"), StatusCode::FORBIDDEN),
        (("x-nothing", "said"), StatusCode::FORBIDDEN),
    ] {
        let (found, headers, _) = send(&app, "/session/refresh", Some(&jar), origin, json!({})).await;
        assert_eq!(found, status, "{origin:?}");
        assert_eq!(headers.contains_key(header::SET_COOKIE), status == StatusCode::OK);
    }
    // A form can't send JSON.
    let request = Request::post("/session/refresh")
        .header(header::CONTENT_TYPE, "text/plain")
        .header(OWN.0, OWN.1)
        .header(header::COOKIE, &jar)
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(app.bytes(request).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn no_other_endpoint_reads_the_cookie() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let (headers, _) = sign_in(&app, &ann, true).await;
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(OWN.0, OWN.1)
        .header(header::COOKIE, cookie(&headers))
        .body(Body::from(
            json!({ "query": "{ viewer { user { id } } }" }).to_string(),
        ))
        .unwrap();
    assert_eq!(app.bytes(request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_dismissed_person_gets_no_session_in_a_browser() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let (headers, answer) = sign_in(&app, &ann, true).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    assert!(!works(&app, &answer).await);
    let (status, headers, _) = send(&app, "/session/refresh", Some(&cookie(&headers)), OWN, json!({})).await;
    assert_eq!(
        (status, headers.contains_key(header::SET_COOKIE)),
        (StatusCode::UNAUTHORIZED, false)
    );
    let wrong = json!({ "email": ann.email, "password": "wrong wrong wrong" });
    let right = json!({ "email": ann.email, "password": PASSWORD });
    let (wrong, right) = (
        send(&app, "/session", None, OWN, wrong).await,
        send(&app, "/session", None, OWN, right).await,
    );
    assert_eq!((wrong.0, &wrong.2), (StatusCode::UNAUTHORIZED, &right.2));
    assert_eq!(right.2["errors"][0]["extensions"]["code"], "WRONG_CREDENTIALS");
    for body in [
        json!([]),
        json!({ "email": 1, "password": "x" }),
        json!({ "email": "x" }),
    ] {
        assert_eq!(
            send(&app, "/session", None, OWN, body).await.0,
            StatusCode::BAD_REQUEST
        );
    }
}
