//! No argument causes an INTERNAL error: lists of tens of thousands, NUL, times out of range, cursors of other lists.
//! NUL is always refused, and names must not be invisible or contain bidirectional controls. The arguments come from
//! the served schema, so that none is forgotten.

use std::collections::BTreeMap;

use async_graphql::parser::types::{FieldDefinition, InputValueDefinition, Type};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::webhook::Model as Webhook;
use serde_json::{Value, json};

use crate::openid::provider::Provider;
use crate::scim::add_directory;
use crate::support::served::{Served, is_list, item_of};
use crate::support::{Backend, Person, TestApp};

/// More than the parameter limits of SQLite (32,766) and PostgreSQL (65,535), as far as a body of 1 MiB allows.
fn long_list(item: &Value) -> Value {
    let wanted = match Backend::here() {
        Backend::Sqlite => 40_000,
        Backend::Postgres(_) => 70_000,
    };
    let room = 900_000 / (item.to_string().len() + 1);
    Value::Array(vec![item.clone(); wanted.min(room)])
}

/// Plausible cursors of other lists.
fn cursors() -> Vec<Value> {
    let id = "00000000-0000-0000-0000-000000000000";
    let keys = [
        "",
        "tabc",
        "ta\u{0}b",
        "d2024-01-01",
        "d+262000-01-01",
        "m99999999999",
        "m8000000000000000000",
        "m-8000000000000000000",
        "m4611686018427387904",
        "x",
    ];
    let tags = ["id", "name", "email", "hired", "dismissed", "starts", "kind"];
    let pairs = tags
        .iter()
        .flat_map(|tag| keys.map(|key| format!("{tag}\n{id}\n{key}")));
    let mut found: Vec<Value> = pairs
        .map(|text| json!(BASE64_URL_SAFE_NO_PAD.encode(text)))
        .collect();
    found.extend([json!("nonsense"), json!("a\u{0}b"), json!("x".repeat(500_000))]);
    found
}

/// Invalid values for an argument of this type and name, given a valid one.
fn wrong(place: &str, ty: &Type, right: &Value) -> Vec<Value> {
    let item = match right {
        Value::Array(items) => items.first().cloned().unwrap_or(Value::Null),
        other => other.clone(),
    };
    let odd: Vec<Value> = match item_of(ty).as_str() {
        "String" if place.ends_with("after") || place.ends_with("before") => cursors(),
        "String" | "ID" => vec![
            json!("a\u{0}b"),
            json!("\u{0}"),
            json!("\u{200b}"),
            json!("a\u{202e}b"),
            json!("x".repeat(100_000)),
        ],
        "DateTime" => [
            "-9999-01-01T00:00:00Z",
            "+262000-01-01T00:00:00Z",
            "0000-01-01T00:00:00Z",
        ]
        .map(|at| json!(at))
        .to_vec(),
        "Date" => ["-9999-01-01", "+262000-01-01", "1969-01-01"]
            .map(|at| json!(at))
            .to_vec(),
        "Int" => vec![json!(i32::MAX), json!(i32::MIN)],
        "Decimal" => vec![json!("9".repeat(30)), json!("-1e28")],
        _ => Vec::new(),
    };
    match is_list(ty) {
        true => odd
            .into_iter()
            .map(|odd| json!([odd]))
            .chain([long_list(&item), json!([])])
            .collect(),
        false => odd,
    }
}

struct Tries<'a> {
    served: &'a Served,
    /// Existing ids by the name of the field that takes them.
    ids: BTreeMap<&'static str, String>,
    admin: &'a Person,
}

