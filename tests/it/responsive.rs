//! No request blocks a runtime thread for longer than [`LONGEST`]. Measured on a single-threaded runtime by the CPU
//! time of the thread, so that the load of the machine does not matter.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use entity::{CalendarId, EventId, event};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// The promise is ten milliseconds; debug builds take many times as long, and longer on a shared core.
const LONGEST: Duration = if cfg!(debug_assertions) {
    Duration::from_secs(1)
} else {
    Duration::from_millis(10)
};

/// The CPU time of this thread.
fn on_core() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    let nanoseconds = text.split(' ').next().unwrap();
    Duration::from_nanos(nanoseconds.parse().unwrap())
}

/// The longest time that the thread was blocked during `work`.
async fn longest(work: impl Future<Output = ()>) -> Duration {
    let (over, worst) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let beat = {
        let (over, worst) = (Arc::clone(&over), Arc::clone(&worst));
        async move {
            let mut last = on_core();
            loop {
                tokio::task::yield_now().await;
                let now = on_core();
                let gap = u64::try_from((now - last).as_micros()).unwrap();
                worst.fetch_max(gap, Ordering::Relaxed);
                last = now;
                if over.load(Ordering::Relaxed) {
                    break;
                }
            }
        }
    };
    #[expect(clippy::disallowed_methods, reason = "the heart has to beat beside the work")]
    let heart = tokio::spawn(beat);
    // Start the heartbeat before the work.
    tokio::task::yield_now().await;
    work.await;
    over.store(true, Ordering::Relaxed);
    heart.await.unwrap();
    Duration::from_micros(worst.load(Ordering::Relaxed))
}

/// Daily events since 1970 in a calendar, in several time zones.
async fn recurring(app: &TestApp, person: &Person, count: usize) -> String {
    let made = app
        .run(
            person,
            "createCalendar",
            json!({ "name": "Full" }),
            "calendar { id }",
        )
        .await;
    let id = made["calendar"]["id"].as_str().unwrap().to_owned();
    let calendar: CalendarId = id.parse().unwrap();
    let (now, starts) = (app.db().clock().now(), "1970-01-01T09:00:00Z".parse().unwrap());
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "America/Havana",
    ];
    let rows: Vec<_> = (0..count)
        .map(|n| event::ActiveModel {
            id: Set(EventId(app.db().clock().new_id())),
            external_id: Set(None),
            calendar_id: Set(calendar),
            organizer_id: Set(person.id),
            title: Set(format!("Event {n}")),
            search_text: Set(format!("event {n}")),
            location: Set(None),
            starts_at: Set(Some(starts)),
            ends_at: Set(Some(starts)),
            recurrence: Set(Some("FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU".to_owned())),
            recurrence_text: Set(None),
            timezone: Set(Some(zones[n % zones.len()].to_owned())),
            over_at: Set(None),
            created_at: Set(now),
            updated_at: Set(now),
        })
        .collect();
    for some in rows.chunks(500) {
        event::Entity::insert_many(some.to_vec())
            .exec_without_returning(app.raw())
            .await
            .unwrap();
    }
    id
}

fn with_token(person: &Person, request: axum::http::request::Builder) -> axum::http::request::Builder {
    request.header(header::AUTHORIZATION, format!("Bearer {}", person.token))
}

fn graphql(person: &Person, query: &str, variables: Value) -> Request<Body> {
    TestApp::request(Some(&person.token), query, variables)
}

