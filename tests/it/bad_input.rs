//! Invalid input: the error names the field, and nothing changes.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn refusals_name_the_field() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let task = app.tasks(1, &admin, &ann).await[0].to_string();
    let unknown = "user_01j0b3v1mmee6tx9cpdgkfhbch";
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": bob.id() }),
        "user { id }",
    )
    .await;
    let moving = |from: serde_json::Value, to: serde_json::Value| json!({ "fromUserId": from, "moves": [{ "kind": "TASK_RESPONSIBLE", "to": to }] });
    let to_admin = json!({ "userId": admin.id() });
    let long = "x".repeat(1_000_000 - 2_000);
    let cases = [
        ("dismissUser", json!({ "userId": unknown }), "NOT_FOUND userId"),
        ("dismissUser", json!({ "userId": task }), "INVALID userId"),
        ("dismissUser", json!({ "userId": "" }), "INVALID userId"),
        (
            "dismissUser",
            json!({ "userId": admin.id() }),
            "CANNOT_DISMISS_YOURSELF userId",
        ),
        (
            "dismissUser",
            json!({ "userId": ann.id(), "reason": long }),
            "INVALID reason",
        ),
        (
            "dismissUser",
            json!({ "userId": ann.id(), "handover": [] }),
            "INVALID handover",
        ),
        (
            "dismissUser",
            json!({ "userId": ann.id(), "handover": [{ "kind": "CRM_DEAL", "to": { "userId": ann.id() } }] }),
            "RECIPIENT_NOT_ACTIVE handover.0.to.userId",
        ),
        (
            "dismissUser",
            json!({
                "userId": ann.id(), "expectedRevision": "stale",
                "handover": [{ "kind": "TASK_RESPONSIBLE", "to": to_admin }],
            }),
            "PLAN_CHANGED expectedRevision",
        ),
        ("hireUser", json!({ "userId": ann.id() }), "NOT_DISMISSED userId"),
        (
            "hireUser",
            json!({ "userId": admin.id() }),
            "CANNOT_HIRE_YOURSELF userId",
        ),
        (
            "bulkReassign",
            json!({ "fromUserId": ann.id(), "moves": [] }),
            "INVALID moves",
        ),
        (
            "bulkReassign",
            moving(json!(null), to_admin.clone()),
            "INVALID moves.0.ids",
        ),
        (
            "bulkReassign",
            moving(json!(unknown), to_admin.clone()),
            "NOT_FOUND fromUserId",
        ),
        (
            "bulkReassign",
            moving(json!(ann.id()), json!({ "userId": bob.id() })),
            "RECIPIENT_NOT_ACTIVE moves.0.to.userId",
        ),
        (
            "bulkReassign",
            moving(json!(ann.id()), json!({ "userId": unknown })),
            "NOT_FOUND moves.0.to.userId",
        ),
        (
            "bulkReassign",
            moving(
                json!(ann.id()),
                json!({ "evenlyAmong": [admin.id(), admin.id()] }),
            ),
            "INVALID moves.0.to.evenlyAmong",
        ),
        (
            "bulkReassign",
            moving(json!(ann.id()), json!({ "evenlyAmong": [] })),
            "RECIPIENT_MISSING moves.0.to.evenlyAmong",
        ),
        (
            "bulkReassign",
            moving(json!(ann.id()), json!({ "headOfDepartment": true })),
            "RECIPIENT_MISSING moves.0.to.headOfDepartment",
        ),
        (
            "createTask",
            json!({ "title": "  ", "responsibleId": ann.id() }),
            "INVALID title",
        ),
        (
            "createTask",
            json!({ "title": long, "responsibleId": ann.id() }),
            "INVALID title",
        ),
        (
            "createTask",
            json!({ "title": "a\u{0}b", "responsibleId": ann.id() }),
            "INVALID title",
        ),
        (
            "createTask",
            json!({ "title": "x", "responsibleId": bob.id() }),
            "RECIPIENT_NOT_ACTIVE responsibleId",
        ),
        ("updateTask", json!({ "taskId": unknown }), "INVALID taskId"),
        (
            "createCrmItem",
            json!({ "kind": "DEAL", "title": "x", "currency": "dollars" }),
            "INVALID currency",
        ),
        (
            "inviteUser",
            json!({ "email": "not an address" }),
            "INVALID email",
        ),
        (
            "updateUser",
            json!({ "userId": admin.id(), "role": "EMPLOYEE" }),
            "LAST_ADMINISTRATOR role",
        ),
        (
            "updateUser",
            json!({ "userId": ann.id(), "email": "ADMIN@example.com" }),
            "EMAIL_TAKEN email",
        ),
        (
            "undoHandover",
            json!({ "handoverId": task }),
            "INVALID handoverId",
        ),
        (
            "endSession",
            json!({ "sessionId": "session_01j0b3v1mmee6tx9cpdgkfhbch" }),
            "NOT_FOUND sessionId",
        ),
    ];
    for (name, input, expected) in cases {
        assert_eq!(app.refusal(&admin, name, input).await, [expected], "{name}");
    }
    assert_eq!(app.tasks_of(&ann).await, 1);
    let log = app
        .data(&admin, "{ auditLog(filter: {action: [\"user.dismissed\", \"user.hired\", \"user.updated\", \"handover.queued\", \"task.created\"]}) { nodes { action } } }", json!({}))
        .await;
    assert_eq!(
        log["auditLog"]["nodes"],
        json!([{ "action": "user.dismissed" }]),
        "a refusal changes nothing"
    );
    app.sound().await;
}

