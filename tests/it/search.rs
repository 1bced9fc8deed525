//! Search across types.

use entity::user::Role;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn found(app: &TestApp, who: &Person, text: &str, types: Value) -> Vec<String> {
    let query = "query($text: String!, $types: [SearchType!]) { search(text: $text, types: $types) { line node { __typename } } }";
    let variables = json!({ "text": text, "types": types });
    let data = app.data(who, query, variables).await;
    let hits = data["search"].as_array().unwrap().clone();
    let hit = |hit: &Value| {
        format!(
            "{} {}",
            hit["node"]["__typename"].as_str().unwrap(),
            hit["line"].as_str().unwrap()
        )
    };
    hits.iter().map(hit).collect()
}

/// One object of each type, all with "Überfluss" in their name.
async fn company(app: &TestApp, admin: &Person, ann: &Person) {
    let name = "Überfluss";
    let data = app
        .run(
            admin,
            "setDepartment",
            json!({ "name": name }),
            "department { id }",
        )
        .await;
    assert!(data["department"]["id"].is_string());
    let input = json!({ "userId": ann.id(), "position": name });
    app.run(admin, "updateUser", input, "user { id }").await;
    app.run(
        ann,
        "createTask",
        json!({ "title": name, "responsibleId": ann.id() }),
        "task { id }",
    )
    .await;
    let input = json!({ "title": name, "responsibleId": ann.id(), "recurrence": "FREQ=DAILY", "startsAt": "2100-01-01T00:00:00Z" });
    app.run(ann, "createTaskTemplate", input, "template { id }").await;
    let input = json!({ "kind": "DEAL", "title": name, "responsibleId": ann.id() });
    let item = app.run(admin, "createCrmItem", input, "item { id }").await;
    let input =
        json!({ "itemId": item["item"]["id"], "kind": "CALL", "subject": name, "responsibleId": ann.id() });
    app.run(admin, "createCrmActivity", input, "activity { id }")
        .await;
    let drive = app
        .data(ann, "{ viewer { user { drive { id } } } }", json!({}))
        .await;
    let input = json!({ "name": name, "parentId": drive["viewer"]["user"]["drive"]["id"] });
    app.run(ann, "createFolder", input, "folder { id }").await;
    let calendar = app
        .run(ann, "createCalendar", json!({ "name": name }), "calendar { id }")
        .await;
    let input = json!({ "calendarId": calendar["calendar"]["id"], "title": name,
        "startsAt": "2100-01-01T00:00:00Z", "endsAt": "2100-01-01T01:00:00Z" });
    app.run(ann, "createEvent", input, "event { id }").await;
    let input = json!({ "name": name, "scopes": ["READ_WORK"] });
    app.run(admin, "createIntegration", input, "integration { id }")
        .await;
}

#[tokio::test]
async fn every_type_is_found_by_its_name() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    company(&app, &admin, &ann).await;
    let of_all = [
        "User ann",
        "Department Überfluss",
        "Task Überfluss",
        "TaskTemplate Überfluss",
        "CrmItem Überfluss",
        "CrmActivity Überfluss",
        "Folder Überfluss",
        "Calendar Überfluss",
        "Event Überfluss",
        "Integration Überfluss",
    ];
    let hits = found(&app, &admin, " BERFLU", Value::Null).await;
    assert_eq!(hits.len(), of_all.len(), "{hits:?}");
    for (hit, expected) in hits.iter().zip(of_all) {
        assert!(hit.starts_with(expected), "{hit} {expected}");
    }
    assert_eq!(found(&app, &ann, "überfluss", Value::Null).await, &hits[..9]);
    assert_eq!(
        found(&app, &admin, "überfluss", json!(["EVENT", "TASK"]))
            .await
            .len(),
        2
    );
    assert_eq!(found(&app, &admin, " ", Value::Null).await, [""; 0]);
    assert_eq!(found(&app, &admin, "100%", Value::Null).await, [""; 0]);
    let bad = "{ search(text: \"a\", first: 101) { line } }";
    assert_eq!(
        app.error(Some(&admin.token), bad, json!({})).await,
        "BAD_USER_INPUT"
    );
}

#[tokio::test]
async fn others_find_only_what_they_can_see() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    company(&app, &admin, &ann).await;
    let bob = app.employee("bob").await;
    let hits = found(&app, &bob, "überfluss", Value::Null).await;
    assert_eq!(hits.len(), 2, "{hits:?}");
    let folder = "{ viewer { user { drive { items { nodes { ... on Folder { id } } } } } } }";
    let folder = app.data(&ann, folder, json!({})).await;
    let folder = folder["viewer"]["user"]["drive"]["items"]["nodes"][0]["id"].clone();
    let input = json!({ "folderId": folder, "with": [bob.id()], "access": "READ" });
    app.run(&ann, "shareFolder", input, "folder { id }").await;
    let hits = found(&app, &bob, "überfluss", json!(["FOLDER"])).await;
    assert_eq!(hits, ["Folder Überfluss"]);

    app.run(&admin, "dismissUser", json!({ "userId": ann.id() }), "")
        .await;
    assert_eq!(found(&app, &bob, "überfluss", json!(["USER"])).await.len(), 1);
    let hide = json!({ "showDismissedEmployees": false });
    app.run(&admin, "updateSettings", hide, "").await;
    assert_eq!(found(&app, &bob, "überfluss", json!(["USER"])).await, [""; 0]);
    assert_eq!(found(&app, &admin, "überfluss", json!(["USER"])).await.len(), 1);
}

#[tokio::test]
async fn an_id_finds_its_object() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let bob = app.person("bob", Role::Employee).await;
    let task = app.tasks(1, &admin, &ann).await[0].to_string();
    assert_eq!(
        found(&app, &admin, &format!(" {task} "), Value::Null).await,
        ["Task Task 0"]
    );
    assert_eq!(found(&app, &bob, &task, Value::Null).await, [""; 0]);
    assert_eq!(found(&app, &admin, &task, json!(["USER"])).await, [""; 0]);
    assert_eq!(found(&app, &bob, &ann.id(), Value::Null).await.len(), 1);
}
