//! Lists: filters, pagination, visibility, and the number of statements per page.

use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn emails(app: &TestApp, who: &Person, arguments: &str) -> Vec<String> {
    let data = app
        .data(
            who,
            &format!("{{ users{arguments} {{ nodes {{ email }} }} }}"),
            json!({}),
        )
        .await;
    let email = |node: &Value| {
        node["email"]
            .as_str()
            .unwrap()
            .trim_end_matches("@example.com")
            .to_owned()
    };
    data["users"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(email)
        .collect()
}

#[tokio::test]
async fn people_are_filtered_and_ordered() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let department = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Sales", "headId": bob.id() }),
            "department { id }",
        )
        .await["department"]["id"]
        .clone();
    let below = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "North", "parentId": department }),
            "department { id }",
        )
        .await["department"]["id"]
        .clone();
    let loop_back = json!({ "departmentId": department, "name": "Sales", "parentId": below });
    assert_eq!(
        app.refusal(&admin, "setDepartment", loop_back).await,
        ["INVALID parentId"]
    );
    let input = json!({ "userId": ann.id(), "departmentId": below, "position": "Account 100%" });
    app.run(&admin, "updateUser", input, "user { id }").await;
    app.tasks(1, &admin, &ann).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;

    assert_eq!(emails(&app, &admin, "").await, ["admin", "ann", "bob"]);
    assert_eq!(
        emails(&app, &admin, "(orderBy: {field: EMAIL, direction: DESC})").await,
        ["bob", "ann", "admin"]
    );
    for field in ["NAME", "EMAIL", "HIRED_ON", "DISMISSED_AT"] {
        for direction in ["ASC", "DESC"] {
            let order = format!("orderBy: {{field: {field}, direction: {direction}}}");
            let whole = emails(&app, &admin, &format!("({order})")).await;
            let query = format!(
                "query($after: String) {{ users({order}, first: 1, after: $after) {{ nodes {{ email }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            let (mut paged, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = app.data(&admin, &query, json!({ "after": after })).await["users"].clone();
                paged.push(
                    page["nodes"][0]["email"]
                        .as_str()
                        .unwrap()
                        .trim_end_matches("@example.com")
                        .to_owned(),
                );
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == json!(false) {
                    break;
                }
            }
            assert_eq!(paged, whole, "{order}");
        }
    }
    assert_eq!(emails(&app, &admin, "(last: 2)").await, ["ann", "bob"]);
    assert_eq!(emails(&app, &admin, "(filter: {dismissed: true})").await, ["ann"]);
    assert_eq!(
        emails(&app, &admin, "(filter: {dismissed: false})").await,
        ["admin", "bob"]
    );
    assert_eq!(
        emails(&app, &admin, "(filter: {status: [DISMISSED, ACTIVE]})").await,
        ["admin", "ann", "bob"]
    );
    assert_eq!(
        emails(&app, &admin, "(filter: {role: ADMINISTRATOR})").await,
        ["admin"]
    );
    assert_eq!(
        emails(&app, &admin, "(filter: {search: \"100%\"})").await,
        ["ann"]
    );
    assert_eq!(
        emails(&app, &admin, "(filter: {search: \"_\"})").await,
        Vec::<String>::new()
    );
    assert_eq!(emails(&app, &admin, "(filter: {holdsWork: true})").await, ["ann"]);
    assert_eq!(
        emails(&app, &admin, "(filter: {holdsWork: false})").await,
        Vec::<String>::new()
    );
    let tree = format!("(filter: {{departmentId: {department}}})");
    assert_eq!(emails(&app, &admin, &tree).await, ["ann"]);

    assert_eq!(emails(&app, &bob, "(filter: {dismissed: true})").await, ["ann"]);
    app.run(
        &admin,
        "updateSettings",
        json!({ "showDismissedEmployees": false }),
        "settings { showDismissedEmployees }",
    )
    .await;
    assert_eq!(
        emails(&app, &bob, "(filter: {dismissed: true})").await,
        Vec::<String>::new()
    );
    assert_eq!(emails(&app, &bob, "").await, ["admin", "bob"]);
    assert_eq!(emails(&app, &admin, "(filter: {dismissed: true})").await, ["ann"]);
    // Bob heads Sales with its sub-departments: he still sees the leaver's task, with the name.
    let seen = app
        .data(
            &bob,
            "{ tasks { nodes { title responsible { email } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        seen["tasks"]["nodes"],
        json!([{ "title": "Task 0", "responsible": { "email": ann.email } }])
    );
    app.sound().await;
}