#[tokio::test]
async fn invalid_queries_have_an_error_code() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for query in [
        "{ users(first: -1) { totalCount } }",
        "{ users(first: 101) { totalCount } }",
        "{ users(first: 1, last: 1) { totalCount } }",
        "{ users(after: \"nonsense\") { totalCount } }",
        "{ users(filter: {departmentId: \"x\"}) { totalCount } }",
        "{ user(id: \"task_01j0b3v1mmee6tx9cpdgkfhbch\") { id } }",
        "{ tasks(filter: {role: CREATOR}) { totalCount } }",
        "{ auditLog(filter: {since: \"yesterday\"}) { totalCount } }",
        "{ node(id: \"nonsense\") { id } }",
        "{ nothing }",
        "{",
    ] {
        assert_eq!(
            app.error(Some(&admin.token), query, json!({})).await,
            "BAD_USER_INPUT",
            "{query}"
        );
    }
    let long = "x".repeat(900_000);
    let searched = "query($text: String) { users(filter: {search: $text}) { totalCount } }";
    assert_eq!(
        app.error(Some(&admin.token), searched, json!({ "text": long }))
            .await,
        "BAD_USER_INPUT"
    );
    let written = format!("{{ users(filter: {{search: \"{long}\"}}) {{ totalCount }} }}");
    assert_eq!(
        app.error(Some(&admin.token), &written, json!({})).await,
        "QUERY_TOO_COMPLEX"
    );
    let none = "{ node(id: \"user_01j0b3v1mmee6tx9cpdgkfhbch\") { id } }";
    assert_eq!(app.data(&admin, none, json!({})).await, json!({ "node": null }));
}

#[tokio::test]
async fn unsupported_request_formats_are_refused() {
    let app = TestApp::new().await;
    let mutation = r#"{"query":"mutation { signOut { userErrors { code } } }"}"#;
    let form = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(mutation))
        .unwrap();
    assert_eq!(app.send(form).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let uri = "/graphql?query=mutation%20%7B%20signOut%20%7B%20userErrors%20%7B%20code%20%7D%20%7D%20%7D";
    let get = Request::get(uri).body(Body::empty()).unwrap();
    assert_eq!(app.send(get).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let query = Request::get("/graphql?query=%7B__typename%7D")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        app.send(query).await,
        (StatusCode::OK, json!({ "data": { "__typename": "Query" } }))
    );
    let large = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(vec![b' '; 2_000_000]))
        .unwrap();
    assert_eq!(app.send(large).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let broken = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from("{"))
        .unwrap();
    assert_eq!(app.send(broken).await.0, StatusCode::BAD_REQUEST);
}
