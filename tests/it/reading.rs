//! Read access of integrations by scope, and lookups of people and work.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::drive::{drive_of, folder, upload};
use crate::integrations::create;
use crate::support::{Person, TestApp};

/// Queries as an integration; returns the data or the code of the first error.
async fn ask(app: &TestApp, token: &str, query: &str, variables: Value) -> Result<Value, String> {
    let (_, answer) = app.ask(Some(token), query, variables).await;
    match answer["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(answer["data"].clone()),
    }
}

struct Company {
    app: TestApp,
    admin: Person,
    ann: Person,
    ids: Vec<String>,
    file: String,
    calendar: String,
    handover: String,
}

/// A person who holds work of every kind and has handed over a task.
async fn company() -> Company {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let mut ids = Vec::new();
    let made = async |name: &str, input: Value, field: &str| {
        let made = app.run(&ann, name, input, &format!("{field} {{ id }}")).await;
        made[field]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    };
    ids.push(
        made(
            "createTask",
            json!({ "title": "Call back", "responsibleId": ann.id() }),
            "task",
        )
        .await,
    );
    let template = json!({ "title": "Weekly", "recurrence": "FREQ=WEEKLY", "responsibleId": ann.id() });
    ids.push(made("createTaskTemplate", template, "template").await);
    let item = app
        .run(
            &admin,
            "createCrmItem",
            json!({ "kind": "DEAL", "title": "Deal", "responsibleId": ann.id() }),
            "item { id }",
        )
        .await;
    let item = item["item"]["id"].as_str().unwrap().to_owned();
    let activity = json!({ "itemId": item, "kind": "CALL", "subject": "Ring", "responsibleId": ann.id() });
    let activity = app
        .run(&admin, "createCrmActivity", activity, "activity { id }")
        .await;
    ids.push(activity["activity"]["id"].as_str().unwrap().to_owned());
    ids.push(item);
    let calendar = made("createCalendar", json!({ "name": "Mine" }), "calendar").await;
    let event = json!({ "calendarId": calendar, "title": "Standup", "startsAt": "2027-01-01T09:00:00Z", "endsAt": "2027-01-01T09:15:00Z" });
    ids.push(made("createEvent", event, "event").await);
    ids.push(calendar.clone());
    let top = folder(&app, &ann, &drive_of(&ann), "Reports").await;
    let file = upload(&app, &ann, &top, "a.txt", b"hello").await;
    ids.extend([top, file.clone()]);
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let handover = app.run(&admin, "bulkReassign", input, "handover { id }").await;
    let handover = handover["handover"]["id"].as_str().unwrap().to_owned();
    app.drain().await;
    Company {
        app,
        admin,
        ann,
        ids,
        file,
        calendar,
        handover,
    }
}

const LISTS: [&str; 4] = ["tasks", "taskTemplates", "crmItems", "crmActivities"];