#[tokio::test]
async fn tasks_and_records_are_visible_to_those_involved() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let task = app.tasks(1, &admin, &ann).await[0].to_string();
    let deal = app.deals(1, &ann).await[0].to_string();
    let query = "{ tasks { totalCount } crmItems { totalCount } }";
    let counts = |tasks: i32, deals: i32| json!({ "tasks": { "totalCount": tasks }, "crmItems": { "totalCount": deals } });
    assert_eq!(app.data(&admin, query, json!({})).await, counts(1, 1));
    assert_eq!(app.data(&ann, query, json!({})).await, counts(1, 1));
    assert_eq!(app.data(&bob, query, json!({})).await, counts(0, 0));
    let nodes = json!({ "ids": [task, deal] });
    let by_id = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    assert_eq!(
        app.data(&bob, by_id, nodes.clone()).await,
        json!({ "nodes": [null, null] })
    );
    assert_eq!(
        app.data(&ann, by_id, nodes).await,
        json!({ "nodes": [{ "id": task }, { "id": deal }] })
    );
    assert_eq!(
        app.refusal(&bob, "updateTask", json!({ "taskId": task, "title": "mine" }))
            .await,
        ["NOT_FOUND taskId"]
    );
    assert_eq!(
        app.refusal(&bob, "updateCrmItem", json!({ "itemId": deal, "title": "mine" }))
            .await,
        ["NOT_FOUND itemId"]
    );
    app.run(
        &ann,
        "updateTask",
        json!({ "taskId": task, "observerIds": [bob.id()] }),
        "task { id }",
    )
    .await;
    assert_eq!(app.data(&bob, query, json!({})).await, counts(1, 0));
    let done = app
        .run(
            &ann,
            "updateTask",
            json!({ "taskId": task, "status": "COMPLETED" }),
            "task { status }",
        )
        .await;
    assert_eq!(done["task"]["status"], "COMPLETED");
    let open = "{ tasks(filter: {open: true}) { totalCount } }";
    assert_eq!(app.data(&admin, open, json!({})).await["tasks"]["totalCount"], 0);
    let amount = json!({ "itemId": deal, "amount": "12345678901234567890.12", "currency": "EUR" });
    let item = app
        .run(&ann, "updateCrmItem", amount, "item { amount currency }")
        .await;
    assert_eq!(
        item["item"],
        json!({ "amount": "12345678901234567890.12", "currency": "EUR" })
    );
    app.sound().await;
}

#[tokio::test]
async fn a_page_costs_a_fixed_number_of_statements() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query =
        "{ users(first: 50) { totalCount nodes { name department { name parent { name } } head { name }
                   dismissal { reason } work { total lines { kind open closed } } } } }";
    let mut cost = Vec::new();
    let mut made = 0;
    for people in [5, 45] {
        let root = app
            .run(
                &admin,
                "setDepartment",
                json!({ "name": format!("D{people}"), "headId": admin.id() }),
                "department { id }",
            )
            .await;
        for _ in 0..people {
            let person = app.employee(&format!("p{made}")).await;
            made += 1;
            let input = json!({ "userId": person.id(), "departmentId": root["department"]["id"] });
            app.run(&admin, "updateUser", input, "user { id }").await;
            app.tasks(1, &admin, &person).await;
        }
        let before = app.db().statements();
        let page = app.data(&admin, query, json!({})).await;
        assert_eq!(page["users"]["nodes"][1]["work"]["total"], 1);
        cost.push(app.db().statements() - before);
    }
    assert_eq!(cost[0], cost[1], "the cost must not grow with the page");
    assert!(cost[0] <= 10, "{cost:?}");
}