impl Tries<'_> {
    /// A valid value of this type; required fields only for input types.
    fn right(&self, name: &str, ty: &Type) -> Value {
        let item = item_of(ty);
        let value = match self.served.inputs(&item) {
            Some(fields) => {
                let one = usize::from(self.served.is_one_of(&item));
                let required = fields.iter().filter(|field| !field.ty.node.nullable);
                let fields = required.chain(fields.iter().take(one)).map(|field| {
                    let name = field.name.node.to_string();
                    let value = self.right(&name, &field.ty.node);
                    (name, value)
                });
                Value::Object(fields.collect())
            }
            None => match item.as_str() {
                "ID" => json!(self.ids.get(name).cloned().unwrap_or_else(|| self.admin.id())),
                "DateTime" => json!("2027-01-01T00:00:00Z"),
                "Date" => json!("2027-01-01"),
                "Int" => json!(1),
                "Float" => json!(1.5),
                "Boolean" => json!(true),
                "Decimal" => json!("1.00"),
                "String" if name == "currency" => json!("EUR"),
                "String" if name == "email" => json!("someone@example.net"),
                "String" if name == "redirectUris" => json!("https://app.example/"),
                "String" if name == "recurrence" => json!("FREQ=DAILY"),
                "String" => json!("some text"),
                other => json!(self.served.values(other).unwrap_or_default().first()),
            },
        };
        if is_list(ty) { json!([value]) } else { value }
    }

    /// All arguments with one value replaced by an invalid one: `(path, arguments)`.
    fn variants(&self, arguments: &[&InputValueDefinition]) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        for argument in arguments {
            let name = argument.name.node.to_string();
            let required = arguments
                .iter()
                .filter(|other| !other.ty.node.nullable && other.name.node != argument.name.node);
            let mut given: serde_json::Map<String, Value> = required
                .map(|other| {
                    (
                        other.name.node.to_string(),
                        self.right(&other.name.node, &other.ty.node),
                    )
                })
                .collect();
            for (place, value) in self.values(&name, &argument.ty.node, 0) {
                given.insert(name.clone(), value);
                all.push((place, Value::Object(given.clone())));
            }
        }
        all
    }

    /// Invalid values for one argument and for the fields below it.
    fn values(&self, place: &str, ty: &Type, depth: usize) -> Vec<(String, Value)> {
        let name = place.rsplit('.').next().unwrap_or(place);
        let right = self.right(name, ty);
        let mut all: Vec<(String, Value)> = wrong(place, ty, &right)
            .into_iter()
            .map(|value| (place.to_owned(), value))
            .collect();
        let Some(fields) = self.served.inputs(&item_of(ty)).filter(|_| depth < 4) else {
            return all;
        };
        for field in fields {
            let below = format!("{place}.{}", field.name.node);
            for (place, value) in self.values(&below, &field.ty.node, depth + 1) {
                let mut whole = right.clone();
                let object = if is_list(ty) { &mut whole[0] } else { &mut whole };
                if self.served.is_one_of(&item_of(ty)) {
                    *object = json!({});
                }
                object[field.name.node.as_str()] = value;
                all.push((place, whole));
            }
        }
        all
    }

    /// A selection that exercises the resolver.
    fn selection(&self, ty: &Type) -> String {
        let item = item_of(ty);
        let fields = self.served.fields(&item);
        let has = |name: &str| fields.iter().any(|field| field.name.node == name);
        if has("totalCount") {
            "{ totalCount nodes { __typename } pageInfo { endCursor } }".to_owned()
        } else if has("userErrors") {
            "{ userErrors { code field } }".to_owned()
        } else if self.served.is_object(&item) || self.served.is_interface(&item) {
            "{ __typename }".to_owned()
        } else {
            String::new()
        }
    }
}

/// The variable declarations, and the field with the variables as arguments.
fn call(field: &FieldDefinition, given: &Value, selection: &str) -> (String, String) {
    let name = &field.name.node;
    let arguments = field.arguments.iter().map(|argument| &argument.node);
    let given: Vec<_> = arguments
        .filter(|argument| given.get(argument.name.node.as_str()).is_some())
        .collect();
    let declared: Vec<String> = given
        .iter()
        .map(|argument| format!("${}: {}", argument.name.node, argument.ty.node))
        .collect();
    let passed: Vec<String> = given
        .iter()
        .map(|argument| format!("{0}: ${0}", argument.name.node))
        .collect();
    (
        declared.join(", "),
        format!("{name}({}) {selection}", passed.join(", ")),
    )
}

