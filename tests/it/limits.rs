//! Limits on documents, requests per minute and wrong passwords.

use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use entity::user::Role;
use futures_util::future::join_all;
use handover::domain::limits::RateLimitKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{PASSWORD, Person, TestApp};

/// Each is refused at once with a specific message.
#[tokio::test]
async fn documents_have_limits() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let deep = format!(
        "{{ departments {{ nodes {}id{} }} }}",
        "{ parent ".repeat(20),
        " }".repeat(20)
    );
    let deep = deep.replace("parent id", "id");
    let aliases: String = (0..40).map(|n| format!("a{n}: __typename ")).collect();
    let directives = "@include(if: true) ".repeat(10);
    let wide = "{ users(first: 100) { nodes { department { children { children { id } } } dismissals { id } } } \
                 more: users(first: 100) { nodes { dismissals { id } department { children { children { id } } } } } \
                 again: users(first: 100) { nodes { dismissals { id } department { children { children { id } } } } } }";
    let tokens = format!("{{ {} }}", "__typename ".repeat(6_000));
    let fragments = "query { ...a } fragment a on Query { ...b } fragment b on Query { ...a }";
    let named = |n: usize| {
        format!(
            "fragment F{n} on Query {{ {} }} ",
            format!("...F{} ", n + 1).repeat(4)
        )
    };
    let bomb: String = (0..29).map(named).collect();
    let bomb = format!("{{ ...F0 }} {bomb} fragment F29 on Query {{ __typename }}");
    let nested = format!("{}{}", "{ a ".repeat(3_000), "}".repeat(3_000));
    for (name, document, code) in [
        ("depth", deep.as_str(), "QUERY_TOO_COMPLEX"),
        ("complexity", wide, "QUERY_TOO_COMPLEX"),
        ("tokens", &tokens, "QUERY_TOO_COMPLEX"),
        ("aliases", &format!("{{ {aliases} }}"), "BAD_USER_INPUT"),
        (
            "directives",
            &format!("{{ __typename {directives} }}"),
            "BAD_USER_INPUT",
        ),
        ("a ring of fragments", fragments, "BAD_USER_INPUT"),
        ("fragments that name each other", &bomb, "QUERY_TOO_COMPLEX"),
        (
            "the same, unused",
            &bomb.replacen("{ ...F0 }", "{ __typename }", 1),
            "QUERY_TOO_COMPLEX",
        ),
        ("recursion", &nested, "QUERY_TOO_COMPLEX"),
    ] {
        let began = Instant::now();
        let (_, answer) = app.ask(Some(&admin.token), document, json!({})).await;
        let took = began.elapsed();
        let told = answer["errors"][0]["extensions"]["code"].as_str();
        assert_eq!(told, Some(code), "{name}: {answer}");
        assert!(answer.get("data").is_none(), "{name}: {answer}");
        assert!(took < Duration::from_millis(500), "{name} took {took:?}");
    }
    let body = json!({ "query": format!("{{ __typename }} #{}", "x".repeat(2 << 20)) }).to_string();
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))
        .unwrap();
    assert_eq!(app.bytes(request).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

/// A document validated with one page size is checked again with another.
#[tokio::test]
async fn known_documents_are_checked_with_new_variables() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query = "query($n: Int) { users(first: $n) { nodes { department { children { children { id name } } } \
                 dismissals { id reason } calendars { id name } favoriteCalendars { id name } } } }";
    for _ in 0..2 {
        for n in [1, 2, 3] {
            let answer = app.data(&admin, query, json!({ "n": n })).await;
            assert!(answer["users"]["nodes"].is_array());
        }
        let code = app.error(Some(&admin.token), query, json!({ "n": 100 })).await;
        assert_eq!(code, "QUERY_TOO_COMPLEX");
        let code = app.error(Some(&admin.token), query, json!({ "n": "many" })).await;
        assert_eq!(code, "BAD_USER_INPUT");
    }
}