#[tokio::test]
async fn a_missing_scope_is_forbidden_instead_of_an_empty_list() {
    let Company {
        app,
        admin,
        ann,
        ids,
        file,
        calendar,
        handover,
    } = company().await;
    let scopes = [
        "DISMISS_USERS",
        "HIRE_USERS",
        "REASSIGN_WORK",
        "MANAGE_USERS",
        "MANAGE_SETTINGS",
        "MANAGE_INTEGRATIONS",
        "READ_AUDIT_LOG",
        "SEE_DISMISSED_USERS",
        "READ_FILES",
    ];
    let (_, token) = create(&app, &admin, json!({ "name": "HR", "scopes": scopes })).await;
    let forbidden = Err("FORBIDDEN".to_owned());
    for list in LISTS {
        let query = format!("{{ {list} {{ totalCount }} }}");
        assert_eq!(ask(&app, &token, &query, json!({})).await, forbidden, "{list}");
    }
    for field in [
        "work { total }",
        "drive { id }",
        "calendars { id }",
        "favoriteCalendars { id }",
    ] {
        let query = format!("query($id: ID!) {{ user(id: $id) {{ {field} }} }}");
        assert_eq!(
            ask(&app, &token, &query, json!({ "id": ann.id() })).await,
            forbidden,
            "{field}"
        );
    }
    for id in &ids {
        let query = "query($id: ID!) { node(id: $id) { id } }";
        assert_eq!(
            ask(&app, &token, query, json!({ "id": id })).await,
            forbidden,
            "{id}"
        );
    }
    // The ledger shows how many items moved, not their titles.
    let query =
        "query($id: ID!) { node(id: $id) { ... on Handover { entries { nodes { subject { id } } } } } }";
    let entry = json!({ "node": { "entries": { "nodes": [{ "subject": null }] } } });
    assert_eq!(
        ask(&app, &token, query, json!({ "id": handover })).await,
        Ok(entry)
    );
    for path in [format!("/drive/{file}"), format!("/calendar/{calendar}.ics")] {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        let (status, _, _) = app.bytes(request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn read_work_shows_all_work_and_ledgers_and_read_files_content() {
    let Company {
        app,
        admin,
        ann,
        ids,
        file,
        calendar,
        handover,
    } = company().await;
    let (_, token) = create(&app, &admin, json!({ "name": "report", "scopes": ["READ_WORK"] })).await;
    let (_, both) = create(
        &app,
        &admin,
        json!({ "name": "backup", "scopes": ["READ_WORK", "READ_FILES"] }),
    )
    .await;
    for list in LISTS {
        let query = format!("{{ {list} {{ totalCount }} }}");
        let here = ask(&app, &token, &query, json!({})).await.unwrap();
        assert_eq!(here, app.data(&admin, &query, json!({})).await, "{list}");
        assert_ne!(here[list]["totalCount"], 0, "{list}");
    }
    for id in &ids {
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let here = ask(&app, &token, query, json!({ "id": id })).await.unwrap();
        assert_eq!(here, json!({ "node": { "id": id } }));
    }
    let query = "query($id: ID!) { user(id: $id) { work { lines { kind open } } calendars { name events { nodes { title } } } \
                 drive { items { nodes { ... on Folder { name items { nodes { ... on File { name } } } } } } } } }";
    let here = ask(&app, &token, query, json!({ "id": ann.id() })).await.unwrap();
    assert_eq!(here, app.data(&admin, query, json!({ "id": ann.id() })).await);
    assert_eq!(
        here["user"]["drive"]["items"]["nodes"][0]["items"]["nodes"][0]["name"],
        "a.txt"
    );
    // With READ_WORK, titles are visible, also in lists.
    let query = "{ handovers { nodes { id entries { nodes { subject { ... on Task { title } } } } } } }";
    let here = ask(&app, &token, query, json!({})).await.unwrap();
    assert_eq!(here["handovers"]["nodes"][0]["id"], handover.as_str());
    assert_eq!(
        here["handovers"]["nodes"][0]["entries"]["nodes"][0]["subject"]["title"],
        "Call back"
    );
    // It can read, but not write, not even what administrators may.
    for (name, input) in [
        ("updateTask", json!({ "taskId": ids[0], "title": "x" })),
        ("renameCalendar", json!({ "calendarId": calendar, "name": "x" })),
        ("renameDriveItem", json!({ "itemId": file, "name": "x" })),
        ("bulkReassign", json!({ "moves": [] })),
        ("createDownloadLink", json!({ "itemId": file })),
        ("createCalendarFeed", json!({ "calendarId": calendar })),
    ] {
        let kind = match name {
            "createCalendarFeed" => "CalendarFeedInput".to_owned(),
            _ => format!("{}{}Input", name[..1].to_uppercase(), &name[1..]),
        };
        let query = format!("mutation($i: {kind}!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}");
        let refused = ask(&app, &token, &query, json!({ "i": input })).await;
        assert_eq!(refused, Err("FORBIDDEN".to_owned()), "{name}");
    }
    let status = async |path: &str, token: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        app.bytes(request.body(Body::empty()).unwrap()).await.0
    };
    assert_eq!(
        status(&format!("/calendar/{calendar}.ics"), &token).await,
        StatusCode::OK
    );
    for path in [format!("/drive/{file}"), format!("/drive/{}.zip", drive_of(&ann))] {
        assert_eq!(status(&path, &token).await, StatusCode::FORBIDDEN);
        assert_eq!(status(&path, &both).await, StatusCode::OK);
    }
    app.sound().await;
}

#[tokio::test]
async fn people_are_found_by_ids_of_other_systems() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let rows = "id,email,given_name\nE-1,carol@example.com,Carol\nE-2,dave@example.com,Dave\n";
    crate::spreadsheets::take(&app, &[("users.csv", rows)]).await;
    let found = async |filter: Value| {
        let query = "query($f: UserFilter) { users(filter: $f) { nodes { email } } }";
        let answer = app.data(&admin, query, json!({ "f": filter })).await;
        let nodes = answer["users"]["nodes"].as_array().unwrap().clone();
        let name = |node: &Value| {
            node["email"]
                .as_str()
                .unwrap()
                .split('@')
                .next()
                .unwrap()
                .to_owned()
        };
        nodes.iter().map(name).collect::<Vec<_>>()
    };
    assert_eq!(
        found(json!({ "emails": ["ANN@example.com ", "nobody@example.com"] })).await,
        ["ann"]
    );
    assert_eq!(
        found(json!({ "ids": [ann.id(), bob.id()] })).await,
        ["ann", "bob"]
    );
    assert_eq!(
        found(json!({ "externalIds": ["E-2", "E-1", "E-9"] })).await,
        ["carol", "dave"]
    );
    assert!(found(json!({ "ids": [] })).await.is_empty());

    let before = app.db().clock().now().to_rfc3339();
    assert!(found(json!({ "updatedSince": before })).await.is_empty());
    app.run(
        &admin,
        "updateUser",
        json!({ "userId": bob.id(), "position": "Clerk" }),
        "user { id }",
    )
    .await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    let changed = "query($id: ID!) { user(id: $id) { updatedAt } }";
    let unplanned = app.data(&bob, changed, json!({ "id": bob.id() })).await;
    let input = json!({ "userId": bob.id(), "effectiveAt": "2030-01-31T17:00:00Z" });
    app.run(&admin, "dismissUser", input, "dismissal { id }").await;
    assert_eq!(found(json!({ "updatedSince": before })).await, ["ann", "bob"]);
    assert_eq!(found(json!({ "dismissedSince": before })).await, ["ann"]);
    assert!(found(json!({ "dismissedUntil": before })).await.is_empty());
    assert_eq!(found(json!({ "dismissalScheduled": true })).await, ["bob"]);
    // Filters do not reveal planned dismissals.
    let query = "{ users(filter: {dismissalScheduled: false}) { totalCount } }";
    assert_eq!(app.error(Some(&bob.token), query, json!({})).await, "FORBIDDEN");
    assert_eq!(
        app.data(&bob, changed, json!({ "id": bob.id() })).await,
        unplanned
    );
    app.run(
        &admin,
        "cancelDismissal",
        json!({ "userId": bob.id() }),
        "dismissal { id }",
    )
    .await;
    assert_eq!(
        app.data(&bob, changed, json!({ "id": bob.id() })).await,
        unplanned
    );
    app.sound().await;
}

#[tokio::test]
async fn tasks_are_found_by_the_role_of_a_dismissed_person() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let others = json!({ "title": "theirs", "responsibleId": bob.id() });
    app.run(&bob, "createTask", others, "task { id }").await;
    for (title, responsible, participants, observers) in [
        ("responsible", &ann, json!([]), json!([])),
        ("participant", &bob, json!([ann.id()]), json!([])),
        ("observer", &bob, json!([]), json!([ann.id()])),
    ] {
        let input = json!({ "title": title, "responsibleId": responsible.id(),
            "participantIds": participants, "observerIds": observers });
        app.run(&bob, "createTask", input, "task { id }").await;
    }
    let input = json!({ "title": "creator", "responsibleId": bob.id() });
    app.run(&ann, "createTask", input, "task { id }").await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    let query = "query($f: TaskFilter) { tasks(filter: $f) { nodes { title } } }";
    for role in ["RESPONSIBLE", "CREATOR", "PARTICIPANT", "OBSERVER"] {
        let found = app
            .data(
                &admin,
                query,
                json!({ "f": { "heldByDismissed": true, "role": role } }),
            )
            .await;
        assert_eq!(
            found["tasks"]["nodes"],
            json!([{ "title": role.to_lowercase() }]),
            "{role}"
        );
        let others = json!({ "f": { "heldByDismissed": false, "role": role } });
        let others = app.data(&admin, query, others).await;
        assert_eq!(others["tasks"]["nodes"].as_array().unwrap().len(), 4, "{role}");
    }
    let alone = json!({ "f": { "role": "CREATOR" } });
    assert_eq!(
        app.error(Some(&admin.token), query, alone).await,
        "BAD_USER_INPUT"
    );
}

