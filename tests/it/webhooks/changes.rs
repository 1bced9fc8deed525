//! The list of changes: complete and in order, also while they are made.

#![expect(
    clippy::disallowed_methods,
    reason = "writers and readers run beside each other"
)]

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::DepartmentId;
use handover::domain::webhooks::publish;
use handover::store::db::Tx;
use handover::store::journal::{self, Action, Author};
use serde_json::{Value, json};

use super::{app, change};
use crate::integrations;
use crate::support::{Person, TestApp};

const CHANGES: &str = "query($after: String, $types: [WebhookEvent!]) { changes(after: $after, types: $types, first: 100) { \
    nodes { id type subject { id } } pageInfo { endCursor hasNextPage } } }";

/// The changes after a cursor, and the cursor after them.
async fn page(app: &TestApp, by: &Person, after: &Value, types: Value) -> (Vec<Value>, Value) {
    let variables = json!({ "after": after, "types": types });
    let found = app.data(by, CHANGES, variables).await["changes"].clone();
    let nodes = found["nodes"].as_array().unwrap().clone();
    (nodes, found["pageInfo"]["endCursor"].clone())
}

#[tokio::test]
async fn they_are_listed_oldest_first_by_type() {
    let (app, _) = app().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let sales = change(&app, &admin, "Sales").await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "handover { id }",
    )
    .await;
    // No event.
    app.run(
        &admin,
        "createTask",
        json!({ "title": "Task", "responsibleId": admin.id() }),
        "task { id }",
    )
    .await;
    let (mut all, end) = page(&app, &admin, &Value::Null, Value::Null).await;
    // The first token was signed with a new key.
    all.retain(|one| one["type"] != "KEYS_ROTATED");
    let types: Vec<_> = all.iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["DEPARTMENT_CREATED", "USER_DISMISSED"]);
    assert_eq!(all[0]["subject"]["id"], json!(sales));
    let (later, same) = page(&app, &admin, &end, Value::Null).await;
    assert!(later.is_empty() && same == end);
    let (only, _) = page(&app, &admin, &Value::Null, json!(["USER_DISMISSED"])).await;
    assert_eq!(only.len(), 1);
    change(&app, &admin, "Next").await;
    let (next, _) = page(&app, &admin, &end, Value::Null).await;
    assert_eq!(next.len(), 1);
}

#[tokio::test]
async fn what_is_planned_and_sessions_need_more_than_read_events() {
    let (app, _) = app().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let planned = json!({ "userId": ann.id(), "effectiveAt": "2026-04-01T08:00:00Z" });
    app.run(&admin, "dismissUser", planned, "handover { id }").await;
    app.run(
        &admin,
        "endSessions",
        json!({ "userId": ann.id() }),
        "userErrors { code }",
    )
    .await;
    let listed = async |scopes: Value| {
        let made = json!({ "name": "sync", "scopes": scopes });
        let (_, token) = integrations::create(&app, &admin, made).await;
        let (_, answer) = app.ask(Some(&token), CHANGES, json!({})).await;
        let nodes = answer["data"]["changes"]["nodes"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"));
        let types = nodes.iter().map(|one| one["type"].as_str().unwrap().to_owned());
        // Of integrations created by this test.
        types
            .filter(|one| !["INTEGRATION_CREATED", "KEYS_ROTATED"].contains(&one.as_str()))
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(json!(["READ_EVENTS"])).await, [""; 0]);
    assert_eq!(
        listed(json!(["READ_EVENTS", "DISMISS_USERS"])).await,
        ["DISMISSAL_SCHEDULED"]
    );
    // By its id neither.
    let (all, _) = page(&app, &admin, &Value::Null, json!(["DISMISSAL_SCHEDULED"])).await;
    let (_, token) =
        integrations::create(&app, &admin, json!({ "name": "sync", "scopes": ["READ_EVENTS"] })).await;
    let query = "query($id: ID!) { node(id: $id) { id } }";
    let (_, answer) = app.ask(Some(&token), query, json!({ "id": all[0]["id"] })).await;
    assert_eq!(answer["data"]["node"], Value::Null);
    // An employee follows nothing.
    let (_, answer) = app.ask(Some(&ann.token), CHANGES, json!({})).await;
    assert!(answer["errors"].is_array());
}

/// Eight writers on two processes, whose transactions commit in another order than they begin in, while two readers
/// follow: each reads every change exactly once, those of a writer in the order in which they were made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_misses_nothing_and_sees_nothing_too_late() {
    const WRITERS: usize = 8;
    const EACH: usize = 25;
    let app = Arc::new(TestApp::new().await);
    let other = Arc::new(app.replica().await);
    let admin = app.administrator().await;
    let done = Arc::new(AtomicBool::new(false));
    let follow = |of: Arc<TestApp>| {
        let (admin, done) = (admin.clone(), Arc::clone(&done));
        tokio::spawn(async move {
            let (mut read, mut cursor) = (Vec::new(), Value::Null);
            loop {
                let was_done = done.load(Ordering::SeqCst);
                let (nodes, end) = page(&of, &admin, &cursor, json!(["DEPARTMENT_UPDATED"])).await;
                if nodes.is_empty() && was_done {
                    return read;
                }
                read.extend(nodes.iter().map(|one| one["id"].as_str().unwrap().to_owned()));
                cursor = end;
            }
        })
    };
    let readers = [follow(Arc::clone(&app)), follow(Arc::clone(&other))];
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let of = [&app, &other][writer % 2];
            let of = Arc::clone(of);
            tokio::spawn(async move {
                let mut made = Vec::new();
                for n in 0..EACH {
                    let id = of
                        .db()
                        .write(move |tx: Arc<Tx>| async move {
                            let subject = DepartmentId(tx.new_id());
                            let (id, _) = journal::record_with_id(
                                &tx,
                                &Author::Program("test"),
                                Action::DepartmentUpdated,
                                Some(subject.into()),
                                json!({}),
                            )
                            .await?;
                            let pause = u64::try_from((writer * 7 + n * 3) % 11).unwrap();
                            tokio::time::sleep(std::time::Duration::from_millis(pause)).await;
                            Ok(id)
                        })
                        .await
                        .unwrap();
                    made.push(entity::ChangeId(id.0).to_string());
                }
                made
            })
        })
        .collect();
    let mut made = Vec::new();
    for writer in writers {
        made.push(writer.await.unwrap());
    }
    done.store(true, Ordering::SeqCst);
    let [one, two] = readers.map(|reader| async { reader.await.unwrap() });
    let (one, two) = (one.await, two.await);
    assert_eq!(one, two, "both read the same order");
    assert_eq!(one.len(), WRITERS * EACH);
    assert_eq!(one.iter().collect::<BTreeSet<_>>().len(), WRITERS * EACH);
    for made in made {
        let of_writer: Vec<_> = one.iter().filter(|id| made.contains(id)).cloned().collect();
        assert_eq!(of_writer, made);
    }
    // What remains without a place: nothing.
    assert_eq!(publish::publish(app.db()).await.unwrap(), 0);
}
