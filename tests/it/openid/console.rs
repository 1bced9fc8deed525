//! The session of a browser, opened with an identity provider.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};

use super::{BINDING, Company};

async fn send(
    company: &Company,
    path: &str,
    cookie: Option<&str>,
    body: Value,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .header("sec-fetch-site", "same-origin");
    if let Some(cookie) = cookie {
        request = request.header(header::COOKIE, cookie);
    }
    let request = request.body(Body::from(body.to_string())).unwrap();
    let (status, headers, bytes) = company.app.bytes(request).await;
    (
        status,
        headers,
        serde_json::from_slice(&bytes).unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_browser_gets_its_cookie() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let started = company.start().await;
    let claims = json!({ "email": "ann@example.com", "email_verified": true });
    let token = company
        .provider
        .key
        .sign(&company.claims(&started.nonce, &claims));
    company.provider.grant("code", &token);
    let body = json!({ "state": started.state, "code": "code", "binding": BINDING });
    let (status, headers, answer) = send(&company, "/session/with", None, body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["user"]["id"], ann.id());
    assert!(answer["accessToken"].is_string() && answer.get("refreshToken").is_none());
    let set = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        set.contains("HttpOnly") && !set.contains("Max-Age"),
        "forgotten with the browser: {set}"
    );
    let cookie = set.split(';').next().unwrap().to_owned();
    let (status, headers, renewed) = send(&company, "/session/refresh", Some(&cookie), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    let cookie = headers[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let (status, _, out) = send(&company, "/session/end", Some(&cookie), json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        out["endSessionUrl"],
        format!("{}/logout?client_id=handover", company.provider.issuer)
    );
    let (status, _, refused) = send(&company, "/session/with", None, body).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused["errors"][0]["extensions"]["code"], "SIGN_IN_FAILED");
    let (status, _, _) = send(&company, "/session/with", None, json!({ "state": 1 })).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
