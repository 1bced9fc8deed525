//! Rate limits for secrets: the number of guesses is limited, and guessing does not lock out others.

use std::net::{IpAddr, SocketAddr};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use entity::user::email_key;
use futures_util::future::join_all;
use handover::domain::limits::Network;
use handover::domain::limits::attempts::SignInAttempt;
use handover::http::client_address::ProxyHeader;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const SIGN_IN: &str = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";
const REFRESH: &str =
    "mutation($i: RefreshSessionInput!) { refreshSession(input: $i) { userErrors { code } } }";
const ACCEPT: &str =
    "mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { userErrors { code } } }";
const CHANGE: &str =
    "mutation($i: ChangePasswordInput!) { changePassword(input: $i) { userErrors { code } } }";

/// A distinct network for each number.
fn place(n: u8) -> IpAddr {
    IpAddr::from([198, 51, 100, n])
}

fn request(from: IpAddr, token: Option<&str>, query: &str, input: Value) -> Request<Body> {
    let mut request = TestApp::request(token, query, json!({ "i": input }));
    request
        .extensions_mut()
        .insert(ConnectInfo(SocketAddr::new(from, 40_000)));
    request
}

async fn send(
    app: &TestApp,
    from: IpAddr,
    token: Option<&str>,
    query: &str,
    input: Value,
) -> (StatusCode, HeaderMap, Value) {
    let (status, headers, bytes) = app.bytes(request(from, token, query, input)).await;
    (status, headers, serde_json::from_slice(&bytes).unwrap())
}

/// The error code of a response, or `OK`.
fn outcome(answer: &Value) -> String {
    let error = answer["errors"][0]["extensions"]["code"].as_str();
    let refused = answer["data"]
        .as_object()
        .and_then(|data| data.values().next())
        .and_then(|payload| payload["userErrors"][0]["code"].as_str());
    error.or(refused).unwrap_or("OK").to_owned()
}

async fn sign_in(app: &TestApp, from: IpAddr, email: &str, password: &str) -> String {
    let input = json!({ "email": email, "password": password });
    outcome(&send(app, from, None, SIGN_IN, input).await.2)
}

/// Guesses until the limit, without the time for hashing, during which attempts are refilled.
fn guess(app: &TestApp, from: u8, emails: &[impl AsRef<str>]) {
    for email in emails {
        let attempt = SignInAttempt {
            account: &email_key(email.as_ref()),
            network: Network::of(place(from)),
            known: false,
        };
        let now = app.db().clock().now();
        // Refused after a while, as intended.
        let _let_in = app.app.limits.attempts.take_sign_in(attempt, now);
    }
}

async fn limited() -> TestApp {
    TestApp::with(|options| options.rate_limit = 1_000_000).await
}

fn count(outcomes: &[String], code: &str) -> usize {
    outcomes.iter().filter(|one| *one == code).count()
}

#[tokio::test]
async fn concurrent_guesses_are_limited_to_ten() {
    let app = limited().await;
    let ann = app.employee("ann").await;
    let guess = async |n: usize| {
        let password = if n == 99 { PASSWORD } else { "a wrong guess" };
        sign_in(&app, place(9), &ann.email, password).await
    };
    let outcomes = join_all((0..100).map(guess)).await;
    assert_eq!(count(&outcomes, "WRONG_CREDENTIALS"), 10, "{outcomes:?}");
    assert_eq!(count(&outcomes, "RATE_LIMITED"), 90, "{outcomes:?}");
    // She signs in from another network that this process has not seen.
    assert_eq!(sign_in(&app, place(1), &ann.email, PASSWORD).await, "OK");
}

