//! Calendar feeds: URLs that calendar programs subscribe to without a header.

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use entity::user::Role;
use serde_json::{Value, json};

use super::{calendar_of, create, hour};
use crate::support::{Person, TestApp};

async fn run(app: &TestApp, person: &Person, name: &str, calendar: &str, fields: &str) -> Value {
    let query = format!(
        "mutation($i: CalendarFeedInput!) {{ done: {name}(input: $i) {{ {fields} userErrors {{ code field }} }} }}"
    );
    let input = json!({ "i": { "calendarId": calendar } });
    app.data(person, &query, input).await["done"].clone()
}

async fn feed(app: &TestApp, person: &Person, calendar: &str) -> String {
    let made = run(app, person, "createCalendarFeed", calendar, "url").await;
    let url = made["url"].as_str().unwrap_or_else(|| panic!("{made}"));
    url.strip_prefix("http://127.0.0.1:8000").unwrap().to_owned()
}

async fn fetch(app: &TestApp, path: &str, known: Option<&str>) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get(path);
    if let Some(tag) = known {
        request = request.header(header::IF_NONE_MATCH, tag);
    }
    let (status, headers, body) = app.bytes(request.body(Body::empty()).unwrap()).await;
    (status, headers, String::from_utf8(body).unwrap())
}

#[tokio::test]
async fn a_feed_needs_no_header_and_supports_etags() {
    let app = TestApp::new().await;
    app.administrator().await;
    let ann = app.employee("ann").await;
    let mine = calendar_of(&app, &ann, "Mine").await;
    create(&app, &ann, hour(&mine, "First", "2027-01-05T14:00:00Z")).await;
    let path = feed(&app, &ann, &mine).await;
    assert!(path.ends_with(".ics"));
    let (status, headers, text) = fetch(&app, &path, None).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/calendar; charset=utf-8");
    assert!(text.starts_with("BEGIN:VCALENDAR") && text.contains("SUMMARY:First"));
    let tag = headers[header::ETAG].to_str().unwrap().to_owned();
    let (status, headers, text) = fetch(&app, &path, Some(&tag)).await;
    assert_eq!((status, text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(headers[header::ETAG].to_str().unwrap(), tag);
    create(&app, &ann, hour(&mine, "Second", "2027-01-06T14:00:00Z")).await;
    let (status, headers, text) = fetch(&app, &path, Some(&tag)).await;
    assert_eq!(status, StatusCode::OK);
    assert!(text.contains("SUMMARY:Second") && headers[header::ETAG].to_str().unwrap() != tag);
    // The authenticated URL has the same ETag.
    let request = Request::get(format!("/calendar/{mine}.ics"))
        .header(header::AUTHORIZATION, format!("Bearer {}", ann.token))
        .header(header::IF_NONE_MATCH, &headers[header::ETAG]);
    let (status, _, _) = app.bytes(request.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::NOT_MODIFIED);
    app.sound().await;
}

#[tokio::test]
async fn a_feed_ends_when_revoked_replaced_or_its_creator_leaves() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let boss = app.person("boss", Role::Administrator).await;
    let mine = calendar_of(&app, &ann, "Mine").await;
    let status = async |path: &str| fetch(&app, path, None).await.0;
    for name in ["createCalendarFeed", "revokeCalendarFeed"] {
        let refused = run(&app, &bob, name, &mine, "").await;
        let missing = json!([{ "code": "NOT_FOUND", "field": ["calendarId"] }]);
        assert_eq!(refused["userErrors"], missing, "{name}");
    }

    let old = feed(&app, &ann, &mine).await;
    let new = feed(&app, &ann, &mine).await;
    let other = feed(&app, &admin, &mine).await;
    assert_eq!(status(&old).await, StatusCode::NOT_FOUND, "replaced");
    assert_eq!(
        (status(&new).await, status(&other).await),
        (StatusCode::OK, StatusCode::OK)
    );
    for _ in 0..2 {
        let revoked = run(&app, &ann, "revokeCalendarFeed", &mine, "calendar { id }").await;
        assert_eq!(revoked["calendar"]["id"], mine.as_str());
    }
    for path in [&new, &other] {
        assert_eq!(status(path).await, StatusCode::NOT_FOUND, "revoked");
    }

    let of_boss = feed(&app, &boss, &mine).await;
    let input = json!({ "userId": boss.id(), "role": "EMPLOYEE" });
    app.run(&admin, "updateUser", input, "user { id }").await;
    assert_eq!(status(&of_boss).await, StatusCode::NOT_FOUND, "no access");

    let of_ann = feed(&app, &ann, &mine).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    assert_eq!(
        status(&of_ann).await,
        StatusCode::NOT_FOUND,
        "the creator was dismissed"
    );
    app.run(&admin, "hireUser", json!({ "userId": ann.id() }), "user { id }")
        .await;
    assert_eq!(
        status(&of_ann).await,
        StatusCode::NOT_FOUND,
        "not restored by rehiring"
    );

    let query = "query($id: ID!) { auditLog(filter: {subjectId: $id}) { nodes { action } } }";
    let log = app.data(&admin, query, json!({ "id": mine })).await;
    let actions: Vec<&Value> = log["auditLog"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["action"])
        .collect();
    let count = |action: &str| actions.iter().filter(|found| **found == action).count();
    assert_eq!(
        (count("calendar.feed_created"), count("calendar.feed_revoked")),
        (5, 2)
    );
    app.sound().await;
}

#[tokio::test]
async fn a_calendar_is_renamed() {
    let app = TestApp::new().await;
    app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let mine = calendar_of(&app, &ann, "Mine").await;
    let input = json!({ "calendarId": mine, "name": "Ours" });
    let refused = app.refusal(&bob, "renameCalendar", input.clone()).await;
    assert_eq!(refused, ["NOT_FOUND calendarId"]);
    let renamed = app.run(&ann, "renameCalendar", input, "calendar { name }").await;
    assert_eq!(renamed["calendar"]["name"], "Ours");
    app.sound().await;
}