#[tokio::test]
async fn no_request_blocks_a_runtime_thread() {
    let app = TestApp::new().await;
    app.breaks_rules();
    let admin = app.administrator().await;
    for n in 0..100 {
        app.employee(&format!("person{n}")).await;
    }
    app.tasks(300, &admin, &admin).await;
    let calendar = recurring(&app, &admin, 1_000).await;
    let drive = app
        .data(&admin, "{ viewer { user { drive { id } } } }", json!({}))
        .await;
    let drive = drive["viewer"]["user"]["drive"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let upload = |name: &str| {
        let request = with_token(&admin, Request::post(format!("/drive/{drive}?name={name}")));
        let content: Vec<u8> = (0..1_000_000_u32)
            .map(|n| n.wrapping_mul(2_654_435_761) as u8)
            .collect();
        request.body(Body::from(content)).unwrap()
    };
    app.bytes(upload("first.bin")).await;

    let window = "(from: \"2106-01-01T00:00:00.5Z\", to: \"2106-01-01T00:00:00.6Z\", first: 1)";
    let far: String = (0..8)
        .map(|n| format!(" c{n}: calendars {{ events{window} {{ nodes {{ id }} }} }}"))
        .collect();
    let rule = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TH;COUNT=10000";
    let bomb: String = (0..10)
        .map(|n| {
            format!(
                " e{n}: createEvent(input: {{calendarId: \"{calendar}\", title: \"x\", startsAt: \"2024-02-29T00:00:00Z\", \
                 endsAt: \"2024-02-29T00:00:00Z\", recurrence: \"{rule}\"}}) {{ userErrors {{ message }} }}"
            )
        })
        .collect();
    let page = "{ users(first: 100) { nodes { id name email position department { name } status \
                calendars { id name owner { name } } favoriteCalendars { name } } } \
                tasks(first: 100) { nodes { id title status creator { name } responsible { name } observers { name } } } }";
    let fragment = |n: usize| format!("fragment F{n} on Query {{ ...F{m} ...F{m} }} ", m = n + 1);
    let fragments: String = (0..9).map(fragment).collect();
    let fragments = format!(
        "{{ ...F0 }} {fragments} fragment F9 on Query {{ {} }}",
        "__typename ".repeat(36)
    );
    let many: Vec<Value> = (0..20_000).map(|n| json!({ "name": n })).collect();
    let requests: Vec<(&str, Request<Body>)> = vec![
        (
            "a page of 100 people and 100 tasks",
            graphql(&admin, page, json!({})),
        ),
        (
            "windows on 1,000 recurring events",
            graphql(&admin, &format!("{{ viewer {{ user {{ {far} }} }} }}"), json!({})),
        ),
        (
            "rules that hardly ever occur",
            graphql(&admin, &format!("mutation {{ {bomb} }}"), json!({})),
        ),
        (
            "a document of nearly 5,000 tokens",
            graphql(&admin, &format!("{{ {} }}", "viewer ".repeat(4_900)), json!({})),
        ),
        (
            "a valid document of nearly 5,000 tokens",
            graphql(
                &admin,
                &format!("{{ {} }}", "__typename ".repeat(4_900)),
                json!({}),
            ),
        ),
        (
            "fragments that come to nearly 20,000 fields",
            graphql(&admin, &fragments, json!({})),
        ),
        (
            "variables of 20,000 fields",
            graphql(
                &admin,
                "query($x: [ID!]) { viewer { user { id } } }",
                json!({ "x": many }),
            ),
        ),
        (
            "a text of nearly 1 MiB",
            graphql(
                &admin,
                "query($id: ID!) { node(id: $id) { id } }",
                json!({ "id": "x".repeat(1_000_000) }),
            ),
        ),
        (
            "a sign-in",
            TestApp::request(
                None,
                "mutation { signIn(input: {email: \"admin@example.com\", password: \"wrong wrong wrong\"}) { userErrors { code } } }",
                json!({}),
            ),
        ),
        ("an upload of 1 MB", upload("second.bin")),
        (
            "an archive",
            with_token(&admin, Request::get(format!("/drive/{drive}.zip")))
                .body(Body::empty())
                .unwrap(),
        ),
        (
            "a calendar's file",
            with_token(&admin, Request::get(format!("/calendar/{calendar}.ics")))
                .body(Body::empty())
                .unwrap(),
        ),
    ];
    let mut slow = Vec::new();
    for (name, request) in requests {
        let gap = longest(async { drop(app.bytes(request).await) }).await;
        println!("{gap:>12.2?} {name}");
        if gap > LONGEST {
            slow.push(format!("{name}: {gap:?}"));
        }
    }
    assert!(slow.is_empty(), "longer than {LONGEST:?}: {slow:?}");
}