#[tokio::test]
async fn guesses_from_elsewhere_do_not_block_known_networks_even_after_a_restart() {
    let app = limited().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    assert_eq!(sign_in(&app, place(1), &ann.email, PASSWORD).await, "OK");
    let restarted = app.replica_with(|options| options.rate_limit = 1_000_000).await;
    for n in 10..17 {
        guess(&restarted, n, &[&ann.email; 10]);
    }
    assert_eq!(
        sign_in(&restarted, place(99), &ann.email, PASSWORD).await,
        "RATE_LIMITED"
    );
    assert_eq!(sign_in(&restarted, place(1), &ann.email, PASSWORD).await, "OK");
    // That network is not known for other people.
    let (bob, eve) = (app.employee("bob").await, app.employee("eve").await);
    assert_eq!(sign_in(&restarted, place(1), &bob.email, PASSWORD).await, "OK");
    // Guesses that exhaust a network block only people who are new there.
    let nobody: Vec<String> = (0..110).map(|n| format!("nobody{n}@example.com")).collect();
    guess(&restarted, 1, &nobody);
    assert_eq!(
        sign_in(&restarted, place(1), &eve.email, PASSWORD).await,
        "RATE_LIMITED"
    );
    assert_eq!(sign_in(&restarted, place(1), &ann.email, PASSWORD).await, "OK");
    app.sound().await;
}

#[tokio::test]
async fn ipv6_clients_are_limited_by_network() {
    let app = limited().await;
    let ann = app.employee("ann").await;
    let at = |n: usize| format!("2001:db8:1:2::{n:x}").parse::<IpAddr>().unwrap();
    for n in 1..=10 {
        let outcome = sign_in(&app, at(n), &ann.email, "a wrong guess").await;
        assert_eq!(outcome, "WRONG_CREDENTIALS");
    }
    assert_eq!(
        sign_in(&app, at(11), &ann.email, "a wrong guess").await,
        "RATE_LIMITED"
    );
    let elsewhere = "2001:db8:1:3::1".parse().unwrap();
    assert_eq!(sign_in(&app, elsewhere, &ann.email, PASSWORD).await, "OK");
}

#[tokio::test]
async fn attempts_are_counted_by_client_behind_a_proxy() {
    let app = TestApp::with(|options| {
        options.rate_limit = 1_000_000;
        options.behind_proxy = ProxyHeader::XForwardedFor;
    })
    .await;
    let ann = app.employee("ann").await;
    let sign_in = async |forwarded: &str, email: &str, password: &str| {
        let input = json!({ "email": email, "password": password });
        let mut request = request(place(1), None, SIGN_IN, input);
        let headers = request.headers_mut();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        headers.insert("forwarded", "for=192.0.2.1".parse().unwrap());
        outcome(&app.send(request).await.1)
    };
    // An attacker who spoofs the header and uses another port each time.
    let attacker = |n: usize| format!("192.0.2.{n}, 198.51.100.9:{}", 40_000 + n);
    let wrong = sign_in(&attacker(0), "nobody@example.com", "wrong").await;
    assert_eq!(wrong, "WRONG_CREDENTIALS");
    let nobody: Vec<String> = (0..110).map(|n| format!("nobody{n}@example.com")).collect();
    guess(&app, 9, &nobody);
    let wrong = sign_in(&attacker(1), "nobody@example.com", "wrong").await;
    assert_eq!(wrong, "RATE_LIMITED");
    for colleague in ["203.0.113.7:50999", "[2001:db8::7]:443", "203.0.113.8", "unknown"] {
        assert_eq!(
            sign_in(colleague, &ann.email, PASSWORD).await,
            "OK",
            "{colleague}"
        );
    }
}

#[tokio::test]
async fn overlong_secrets_are_answered_like_wrong_ones() {
    let app = limited().await;
    let ann = app.employee("ann").await;
    let long = "x".repeat(60_000);
    for _ in 0..20 {
        for (email, password) in [
            (format!("{long}@example.com"), PASSWORD.to_owned()),
            (ann.email.clone(), long.clone()),
        ] {
            let input = json!({ "email": email, "password": password });
            let (status, _, answer) = send(&app, place(9), None, SIGN_IN, input).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(
                answer["data"]["signIn"],
                json!({ "accessToken": null, "userErrors": [{ "code": "WRONG_CREDENTIALS" }] })
            );
        }
        let refresh = send(&app, place(9), None, REFRESH, json!({ "refreshToken": long })).await;
        assert_eq!(outcome(&refresh.2), "TOKEN_INVALID");
        let input = json!({ "token": long, "password": "a fine new password" });
        let accepted = send(&app, place(9), None, ACCEPT, input).await;
        assert_eq!(outcome(&accepted.2), "TOKEN_INVALID");
    }
    assert_eq!(sign_in(&app, place(9), &ann.email, PASSWORD).await, "OK");
}