/// Creates `count` objects of every type that `node` supports, all visible to Ann.
async fn something_of_everything(app: &TestApp, admin: &Person, ann: &Person, count: usize) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    ids.extend(app.tasks(count, admin, ann).await.iter().map(ToString::to_string));
    ids.extend(app.deals(count, ann).await.iter().map(ToString::to_string));
    let made = app
        .run(
            ann,
            "createCalendar",
            json!({ "name": "Mine" }),
            "calendar { id }",
        )
        .await;
    let calendar = made["calendar"]["id"].as_str().unwrap().to_owned();
    let item = ids.last().unwrap().clone();
    let mine = "{ viewer { user { drive { id } } } }";
    let mine = app.data(ann, mine, json!({})).await;
    let drive = mine["viewer"]["user"]["drive"]["id"].clone();
    for n in 0..count {
        let event = json!({
            "calendarId": calendar, "title": n.to_string(),
            "startsAt": "2030-01-05T08:00:00Z", "endsAt": "2030-01-05T09:00:00Z",
        });
        let template = json!({
            "title": n.to_string(), "responsibleId": ann.id(), "recurrence": "FREQ=DAILY",
            "startsAt": "2030-01-05T08:00:00Z",
        });
        let activity = json!({ "itemId": item, "kind": "CALL", "subject": n.to_string() });
        let folder = json!({ "parentId": drive, "name": format!("{n} of {count}") });
        for (name, input, field) in [
            ("createEvent", event, "event"),
            ("createTaskTemplate", template, "template"),
            ("createCrmActivity", activity, "activity"),
            ("createFolder", folder, "folder"),
        ] {
            let made = app.run(ann, name, input, &format!("{field} {{ id }}")).await;
            ids.push(made[field]["id"].as_str().unwrap().to_owned());
        }
        app.sign_in(ann).await;
    }
    let mine = "{ viewer { user { sessions { id } } } }";
    let mine = app.data(ann, mine, json!({})).await;
    let sessions = mine["viewer"]["user"]["sessions"].as_array().unwrap();
    ids.extend(
        sessions
            .iter()
            .map(|session| session["id"].as_str().unwrap().to_owned()),
    );
    ids.extend([calendar, ann.id(), admin.id()]);
    ids
}

#[tokio::test]
async fn many_nodes_cost_as_many_statements_as_a_few() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let mut cost: Vec<[u64; 2]> = Vec::new();
    for count in [1, 12] {
        let ids = something_of_everything(&app, &admin, &ann, count).await;
        let mut of_callers = [0, 0];
        for (caller, spent) in [&admin, &ann].into_iter().zip(&mut of_callers) {
            let before = app.db().statements();
            let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
            let found = app.data(caller, query, json!({ "ids": ids })).await;
            let found: Vec<&Value> = found["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| &node["id"])
                .collect();
            assert_eq!(
                found,
                ids.iter().collect::<Vec<_>>(),
                "{caller:?}",
                caller = caller.email
            );
            *spent = app.db().statements() - before;
        }
        cost.push(of_callers);
    }
    assert_eq!(
        cost[0], cost[1],
        "statements of an administrator and of an employee"
    );
}

#[tokio::test]
async fn fields_of_a_page_answer_in_the_order_of_the_query() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let query = "{ users { pageInfo { hasNextPage } edges { cursor node { name id } } totalCount } settings { showDismissedEmployees } }";
    let request = TestApp::request(Some(&admin.token), query, json!({}));
    let text = app.text(request).await;
    let places: Vec<usize> = [
        "pageInfo",
        "edges",
        "cursor",
        "node",
        "name",
        "\"id\"",
        "totalCount",
        "settings",
    ]
    .iter()
    .map(|name| text.find(name).unwrap_or_else(|| panic!("{name} in {text}")))
    .collect();
    assert!(places.is_sorted(), "{text}");
}

#[tokio::test]
async fn many_ledger_entries_cost_as_many_statements_as_one() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.tasks(12, &admin, &ann).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let done = app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { entries { nodes { id } } } } }";
    let read = app
        .data(&admin, query, json!({ "id": done["handover"]["id"] }))
        .await;
    let ids: Vec<Value> = read["node"]["entries"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["id"].clone())
        .collect();
    assert_eq!(ids.len(), 12);
    let mut cost = Vec::new();
    for some in [&ids[..1], &ids[..]] {
        let before = app.db().statements();
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let found = app.data(&admin, query, json!({ "ids": some })).await;
        assert_eq!(found["nodes"][some.len() - 1]["id"], some[some.len() - 1]);
        cost.push(app.db().statements() - before);
    }
    assert_eq!(cost[0], cost[1]);
}