async fn send(
    app: &TestApp,
    token: Option<&str>,
    from: [u8; 4],
    body: Value,
) -> (StatusCode, HeaderMap, Value) {
    let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let peer = SocketAddr::new(IpAddr::from(from), 4_000);
    let request = request.extension(ConnectInfo(peer));
    let (status, headers, bytes) = app
        .bytes(request.body(Body::from(body.to_string())).unwrap())
        .await;
    (status, headers, serde_json::from_slice(&bytes).unwrap())
}

#[tokio::test]
async fn callers_are_rate_limited() {
    let app = TestApp::with(|options| options.rate_limit = 5).await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let query = json!({ "query": "{ viewer { user { id } } }" });
    for left in (0..5).rev() {
        let (status, headers, _) = send(&app, Some(&admin.token), [10, 0, 0, 1], query.clone()).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["ratelimit-limit"], "5");
        assert_eq!(headers["ratelimit-remaining"], left.to_string().as_str());
    }
    let (status, headers, answer) = send(&app, Some(&admin.token), [10, 0, 0, 2], query.clone()).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "RATE_LIMITED");
    assert!(
        headers[header::RETRY_AFTER]
            .to_str()
            .unwrap()
            .parse::<u32>()
            .unwrap()
            <= 12
    );
    // Counted per person, and per address for unauthenticated callers.
    let (status, ..) = send(&app, Some(&ann.token), [10, 0, 0, 1], query.clone()).await;
    assert_eq!(status, StatusCode::OK);
    let anonymous = json!({ "query": "{ __typename }" });
    for (address, times, expected) in [
        (1, 5, StatusCode::OK),
        (1, 1, StatusCode::TOO_MANY_REQUESTS),
        (2, 1, StatusCode::OK),
    ] {
        for _ in 0..times {
            let (status, ..) = send(&app, None, [10, 0, 0, address], anonymous.clone()).await;
            assert_eq!(status, expected);
        }
    }
    // A page with many fields costs more.
    let eve = app.employee("eve").await;
    let page = json!({ "query": "{ users(first: 100) { nodes { id name email department { name } head { name } } } }" });
    let (_, headers, _) = send(&app, Some(&eve.token), [10, 0, 0, 1], page).await;
    let left: u32 = headers["ratelimit-remaining"].to_str().unwrap().parse().unwrap();
    assert!(left < 4, "{left}");
}

#[tokio::test]
async fn password_guesses_are_rate_limited() {
    let app = TestApp::with(|options| options.rate_limit = 10_000).await;
    let ann = app.employee("ann").await;
    let sign_in = async |from: [u8; 4], password: &str| {
        let query = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";
        let input = json!({ "email": ann.email, "password": password });
        let (_, _, answer) = send(
            &app,
            None,
            from,
            json!({ "query": query, "variables": { "i": input } }),
        )
        .await;
        let refused = answer["data"]["signIn"]["userErrors"][0]["code"].as_str();
        let told = answer["errors"][0]["extensions"]["code"].as_str();
        told.or(refused).unwrap_or("in").to_owned()
    };
    for _ in 0..10 {
        assert_eq!(sign_in([10, 0, 0, 9], "a wrong guess").await, "WRONG_CREDENTIALS");
    }
    assert_eq!(sign_in([10, 0, 0, 9], PASSWORD).await, "RATE_LIMITED");
    assert_eq!(sign_in([10, 0, 0, 1], PASSWORD).await, "in");
}

#[tokio::test]
async fn documents_can_be_sent_by_their_hash() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query = "{ viewer { user { email } } }";
    let hash: String = Sha256::digest(query)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let by_hash = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
    let ask = async |body: &Value| send(&app, Some(&admin.token), [10, 0, 0, 1], body.clone()).await;
    let (_, _, unknown) = ask(&by_hash).await;
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(
        unknown["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    let mut both = by_hash.clone();
    both["query"] = json!(query);
    for body in [&both, &by_hash] {
        let (status, _, answer) = ask(body).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer["data"]["viewer"]["user"]["email"], admin.email);
    }
    both["query"] = json!("{ __typename }");
    let (status, _, wrong) = ask(&both).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

/// Fields are returned in the order of the query.
#[tokio::test]
async fn fields_loaded_together_answer_in_the_order_of_the_query() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for fields in [
        [
            "edges { cursor }",
            "pageInfo { hasNextPage }",
            "nodes { id }",
            "totalCount",
        ],
        [
            "totalCount",
            "nodes { id }",
            "pageInfo { hasNextPage }",
            "edges { cursor }",
        ],
    ] {
        let query = format!("{{ users {{ {} }} }}", fields.join(" "));
        let request = TestApp::request(Some(&admin.token), &query, json!({}));
        let text = app.text(request).await;
        let places: Vec<usize> = fields
            .iter()
            .map(|field| text.find(field.split(' ').next().unwrap()).unwrap())
            .collect();
        assert!(places.is_sorted(), "{text}");
    }
}

