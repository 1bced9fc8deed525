//! The objects of a page are serialized in three ways: by async-graphql, as a tree, and as text. All three must give
//! the same bytes.

use serde_json::{Value, json};

use crate::demo::{company, sign_in};
use crate::support::TestApp;

async fn text(app: &TestApp, token: &str, query: &str) -> String {
    app.text(TestApp::request(Some(token), query, json!({}))).await
}

/// Queries in all ways and returns the common answer. `query` has `@` after the id of each item.
async fn agreed(app: &TestApp, token: &str, query: &str) -> Value {
    // A fragment on another type disables the fast path.
    const LEFT: &str = "... on Node { id }";
    let by_the_library = text(app, token, &query.replace('@', LEFT)).await;
    // Errors contain columns, so positions must not change.
    let plain = query.replace('@', &" ".repeat(LEFT.len()));
    // A document is answered as text from its second execution on.
    let as_a_tree = text(app, token, &plain).await;
    let as_text = text(app, token, &plain).await;
    assert_eq!(as_a_tree, by_the_library, "{plain}");
    assert_eq!(as_text, by_the_library, "{plain}");
    let answer: Value = serde_json::from_str(&as_text).unwrap();
    assert_eq!(answer.get("errors"), None, "{plain}");
    answer
}

/// The fields of a type without required arguments: scalars, and objects.
async fn fields(app: &TestApp, token: &str, of: &str) -> (Vec<String>, Vec<String>) {
    let query = "query($of: String!) { __type(name: $of) { fields { name args { name }
        type { kind ofType { kind ofType { kind } } } } } }";
    let (_, answer) = app.ask(Some(token), query, json!({ "of": of })).await;
    let (mut leaves, mut objects) = (Vec::new(), Vec::new());
    for field in answer["data"]["__type"]["fields"].as_array().unwrap() {
        if field["args"].as_array().unwrap().is_empty() {
            let name = field["name"].as_str().unwrap().to_owned();
            let kind = &field["type"];
            let kinds = [
                &kind["kind"],
                &kind["ofType"]["kind"],
                &kind["ofType"]["ofType"]["kind"],
            ];
            let is = |wanted: &[&str]| {
                kinds
                    .iter()
                    .any(|kind| wanted.contains(&kind.as_str().unwrap_or_default()))
            };
            if is(&["SCALAR", "ENUM"]) {
                leaves.push(name);
            } else if is(&["OBJECT"]) && !is(&["LIST"]) {
                objects.push(name);
            }
        }
    }
    (leaves, objects)
}

/// The lists of the API, each with the type of its items and the enclosing query.
async fn lists(app: &TestApp, token: &str) -> Vec<(String, String, String, &'static str)> {
    let query =
        "{ __schema { queryType { fields { name args { name type { kind } } type { ofType { name } } } } } }";
    let (_, answer) = app.ask(Some(token), query, json!({})).await;
    let mut lists: Vec<_> = answer["data"]["__schema"]["queryType"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|field| {
            let of = field["type"]["ofType"]["name"]
                .as_str()?
                .strip_suffix("Connection")?;
            // Objects of any type: their fields are tested with the lists of their types.
            if of == "Node" {
                return None;
            }
            let name = field["name"].as_str().unwrap();
            Some((of.to_owned(), String::new(), format!("{name}(first: 7)"), ""))
        })
        .collect();
    assert!(lists.len() >= 8, "{lists:?}");
    for (of, before, list, after) in [
        (
            "HandoverEntry",
            "handovers(first: 2) { nodes {",
            "entries(first: 7)",
            "} }",
        ),
        (
            "Event",
            "users(first: 9) { nodes { calendars {",
            "events(from: \"2020-01-01T00:00:00Z\", to: \"2040-01-01T00:00:00Z\", first: 3)",
            "} } }",
        ),
        (
            "DriveItem",
            "users(first: 20) { nodes { drive {",
            "items(first: 7)",
            "} } }",
        ),
    ] {
        lists.push((of.to_owned(), before.to_owned(), list.to_owned(), after));
    }
    lists
}