#[tokio::test]
async fn work_is_found_by_department_deadline_and_last_update() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let team = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Team" }),
            "department { id }",
        )
        .await;
    let team = team["department"]["id"].as_str().unwrap().to_owned();
    let below = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Below", "parentId": team }),
            "department { id }",
        )
        .await;
    let input = json!({ "userId": ann.id(), "departmentId": below["department"]["id"] });
    app.run(&admin, "updateUser", input, "user { id }").await;
    for (title, person, deadline) in [
        ("a", &ann, "2027-01-01T00:00:00Z"),
        ("b", &bob, "2027-06-01T00:00:00Z"),
    ] {
        let input = json!({ "title": title, "responsibleId": person.id(), "deadline": deadline });
        app.run(&admin, "createTask", input, "task { id }").await;
        let input = json!({ "kind": "LEAD", "title": title, "responsibleId": person.id() });
        app.run(&admin, "createCrmItem", input, "item { id }").await;
    }
    let titles = async |list: &str, kind: &str, filter: Value| {
        let query = format!("query($f: {kind}) {{ {list}(filter: $f) {{ nodes {{ title }} }} }}");
        let answer = app.data(&admin, &query, json!({ "f": filter })).await;
        let nodes = answer[list]["nodes"].as_array().unwrap().clone();
        nodes
            .iter()
            .map(|node| node["title"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let before = app.db().clock().now().to_rfc3339();
    for (list, kind) in [("tasks", "TaskFilter"), ("crmItems", "CrmItemFilter")] {
        assert_eq!(
            titles(list, kind, json!({ "departmentId": team })).await,
            ["a"],
            "{list}"
        );
        assert!(
            titles(list, kind, json!({ "updatedSince": before }))
                .await
                .is_empty(),
            "{list}"
        );
    }
    assert_eq!(
        titles(
            "tasks",
            "TaskFilter",
            json!({ "deadlineBefore": "2027-03-01T00:00:00Z" })
        )
        .await,
        ["a"]
    );
    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": ann.id() } },
        { "kind": "CRM_LEAD", "to": { "userId": ann.id() } },
    ]);
    let input = json!({ "fromUserId": bob.id(), "moves": moves });
    app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    for (list, kind) in [("tasks", "TaskFilter"), ("crmItems", "CrmItemFilter")] {
        assert_eq!(
            titles(list, kind, json!({ "updatedSince": before })).await,
            ["b"],
            "{list}"
        );
    }
    let query = "{ tasks(first: 1) { nodes { createdAt updatedAt } } crmItems(first: 1) { nodes { createdAt updatedAt } } }";
    let answer = app.data(&admin, query, json!({})).await;
    for list in ["tasks", "crmItems"] {
        let node = &answer[list]["nodes"][0];
        assert_ne!(node["createdAt"], node["updatedAt"], "{list}");
    }
}
