//! Lists and counts for administrators: dismissals, where open work is, what somebody holds, and the audit log in words.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use crate::scheduled::tomorrow;
use crate::support::{Person, TestApp};

async fn dismissed(app: &TestApp, who: &Person, filter: Value) -> Vec<Value> {
    let query = "query($filter: DismissalFilter) { dismissals(filter: $filter) { totalCount nodes { state user { email } } } }";
    let data = app.data(who, query, json!({ "filter": filter })).await;
    let nodes = data["dismissals"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["dismissals"]["totalCount"], nodes.len());
    nodes
        .iter()
        .map(|node| json!([node["state"], node["user"]["email"]]))
        .collect()
}

#[tokio::test]
async fn dismissals_are_listed_without_ones_own_plan() {
    let app = TestApp::new().await;
    let (admin, boss) = (
        app.administrator().await,
        app.person("boss", entity::user::Role::Administrator).await,
    );
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.run(&admin, "dismissUser", json!({ "userId": ann.id() }), "")
        .await;
    for person in [&bob, &boss] {
        let input = json!({ "userId": person.id(), "effectiveAt": tomorrow() });
        app.run(&admin, "dismissUser", input, "").await;
    }
    let all = [
        json!(["SCHEDULED", boss.email]),
        json!(["SCHEDULED", bob.email]),
        json!(["IN_FORCE", ann.email]),
    ];
    assert_eq!(dismissed(&app, &admin, json!({})).await, all);
    assert_eq!(dismissed(&app, &boss, json!({})).await, all[1..]);
    assert_eq!(
        dismissed(&app, &admin, json!({ "state": ["IN_FORCE"] })).await,
        all[2..]
    );
    assert_eq!(
        dismissed(&app, &admin, json!({ "userId": bob.id() })).await,
        all[1..2]
    );
    assert_eq!(
        dismissed(&app, &admin, json!({ "requestedById": boss.id() })).await,
        [Value::Null; 0]
    );
    assert_eq!(
        dismissed(&app, &admin, json!({ "failed": true })).await,
        [Value::Null; 0]
    );
    assert_eq!(
        dismissed(&app, &admin, json!({ "effectiveSince": "2100-01-01T00:00:00Z" })).await,
        [Value::Null; 0]
    );
    let refused = app
        .error(Some(&bob.token), "{ dismissals { totalCount } }", json!({}))
        .await;
    assert_eq!(refused, "FORBIDDEN");
}

#[tokio::test]
async fn the_overview_counts_what_the_inventories_count() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let made = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Sales" }),
            "department { id }",
        )
        .await;
    for person in [&ann, &bob] {
        let input = json!({ "userId": person.id(), "departmentId": made["department"]["id"] });
        app.run(&admin, "updateUser", input, "user { id }").await;
    }
    app.tasks(3, &admin, &ann).await;
    app.tasks(2, &ann, &bob).await;
    app.deals(4, &bob).await;
    app.run(&admin, "dismissUser", json!({ "userId": ann.id() }), "")
        .await;
    let rows = async |group: &str| {
        let query = format!(
            "{{ workOverview(groupBy: {group}) {{ department {{ name }} kind holder {{ email }} heldByActive heldByDismissed unassigned }} }}"
        );
        app.data(&admin, &query, json!({})).await["workOverview"]
            .as_array()
            .unwrap()
            .clone()
    };
    let counts = |row: &Value| {
        [&row["heldByActive"], &row["heldByDismissed"], &row["unassigned"]].map(|n| n.as_i64().unwrap())
    };
    let departments = rows("DEPARTMENT").await;
    assert_eq!(departments[0]["department"]["name"], "Sales");
    // Ann: 3 to do and 2 created. Bob: 2 to do and 4 deals.
    assert_eq!(counts(&departments[0]), [6, 5, 0]);
    let kinds = rows("KIND").await;
    let of = |kind: &str| counts(kinds.iter().find(|row| row["kind"] == kind).unwrap());
    assert_eq!(of("TASK_RESPONSIBLE"), [2, 3, 0]);
    assert_eq!(of("TASK_CREATOR"), [3, 2, 0]);
    assert_eq!(of("CRM_DEAL"), [4, 0, 0]);
    let holders = rows("HOLDER").await;
    assert_eq!(holders[0]["holder"]["email"], ann.email);
    assert_eq!(counts(&holders[0]), [0, 5, 0]);
    let refused = app
        .error(
            Some(&bob.token),
            "{ workOverview(groupBy: KIND) { kind } }",
            json!({}),
        )
        .await;
    assert_eq!(refused, "FORBIDDEN");
}