/// A slow page that costs more than one point.
const HEAVY: &str = "{ a: users(first: 100) { ...Heavy } b: users(first: 100) { ...Heavy } c: users(first: 100) { ...Heavy } \
                     d: users(first: 100) { ...Heavy } } fragment Heavy on UserConnection { nodes { id name department { \
                     name parent { name head { name } } } head { name } work { total lines { kind open closed } } } }";

async fn heavy(app: &TestApp, person: &Person) -> (StatusCode, HeaderMap, Value) {
    send(app, Some(&person.token), [10, 0, 0, 1], json!({ "query": HEAVY })).await
}

fn remaining(headers: &HeaderMap) -> u32 {
    headers["ratelimit-remaining"].to_str().unwrap().parse().unwrap()
}

fn left(app: &TestApp, person: &Person) -> u32 {
    let key = RateLimitKey::Person(person.id);
    app.app
        .limits
        .quota(key, app.db().clock().now())
        .unwrap()
        .remaining
}

/// Concurrent requests get no more executions than sequential ones.
#[tokio::test]
async fn a_burst_is_limited_by_its_points() {
    let app = TestApp::with(|options| options.rate_limit = 240).await;
    let admin = app.administrator().await;
    let (status, headers, answer) = heavy(&app, &admin).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let cost = 240 - remaining(&headers);
    assert!(cost > 15, "{cost}");
    // Once with a known document, once with new ones.
    for renamed in [false, true] {
        let person = app.person(&format!("burst{renamed}"), Role::Administrator).await;
        let began = Instant::now();
        let ask = async |n: usize| {
            let query = match renamed {
                true => format!("query N{n} {HEAVY}"),
                false => HEAVY.to_owned(),
            };
            send(
                &app,
                Some(&person.token),
                [10, 0, 0, 1],
                json!({ "query": query }),
            )
            .await
        };
        let answers = join_all((0..50).map(ask)).await;
        let executed = answers
            .iter()
            .filter(|(status, ..)| *status == StatusCode::OK)
            .count();
        // Four points per second are refilled.
        let affordable = (244 + 4 * began.elapsed().as_secs() as usize) / cost as usize;
        assert!((1..=affordable).contains(&executed), "{executed} of {affordable}");
        for (_, headers, answer) in answers.iter().filter(|(status, ..)| *status != StatusCode::OK) {
            assert_eq!(
                answer["errors"][0]["extensions"]["code"], "RATE_LIMITED",
                "{answer}"
            );
            assert!(answer.get("data").is_none(), "{answer}");
            let seconds = headers[header::RETRY_AFTER].to_str().unwrap();
            assert!(seconds.parse::<u32>().unwrap() >= 1);
        }
    }
}