/// A query that reaches a field of an object type.
fn way_to(parent: &str, ids: &BTreeMap<&'static str, String>) -> Option<String> {
    let node = |kind: &str, key: &str| {
        let id = ids.get(key)?;
        Some(format!("node(id: \"{id}\") {{ ... on {kind} {{ FIELD }} }}"))
    };
    match parent {
        "Calendar" => node("Calendar", "calendarId"),
        "Folder" => node("Folder", "folderId"),
        "CrmItem" => node("CrmItem", "itemId"),
        "Department" => node("Department", "departmentId"),
        "Handover" => node("Handover", "handoverId"),
        "User" => node("User", "userId"),
        "Directory" => node("Directory", "directoryId"),
        "Webhook" => node("Webhook", "webhookId"),
        _ => None,
    }
}

async fn something_of_each(app: &TestApp, admin: &Person, ann: &Person) -> BTreeMap<&'static str, String> {
    let made = async |name: &str, input: Value, field: &str| {
        let payload = app.run(admin, name, input, &format!("{field} {{ id }}")).await;
        payload[field]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{payload}"))
            .to_owned()
    };
    let mut ids = BTreeMap::new();
    ids.insert("userId", ann.id());
    ids.insert("fromUserId", ann.id());
    let department = made("setDepartment", json!({ "name": "Team" }), "department").await;
    ids.insert("departmentId", department);
    let task = json!({ "title": "Task", "responsibleId": ann.id() });
    ids.insert("taskId", made("createTask", task, "task").await);
    let template = json!({ "title": "Task", "responsibleId": ann.id(), "recurrence": "FREQ=DAILY" });
    ids.insert(
        "templateId",
        made("createTaskTemplate", template, "template").await,
    );
    let calendar = made("createCalendar", json!({ "name": "Mine" }), "calendar").await;
    let event = json!({
        "calendarId": calendar, "title": "Daily", "recurrence": "FREQ=DAILY",
        "startsAt": "2026-01-01T09:00:00Z", "endsAt": "2026-01-01T10:00:00Z",
    });
    ids.insert("eventId", made("createEvent", event, "event").await);
    ids.insert("calendarId", calendar);
    let deal = made(
        "createCrmItem",
        json!({ "kind": "DEAL", "title": "Deal" }),
        "item",
    )
    .await;
    let activity = json!({ "itemId": deal, "kind": "CALL", "subject": "Call" });
    ids.insert(
        "activityId",
        made("createCrmActivity", activity, "activity").await,
    );
    ids.insert("itemId", deal);
    let drive = app
        .data(admin, "{ viewer { user { drive { id } } } }", json!({}))
        .await;
    let drive = drive["viewer"]["user"]["drive"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let folder = json!({ "parentId": drive, "name": "Folder" });
    ids.insert("folderId", made("createFolder", folder, "folder").await);
    ids.insert("toFolderId", drive.clone());
    ids.insert("parentId", drive);
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": admin.id() } }]);
    let moved = json!({ "fromUserId": ann.id(), "moves": moves });
    ids.insert("handoverId", made("bulkReassign", moved, "handover").await);
    app.drain().await;
    let (directory, _) = add_directory(app, admin, "Okta").await;
    ids.insert("directoryId", directory);
    // Nothing is sent here: the address is refused at each attempt.
    let webhook = Webhook {
        integration_id: None,
        secret_shown_to_id: admin.id,
        ..crate::webhooks::stored(app, "https://127.0.0.1/")
    };
    ids.insert("webhookId", webhook.id.to_string());
    crate::webhooks::store(app, webhook).await;
    let provider = Provider::start().await;
    ids.insert("providerId", provider.register(app, admin, json!({})).await);
    ids
}

/// Whether the payload of a mutation has user errors.
fn has_user_errors(answer: &Value) -> bool {
    let payloads = answer["data"].as_object().into_iter().flatten();
    payloads
        .filter_map(|(_, payload)| payload["userErrors"].as_array())
        .any(|errors| !errors.is_empty())
}

/// Whether a text is invisible or contains bidirectional controls.
fn is_unseen(variables: &str) -> bool {
    variables.contains("\"\u{200b}\"") || variables.contains('\u{202e}')
}

/// Mutations that would break the rest of the test.
const NOT_TRIED: [&str; 1] = ["signOut"];