#[tokio::test]
async fn what_somebody_holds_is_listed_in_pages() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let tasks = app.tasks(5, &admin, &ann).await;
    let mut expected: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    expected.sort();
    let query = "query($id: ID!, $open: Boolean, $after: String) {
        heldItems(userId: $id, kind: TASK_RESPONSIBLE, open: $open, first: 2, after: $after) {
            totalCount nodes { id } pageInfo { hasNextPage endCursor } } }";
    for who in [&admin, &ann] {
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "id": ann.id(), "open": true, "after": after });
            let page = app.data(who, query, variables).await["heldItems"].clone();
            assert_eq!(page["totalCount"], 5);
            found.extend(
                page["nodes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|node| node["id"].as_str().unwrap().to_owned()),
            );
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        found.sort();
        assert_eq!(found, expected);
    }
    let closed = app
        .data(&admin, query, json!({ "id": ann.id(), "open": false }))
        .await;
    assert_eq!(closed["heldItems"]["totalCount"], 0);
    let refused = app
        .error(Some(&bob.token), query, json!({ "id": ann.id() }))
        .await;
    assert_eq!(refused, "FORBIDDEN");
    let wrong = app
        .error(
            Some(&admin.token),
            query,
            json!({ "id": ann.id(), "after": "nonsense" }),
        )
        .await;
    assert_eq!(wrong, "BAD_USER_INPUT");
}

#[tokio::test]
async fn the_audit_log_tells_values_before_and_after() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let input = json!({ "userId": ann.id(), "position": "Lead", "familyName": "Archer" });
    app.run(&admin, "updateUser", input, "user { id }").await;
    app.run(
        &admin,
        "updateSettings",
        json!({ "showDismissedEmployees": false }),
        "settings { showDismissedEmployees }",
    )
    .await;
    let query = "{ auditLog(filter: {action: [\"user.updated\", \"settings.updated\"]}) { nodes { action changes { field before after } } }
        auditActions { name description } }";
    let data = app.data(&admin, query, json!({})).await;
    let nodes = &data["auditLog"]["nodes"];
    assert_eq!(
        nodes[0]["changes"],
        json!([{ "field": "showDismissedEmployees", "before": "true", "after": "false" }])
    );
    assert_eq!(
        nodes[1]["changes"],
        json!([
            { "field": "familyName", "before": null, "after": "Archer" },
            { "field": "position", "before": null, "after": "Lead" },
        ])
    );
    let actions = data["auditActions"].as_array().unwrap();
    assert!(actions.iter().any(|action| action["name"] == "user.dismissed"));
    assert_eq!(
        app.error(Some(&ann.token), "{ auditActions { name } }", json!({}))
            .await,
        "FORBIDDEN"
    );
}

#[tokio::test]
async fn all_handovers_are_followed_at_once() {
    let app = TestApp::with_chunk(2).await;
    let background = handover::server::start(&app.app);
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.tasks(9, &admin, &ann).await;
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .header("authorization", format!("Bearer {}", admin.token));
    let query = json!({ "query": "subscription { handoversChanged { id state moved } }" });
    let request = request.body(Body::from(query.to_string())).unwrap();
    let mut events = app.open(request).await.into_body();
    for (from, to) in [(&ann, &bob), (&bob, &ann)] {
        let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": to.id() } }]);
        let input = json!({ "fromUserId": from.id(), "moves": moves });
        let done = app.run(&admin, "bulkReassign", input, "handover { id }").await;
        let id = done["handover"]["id"].as_str().unwrap();
        let mut text = String::new();
        let end = format!(r#"{{"id":"{id}","state":"SUCCEEDED","moved":9}}"#);
        while !text.contains(&end) {
            let frame = tokio::time::timeout(Duration::from_secs(10), events.frame());
            let frame = frame.await.expect(&text).unwrap().unwrap();
            text += std::str::from_utf8(&frame.into_data().unwrap()).unwrap();
        }
    }
    app.app.stop.send_replace(true);
    background.await.unwrap();
}