#[tokio::test]
async fn disconnected_requests_cost_points() {
    let app = TestApp::with(|options| options.rate_limit = 120).await;
    for known in [true, false] {
        let admin = app.person(&format!("admin{known}"), Role::Administrator).await;
        let (_, headers, _) = heavy(&app, &admin).await;
        let cost = 120 - remaining(&headers);
        let before = left(&app, &admin);
        assert!(cost > 15 && before > cost, "{cost} of {before}");
        let query = match known {
            true => HEAVY.to_owned(),
            false => format!("query Other {HEAVY}"),
        };
        let body = json!({ "query": query });
        let mut in_flight = Box::pin(send(&app, Some(&admin.token), [10, 0, 0, 1], body));
        // Hang up during execution. Two points per second are refilled.
        while left(&app, &admin) > before - cost / 2 {
            tokio::select! {
                biased;
                answer = &mut in_flight => panic!("answered before any points were charged: {answer:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
        drop(in_flight);
        assert!(left(&app, &admin) <= before - cost / 2, "points were refunded");
    }
}

/// Each event costs as much as a request for it; the first is charged when the subscription starts.
#[tokio::test]
async fn subscription_events_cost_points() {
    let app = TestApp::with(|options| options.rate_limit = 120).await;
    let admin = app.administrator().await;
    let request = |query: &str| {
        let mut request = TestApp::request(Some(&admin.token), query, json!({}));
        let events = "text/event-stream".parse().unwrap();
        request.headers_mut().insert(header::ACCEPT, events);
        request
    };
    let before = left(&app, &admin);
    let (status, first) = app.beginning(request(HEAVY)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(first.unwrap().starts_with("event: next"));
    let cost = before - left(&app, &admin);
    assert!(cost > 2, "{cost}");
    // A client that disconnects at once has paid.
    let before = left(&app, &admin);
    let subscription = "subscription { userStatusChanged { id name } }";
    let subscriptions = (0..20).map(|_| app.beginning(request(subscription)));
    for (status, event) in join_all(subscriptions).await {
        assert_eq!((status, event), (StatusCode::OK, None));
    }
    assert!(left(&app, &admin) <= before - 10);
}

/// Files, archives, calendars, uploads and unreadable requests cost points too.
#[tokio::test]
async fn other_endpoints_cost_points() {
    let app = TestApp::with(|options| options.rate_limit = 30).await;
    let file = entity::FileId(app.db().clock().new_id());
    let folder = entity::FolderId(app.db().clock().new_id());
    let calendar = entity::CalendarId(app.db().clock().new_id());
    for (n, method, path, cost) in [
        (0, "GET", format!("/drive/{file}"), 1),
        (1, "GET", format!("/drive/{folder}.zip"), 10),
        (2, "GET", format!("/calendar/{calendar}.ics"), 5),
        (3, "POST", format!("/drive/{folder}?name=x"), 5),
        (4, "POST", "/graphql".to_owned(), 1),
    ] {
        let person = app.employee(&format!("person{n}")).await;
        let request = || {
            Request::builder()
                .method(method)
                .uri(&path)
                .header(header::AUTHORIZATION, format!("Bearer {}", person.token))
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from("{"))
                .unwrap()
        };
        for round in 0..30 / cost {
            let (status, headers, _) = app.bytes(request()).await;
            assert_ne!(status, StatusCode::TOO_MANY_REQUESTS, "{method} {path}: {round}");
            if path != "/graphql" {
                assert_eq!(headers["ratelimit-limit"], "30", "{method} {path}");
            }
        }
        // Half a point per second is refilled.
        let refused = join_all((0..12).map(|_| app.bytes(request()))).await;
        let (status, headers, _) = refused.last().unwrap();
        assert_eq!(*status, StatusCode::TOO_MANY_REQUESTS, "{method} {path}");
        let seconds = headers[header::RETRY_AFTER].to_str().unwrap();
        assert!(seconds.parse::<u32>().unwrap() >= 1, "{method} {path}");
    }
}

#[tokio::test]
async fn readiness_probes_query_the_database_once_a_second() {
    let app = TestApp::with(|options| options.rate_limit = 5).await;
    let probe = async |path: &str| app.bytes(Request::get(path).body(Body::empty()).unwrap()).await;
    let before = app.db().statements();
    for _ in 0..50 {
        let (status, headers, _) = probe("/readyz").await;
        assert_eq!(
            (status, &headers[header::CACHE_CONTROL]),
            (StatusCode::OK, &"no-store".parse().unwrap())
        );
    }
    assert!(app.db().statements() - before <= 5);
    assert_eq!(probe("/metrics").await.0, StatusCode::NOT_FOUND);
    assert!(
        probe("/.well-known/jwks.json")
            .await
            .1
            .contains_key(header::CACHE_CONTROL)
    );
}