#[tokio::test]
async fn no_argument_causes_an_internal_error() {
    let app = crate::openid::app().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let served = &Served::read();
    let ids = something_of_each(&app, &admin, &ann).await;
    let tries = Tries {
        served,
        ids: ids.clone(),
        admin: &admin,
    };
    let mut failed = Vec::new();
    let mut taken = Vec::new();
    let mut unnamed = Vec::new();
    let mut nowhere = Vec::new();
    let mut count = 0;
    let nested = served
        .implementing("Node")
        .into_iter()
        .map(|name| ("query", name, way_to(name, &ids)));
    let roots = [
        ("query", "Query", Some("FIELD".to_owned())),
        ("mutation", "Mutation", Some("FIELD".to_owned())),
    ];
    for (operation, parent, way) in roots.into_iter().chain(nested) {
        for field in served.fields(parent) {
            if field.arguments.is_empty() || NOT_TRIED.contains(&field.name.node.as_str()) {
                continue;
            }
            let Some(way) = &way else {
                nowhere.push(format!("{parent}.{}", field.name.node));
                continue;
            };
            let selection = tries.selection(&field.ty.node);
            let arguments: Vec<_> = field.arguments.iter().map(|argument| &argument.node).collect();
            for (place, variables) in tries.variants(&arguments) {
                count += 1;
                let (declared, called) = call(field, &variables, &selection);
                let query = format!("{operation}({declared}) {{ {} }}", way.replace("FIELD", &called));
                let (_, answer) = app.ask(Some(&admin.token), &query, variables.clone()).await;
                let code = answer["errors"][0]["extensions"]["code"]
                    .as_str()
                    .unwrap_or("none");
                let name = format!("{}({place})", field.name.node);
                let mut shown = variables.to_string();
                shown.truncate(shown.floor_char_boundary(200));
                match code {
                    "INTERNAL" => failed.push(format!("{name}: {shown}")),
                    "BAD_USER_INPUT" => {
                        let message = answer["errors"][0]["message"].as_str().unwrap_or_default();
                        let field = place.rsplit('.').next().unwrap_or_default();
                        if !message.contains(field) {
                            unnamed.push(format!("{name}: {message}"));
                        }
                    }
                    _ => {}
                }
                // Invisible text is refused in names but allowed in searches.
                let text = variables.to_string();
                let refused = code != "none" || has_user_errors(&answer);
                // A dismissal that moves nothing has no revision to compare.
                let kept = !place.ends_with(".expectedRevision");
                if kept
                    && !refused
                    && (text.contains("\\u0000") || (operation == "mutation" && is_unseen(&text)))
                {
                    taken.push(format!("{name}: {shown}"));
                }
            }
        }
    }
    println!("{count} requests");
    assert!(
        failed.is_empty(),
        "{} of {count}:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        taken.is_empty(),
        "{} are taken:\n{}",
        taken.len(),
        taken.join("\n")
    );
    assert!(
        unnamed.is_empty(),
        "{} name no field:\n{}",
        unnamed.len(),
        unnamed.join("\n")
    );
    assert!(nowhere.is_empty(), "not reached: {nowhere:?}");
}

/// Each sort order has its own cursors.
#[tokio::test]
async fn a_cursor_of_another_order_is_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let fields = Served::read().values("UserOrderField").unwrap();
    let query = |field: &str| {
        format!(
            "query($after: String) {{ users(first: 1, after: $after, orderBy: {{field: {field}, direction: ASC}}) \
                 {{ pageInfo {{ endCursor }} }} }}"
        )
    };
    for field in &fields {
        let own = app.data(&admin, &query(field), json!({})).await["users"]["pageInfo"]["endCursor"].clone();
        app.data(&admin, &query(field), json!({ "after": own })).await;
        let odd = cursors();
        let others = odd.iter().filter(|cursor| **cursor != own);
        for cursor in others {
            let (_, answer) = app
                .ask(Some(&admin.token), &query(field), json!({ "after": cursor }))
                .await;
            let code = &answer["errors"][0]["extensions"]["code"];
            assert_ne!(code, "INTERNAL", "{field}: {cursor}: {answer}");
        }
    }
}
