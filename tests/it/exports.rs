//! Lists as CSV files.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use entity::user::Role;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn export(
    app: &TestApp,
    who: Option<&Person>,
    list: &str,
    filter: Option<&str>,
) -> (StatusCode, String) {
    let query = filter.map(|filter| {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02x}")).collect();
        format!("?filter={encoded}")
    });
    let mut request = Request::get(format!("/export/{list}.csv{}", query.unwrap_or_default()));
    if let Some(person) = who {
        request = request.header("authorization", format!("Bearer {}", person.token));
    }
    let (status, _, bytes) = app.bytes(request.body(Body::empty()).unwrap()).await;
    (status, String::from_utf8(bytes).unwrap())
}

async fn rows(app: &TestApp, who: &Person, list: &str, filter: Option<&str>) -> Vec<Vec<String>> {
    let (status, text) = export(app, Some(who), list, filter).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let text = text.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

#[tokio::test]
async fn exports_contain_what_the_list_shows() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    // More than a page.
    app.tasks(250, &admin, &ann).await;
    let exported = rows(&app, &admin, "tasks", None).await;
    assert_eq!(exported.len(), 251);
    assert_eq!(exported[0][..3], ["id", "externalId", "title"]);
    assert_eq!(exported[1][2], "Task 249");
    assert_eq!(exported[1][6..8], [admin.email.clone(), ann.email.clone()]);
    let mut ids: Vec<&String> = exported[1..].iter().map(|row| &row[0]).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 250);
    let filter = r#"{"search": "Task 24"}"#;
    assert_eq!(rows(&app, &admin, "tasks", Some(filter)).await.len(), 1 + 11);
    let bob = app.employee("bob").await;
    assert_eq!(rows(&app, &bob, "tasks", None).await.len(), 1);

    let input = json!({ "userId": ann.id(), "position": "=1+1" });
    app.run(&admin, "updateUser", input, "user { id }").await;
    let input = json!({ "userId": ann.id(), "handover": [{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }] });
    let done = app.run(&admin, "dismissUser", input, "handover { id }").await;
    app.drain().await;
    let people = rows(&app, &admin, "people", Some(r#"{"dismissed": true}"#)).await;
    assert_eq!(people.len(), 2);
    assert_eq!(people[1][2], ann.email);
    assert_eq!(people[1][5], "'=1+1");
    assert_eq!(people[1][8], "DISMISSED");
    assert!(people[1][10].ends_with('Z'), "{people:?}");

    let handover = done["handover"]["id"].as_str().unwrap();
    let ledger = rows(&app, &admin, handover, None).await;
    assert_eq!(ledger.len(), 251);
    assert!(ledger[1][2].starts_with("Task "), "{ledger:?}");
    assert_eq!(ledger[1][3], "MOVED");
    assert_eq!(ledger[1][5..7], [ann.email.clone(), bob.email.clone()]);
    let failed = rows(&app, &admin, handover, Some(r#"{"outcome": "FAILED"}"#)).await;
    assert_eq!(failed.len(), 1);
    let of_kind = rows(&app, &admin, handover, Some(r#"{"kind": "TASK_RESPONSIBLE"}"#)).await;
    assert_eq!(of_kind.len(), 251);

    let audit = rows(&app, &admin, "audit", Some(r#"{"action": ["user.updated"]}"#)).await;
    assert_eq!(audit.len(), 2);
    assert_eq!(audit[1][3..5], [admin.email.clone(), ann.id()]);
    assert!(audit[1][5].contains("→ =1+1"), "{audit:?}");
}

/// Reading records does not include exporting them.
#[tokio::test]
async fn records_are_exported_with_the_crm_permission_to_export() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    app.deals(2, &admin).await;
    assert_eq!(rows(&app, &admin, "crm", None).await.len(), 3);
    let read = json!({ "kind": "DEAL", "operation": "READ", "level": "ALL" });
    let mut role = json!({ "name": "Readers", "rules": [read], "memberIds": [ann.id()] });
    app.run(&admin, "setCrmRole", role.clone(), "role { id }").await;
    let seen = app.data(&ann, "{ crmItems { totalCount } }", json!({})).await;
    assert_eq!(seen["crmItems"]["totalCount"], 2);
    assert_eq!(rows(&app, &ann, "crm", None).await.len(), 1);
    role["name"] = json!("Exporters");
    role["rules"][0]["operation"] = json!("EXPORT");
    app.run(&admin, "setCrmRole", role, "role { id }").await;
    assert_eq!(rows(&app, &ann, "crm", None).await.len(), 3);
}

#[tokio::test]
async fn invalid_exports_are_refused() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    for (who, list, filter, status) in [
        (None, "people", None, StatusCode::UNAUTHORIZED),
        (Some(&ann), "audit", None, StatusCode::FORBIDDEN),
        (
            Some(&ann),
            "handover_01j0b3v1mmee6tx9cpdgkfhbch",
            None,
            StatusCode::FORBIDDEN,
        ),
        (
            Some(&admin),
            "handover_01j0b3v1mmee6tx9cpdgkfhbch",
            None,
            StatusCode::NOT_FOUND,
        ),
        (Some(&admin), "secrets", None, StatusCode::NOT_FOUND),
        (Some(&admin), "people", Some("{"), StatusCode::BAD_REQUEST),
        (Some(&admin), "people", Some("[]"), StatusCode::BAD_REQUEST),
        (
            Some(&admin),
            "people",
            Some(r#"{"dismised": true}"#),
            StatusCode::BAD_REQUEST,
        ),
        (
            Some(&admin),
            "people",
            Some(r#"{"dismissed": "yes"}"#),
            StatusCode::BAD_REQUEST,
        ),
        (
            Some(&admin),
            "people",
            Some(r#"{"departmentId": "x"}"#),
            StatusCode::BAD_REQUEST,
        ),
        (
            Some(&ann),
            "people",
            Some(r#"{"dismissalScheduled": true}"#),
            StatusCode::FORBIDDEN,
        ),
    ] {
        let (found, text) = export(&app, who, list, filter).await;
        assert_eq!(found, status, "{list} {filter:?}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        assert!(answer["errors"][0]["message"].is_string(), "{text}");
    }
}

#[tokio::test]
async fn an_export_ends_with_its_callers_session() {
    let app = TestApp::new().await;
    let (admin, eve) = (
        app.administrator().await,
        app.person("eve", Role::Administrator).await,
    );
    app.tasks(500, &admin, &admin).await;
    let request = Request::get("/export/tasks.csv").header("authorization", format!("Bearer {}", eve.token));
    let mut body = app.open(request.body(Body::empty()).unwrap()).await.into_body();
    let first = http_body_util::BodyExt::frame(&mut body).await.unwrap();
    assert!(first.is_ok());
    app.run(&admin, "dismissUser", json!({ "userId": eve.id() }), "")
        .await;
    let mut ended = false;
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        ended = frame.is_err();
    }
    assert!(ended, "the export was cut off");
}
