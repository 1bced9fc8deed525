//! Relations reveal no more than `node`: a visible object may have relations to hidden ones. The relations come from
//! the served schema, so that none is forgotten.

use serde_json::{Value, json};

use crate::support::served::{Served, item_of};
use crate::support::{Person, TestApp};

/// Ann can see one object of each kind, and none of its relations.
async fn little_of_each(
    app: &TestApp,
    admin: &Person,
    ann: &Person,
    bob: &Person,
) -> Vec<(&'static str, String)> {
    let made = async |who: &Person, name: &str, input: Value, field: &str| {
        let payload = app.run(who, name, input, &format!("{field} {{ id }}")).await;
        payload[field]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{payload}"))
            .to_owned()
    };
    let mut seen = vec![("User", bob.id()), ("User", ann.id())];
    let calendar = made(bob, "createCalendar", json!({ "name": "Board only" }), "calendar").await;
    let event = json!({
        "calendarId": calendar, "title": "Lunch", "attendeeIds": [ann.id()],
        "startsAt": "2027-01-01T12:00:00Z", "endsAt": "2027-01-01T13:00:00Z",
    });
    seen.push(("Event", made(bob, "createEvent", event, "event").await));
    let deal = made(
        bob,
        "createCrmItem",
        json!({ "kind": "DEAL", "title": "Secret" }),
        "item",
    )
    .await;
    let call = json!({ "itemId": deal, "kind": "CALL", "subject": "Call", "responsibleId": ann.id() });
    seen.push((
        "CrmActivity",
        made(admin, "createCrmActivity", call, "activity").await,
    ));
    let drive = app
        .data(bob, "{ viewer { user { drive { id } } } }", json!({}))
        .await;
    let folder = json!({ "parentId": drive["viewer"]["user"]["drive"]["id"], "name": "Bob's" });
    let folder = made(bob, "createFolder", folder, "folder").await;
    let shared = made(
        bob,
        "createFolder",
        json!({ "parentId": folder, "name": "Shared" }),
        "folder",
    )
    .await;
    let share = json!({ "folderId": shared, "with": [ann.id()], "access": "READ" });
    app.run(bob, "shareFolder", share, "").await;
    let below = made(
        bob,
        "createFolder",
        json!({ "parentId": shared, "name": "Below" }),
        "folder",
    )
    .await;
    seen.extend([("Folder", shared), ("Folder", below)]);
    let task = json!({ "title": "Task", "responsibleId": bob.id(), "observerIds": [ann.id()] });
    seen.push(("Task", made(bob, "createTask", task.clone(), "task").await));
    let mut template = task;
    template["recurrence"] = json!("FREQ=DAILY");
    seen.push((
        "TaskTemplate",
        made(bob, "createTaskTemplate", template, "template").await,
    ));
    let department = made(admin, "setDepartment", json!({ "name": "Team" }), "department").await;
    seen.push(("Department", department));
    let gone = app.employee("gone").await;
    app.run(
        admin,
        "dismissUser",
        json!({ "userId": gone.id(), "reason": "Secret" }),
        "user { id }",
    )
    .await;
    seen.push(("User", gone.id()));
    seen
}

/// All ids in an answer.
fn ids(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(fields) => {
            found.extend(fields.get("id").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| ids(field, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn a_relation_shows_no_more_than_its_node() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let seen = little_of_each(&app, &admin, &ann, &bob).await;
    let served = Served::read();
    let nodes = served.implementing("Node");
    let leads_to_node = |name: &str| {
        let fields = served.fields(name);
        let item = fields.iter().find(|field| field.name.node == "nodes");
        let name = item.map_or(name.to_owned(), |field| item_of(&field.ty.node));
        nodes.contains(&name.as_str()) || served.is_interface(&name)
    };
    let (mut more, mut count) = (Vec::new(), 0);
    for who in [&ann, &admin] {
        for (kind, id) in &seen {
            let visible = app
                .data(
                    who,
                    "query($id: ID!) { node(id: $id) { id } }",
                    json!({ "id": id }),
                )
                .await;
            assert!(
                !visible["node"].is_null(),
                "{} does not see {kind} {id}",
                who.email
            );
            for field in served.fields(kind) {
                let (name, item) = (&field.name.node, item_of(&field.ty.node));
                let required = field
                    .arguments
                    .iter()
                    .any(|argument| !argument.node.ty.node.nullable);
                if required || !leads_to_node(&item) {
                    continue;
                }
                let selection = match served
                    .fields(&item)
                    .iter()
                    .any(|field| field.name.node == "nodes")
                {
                    true => "nodes { ... on Node { id } }",
                    false => "... on Node { id }",
                };
                let query = format!(
                    "query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {name} {{ {selection} }} }} }} }}"
                );
                let (_, answer) = app.ask(Some(&who.token), &query, json!({ "id": id })).await;
                let mut found = Vec::new();
                ids(&answer["data"]["node"], &mut found);
                for found in found {
                    count += 1;
                    let node = app
                        .data(
                            who,
                            "query($id: ID!) { node(id: $id) { id } }",
                            json!({ "id": found }),
                        )
                        .await;
                    if node["node"].is_null() {
                        more.push(format!("{}: {kind}.{name} shows {found}", who.email));
                    }
                }
            }
        }
    }
    println!("{count} relations");
    assert!(count > 20, "the relations are looked at: {count}");
    assert!(more.is_empty(), "{}", more.join("\n"));
}