async fn change(app: &TestApp, person: &Person, current: &str) -> String {
    let input = json!({ "currentPassword": current, "newPassword": "a fine new password" });
    outcome(&send(app, place(1), Some(&person.token), CHANGE, input).await.2)
}

#[tokio::test]
async fn current_password_guesses_are_limited_per_session() {
    let app = limited().await;
    let ann = app.employee("ann").await;
    let guess = async |n: usize| change(&app, &ann, &format!("wrong guess {n}")).await;
    let outcomes = join_all((0..30).map(guess)).await;
    assert_eq!(count(&outcomes, "WRONG_CREDENTIALS"), 10, "{outcomes:?}");
    assert_eq!(change(&app, &ann, PASSWORD).await, "RATE_LIMITED");
    // Her own session is not affected.
    let own = Person {
        token: app.sign_in(&ann).await,
        ..ann.clone()
    };
    assert_eq!(change(&app, &own, PASSWORD).await, "OK");
}

#[tokio::test]
async fn a_document_hashes_at_most_one_password() {
    let app = limited().await;
    let ann = app.employee("ann").await;
    let two = |field: &str| {
        format!(
            "mutation {{ a: {field} {{ userErrors {{ code }} }} b: {field} {{ userErrors {{ code }} }} }}"
        )
    };
    for field in [
        r#"signIn(input: { email: "a@example.com", password: "wrong" })"#,
        r#"changePassword(input: { currentPassword: "wrong", newPassword: "a fine new password" })"#,
        r#"acceptInvitation(input: { token: "t", password: "a fine new password" })"#,
    ] {
        let code = app.error(Some(&ann.token), &two(field), json!({})).await;
        assert_eq!(code, "QUERY_TOO_COMPLEX", "{field}");
    }
}

/// The cost of a wrong secret is charged before the check and refunded for a right one.
#[tokio::test]
async fn wrong_secrets_cost_their_network_points() {
    let app = TestApp::with(|options| options.rate_limit = 600).await;
    let ann = app.employee("ann").await;
    let left = |headers: &HeaderMap| -> i32 {
        let left = headers["ratelimit-remaining"].to_str().unwrap();
        left.parse().unwrap()
    };
    for (n, query, input, cost) in [
        // Sign-ins are bounded by attempts instead.
        (1, SIGN_IN, json!({ "email": ann.email, "password": "wrong" }), 1),
        (2, REFRESH, json!({ "refreshToken": "wrong" }), 11),
        (
            3,
            ACCEPT,
            json!({ "token": "wrong", "password": "a fine new password" }),
            31,
        ),
        (4, SIGN_IN, json!({ "email": ann.email, "password": PASSWORD }), 1),
    ] {
        let (_, headers, answer) = send(&app, place(n), None, query, input).await;
        // A point is refilled every 100 ms.
        let spent = 600 - left(&headers);
        assert!(
            ((cost - 9).max(0)..=cost).contains(&spent),
            "{query}: {spent}, {answer}"
        );
    }
}

#[tokio::test]
async fn wrong_tokens_query_the_database_only_while_points_remain() {
    let app = TestApp::with(|options| options.rate_limit = 6).await;
    let ann = app.employee("ann").await;
    let viewer = "{ viewer { user { id } } }";
    let ask = async |token: &str| send(&app, place(1), Some(token), viewer, json!({})).await;
    for n in 0..6 {
        let (status, ..) = ask(&format!("hnd_{n}")).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{n}");
    }
    let statements = app.db().statements();
    let long = format!("hnd_{}", "7".repeat(5_000));
    for token in ["hnd_7", "wrong", "", "eyJhbGciOiJFZERTQSJ9.e30.AA", &long] {
        let (status, headers, answer) = ask(token).await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{token}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED");
        let seconds: u32 = headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
        assert!((1..=10).contains(&seconds), "{seconds}");
    }
    assert_eq!(app.db().statements(), statements, "the database was queried");
    // Authenticated callers and other networks are not affected.
    assert_eq!(ask(&ann.token).await.0, StatusCode::OK);
    let elsewhere = send(&app, place(2), Some("hnd_7"), viewer, json!({})).await;
    assert_eq!(elsewhere.0, StatusCode::UNAUTHORIZED);
}