#[tokio::test]
async fn the_fast_path_and_the_library_answer_identically() {
    let (app, made, _past) = company(1).await;
    let token = sign_in(&app, &made.administrator).await;
    // Kinds of objects that the demo company lacks.
    let ids = "{ viewer { user { id } } crmItems(first: 1) { nodes { id } } }";
    let (_, ids) = app.ask(Some(&token), ids, json!({})).await;
    let (user, item) = (
        &ids["data"]["viewer"]["user"]["id"],
        &ids["data"]["crmItems"]["nodes"][0]["id"],
    );
    let more = format!(
        r#"mutation {{
            createTaskTemplate(input: {{ title: "Report", responsibleId: {user}, recurrence: "FREQ=WEEKLY",
                startsAt: "2030-01-02T00:00:00Z" }}) {{ template {{ id }} }}
            createCrmActivity(input: {{ itemId: {item}, kind: CALL, subject: "Hello?" }}) {{ activity {{ id }} }}
        }}"#
    );
    app.ask(Some(&token), &more, json!({})).await;
    for (of, before, list, after) in lists(&app, &token).await {
        let (leaves, objects) = fields(&app, &token, &of).await;
        assert!(leaves.len() >= 2, "{of}: {leaves:?}");
        let leaves = leaves.join(" ");
        let objects: String = objects
            .iter()
            .map(|name| format!("{name} {{ __typename id: __typename }} "))
            .collect();
        let item = format!("{leaves} other: id __typename {objects} @");
        let page = format!(
            "{{ {before} {list} {{ nodes {{ {item} }} edges {{ cursor node {{ {item} }} }} pageInfo {{ endCursor }} }} {after} }}"
        );
        let answer = agreed(&app, &token, &page).await.to_string();
        let types = if of == "DriveItem" {
            vec!["Folder", "File"]
        } else {
            vec![of.as_str()]
        };
        for name in types {
            assert!(
                answer.contains(&format!(r#""__typename":"{name}""#)),
                "{of}: {answer}"
            );
        }

        let fragments = format!(
            "{{ {before} {list} {{ nodes {{ ...Some ... on {of} {{ id }} ... {{ id }} @ }} }} {after} }} \
             fragment Some on {of} {{ {item} }}"
        );
        agreed(&app, &token, &fragments).await;
        // A list selected twice must be merged.
        let twice =
            format!("{{ {before} {list} {{ nodes {{ id @ }} }} {list} {{ nodes {{ {item} }} }} {after} }}");
        agreed(&app, &token, &twice).await;
    }
}

/// Fields excluded by variables are absent, even if the object is then empty.
#[tokio::test]
async fn objects_can_be_empty() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let root = json!({ "name": "All", "headId": admin.id() });
    let root = app.run(&admin, "setDepartment", root, "department { id }").await;
    let move_in = json!({ "userId": admin.id(), "departmentId": root["department"]["id"] });
    app.run(&admin, "updateUser", move_in, "user { id }").await;
    let query = "query($all: Boolean!) { users(first: 1) { nodes { ...Some @include(if: $all) } edges { node {
        email @include(if: $all) department { name @skip(if: true) } } } } } fragment Some on User { id email }";
    for _ in 0..3 {
        let users = &app.data(&admin, query, json!({ "all": false })).await["users"];
        assert_eq!(users["nodes"], json!([{}]));
        assert_eq!(users["edges"], json!([{ "node": { "department": {} } }]));
        let users = &app.data(&admin, query, json!({ "all": true })).await["users"];
        assert_eq!(users["nodes"][0]["id"], admin.id());
        assert_eq!(users["edges"][0]["node"]["email"], users["nodes"][0]["email"]);
    }
}

/// async-graphql omits the last segment of the path; both fast paths include it.
#[tokio::test]
async fn error_paths_are_complete() {
    let (app, made, _past) = company(1).await;
    let token = sign_in(&app, &made.employee).await;
    let query =
        "{ users(first: 3, filter: {role: ADMINISTRATOR}) { edges { node { id sessions { id } } } } }";
    let as_a_tree = text(&app, &token, query).await;
    let as_text = text(&app, &token, query).await;
    assert_eq!(as_a_tree, as_text);
    let answer: Value = serde_json::from_str(&as_text).unwrap();
    let path = json!(["users", "edges", 0, "node", "sessions"]);
    assert_eq!(answer["errors"][0]["path"], path, "{answer}");
}
