//! Visibility of people and tasks for employees, heads and administrators. Calendars, files and CRM records have their
//! own tables in `calendar/access.rs`, `drive/access.rs` and `crm_access.rs`.

use entity::user::Role;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

/// Creates a department with a head and members.
async fn department(
    app: &TestApp,
    admin: &Person,
    name: &str,
    head: &Person,
    parent: Option<&str>,
) -> String {
    let input = json!({ "name": name, "headId": head.id(), "parentId": parent });
    let made = app.run(admin, "setDepartment", input, "department { id }").await;
    made["department"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned()
}

async fn join(app: &TestApp, admin: &Person, person: &Person, department: &str) {
    let input = json!({ "userId": person.id(), "departmentId": department });
    app.run(admin, "updateUser", input, "user { id }").await;
}

#[tokio::test]
async fn tasks_and_recurring_tasks() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut people = Vec::new();
    for name in [
        "creator", "doer", "helper", "watcher", "head", "above", "lead", "other",
    ] {
        people.push(app.person(name, Role::Employee).await);
    }
    let [creator, doer, helper, watcher, head, above, lead, other] =
        people.try_into().unwrap_or_else(|_| panic!());
    // The responsible works under `head`, who is under `above`; the participant under `lead`.
    let top = department(&app, &admin, "Top", &above, None).await;
    let team = department(&app, &admin, "Team", &head, Some(&top)).await;
    let side = department(&app, &admin, "Side", &lead, None).await;
    join(&app, &admin, &doer, &team).await;
    join(&app, &admin, &helper, &side).await;
    join(&app, &admin, &other, &team).await;

    let mut input = json!({
        "title": "Plan", "responsibleId": doer.id(),
        "participantIds": [helper.id()], "observerIds": [watcher.id()],
    });
    let task = app
        .run(&creator, "createTask", input.clone(), "task { id }")
        .await["task"]["id"]
        .clone();
    input["recurrence"] = json!("FREQ=YEARLY");
    let template = app
        .run(&creator, "createTaskTemplate", input, "template { id }")
        .await["template"]["id"]
        .clone();

    for (kind, id, list) in [("task", &task, "tasks"), ("template", &template, "taskTemplates")] {
        // (person, can read, can write)
        for (who, sees, changes) in [
            (&creator, true, true),
            (&doer, true, true),
            (&helper, true, false),
            (&watcher, true, false),
            (&head, true, true),
            (&above, true, true),
            (&lead, true, false),
            (&admin, true, true),
            (&other, false, false),
        ] {
            let name = format!("{} and the {kind}", who.email);
            let node = app
                .data(
                    who,
                    "query($id: ID!) { node(id: $id) { id } }",
                    json!({ "id": id }),
                )
                .await;
            assert_eq!(!node["node"].is_null(), sees, "{name}");
            let listed = app
                .data(who, &format!("{{ {list} {{ totalCount }} }}"), json!({}))
                .await;
            assert_eq!(listed[list]["totalCount"], i32::from(sees), "{name}");
            assert_eq!(
                change(&app, who, kind, id).await,
                expected(sees, changes),
                "{name}"
            );
        }
    }
    app.sound().await;
}

fn expected(sees: bool, changes: bool) -> &'static str {
    match (sees, changes) {
        (true, true) => "done",
        (true, false) => "FORBIDDEN",
        _ => "NOT_FOUND",
    }
}

async fn change(app: &TestApp, who: &Person, kind: &str, id: &Value) -> String {
    let query = match kind {
        "task" => {
            "mutation($id: ID!) { done: updateTask(input: {taskId: $id, title: \"New\"}) { userErrors { code } } }"
        }
        _ => {
            "mutation($id: ID!) { done: updateTaskTemplate(input: {templateId: $id, title: \"New\"}) { userErrors { code } } }"
        }
    };
    let (_, answer) = app.ask(Some(&who.token), query, json!({ "id": id })).await;
    let told = answer["errors"][0]["extensions"]["code"].as_str();
    let refused = answer["data"]["done"]["userErrors"][0]["code"].as_str();
    told.or(refused).unwrap_or("done").to_owned()
}

#[tokio::test]
async fn people() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let team = department(&app, &admin, "Team", &bob, None).await;
    join(&app, &admin, &ann, &team).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { id }",
    )
    .await;
    let eve = app.employee("eve").await;
    for shown in [true, false] {
        app.run(
            &admin,
            "updateSettings",
            json!({ "showDismissedEmployees": shown }),
            "settings { showDismissedEmployees }",
        )
        .await;
        // (person, sees dismissed people in lists)
        for (who, sees) in [(&admin, true), (&bob, shown), (&eve, shown)] {
            let query = "query($id: ID!) { users { totalCount } gone: users(filter: {dismissed: true}) { totalCount } \
                         user(id: $id) { name } }";
            let found = app.data(who, query, json!({ "id": ann.id() })).await;
            let name = format!("{} when it is {shown}", who.email);
            assert_eq!(found["users"]["totalCount"], 3 + i32::from(sees), "{name}");
            assert_eq!(found["gone"]["totalCount"], i32::from(sees), "{name}");
            // Names stay readable on related objects.
            assert_eq!(found["user"]["name"], "ann", "{name}");
        }
    }
    app.sound().await;
}
