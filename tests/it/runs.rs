//! Handover runs: crashes, rows refused by the database, cancellation, retry.

use std::time::Duration;

use handover::store::db;
use sea_orm::DbBackend;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn start(app: &TestApp, admin: &Person, from: &Person, to: &[&Person]) -> Value {
    let to: Vec<String> = to.iter().map(|person| person.id()).collect();
    let input = json!({
        "fromUserId": from.id(), "moves": [{ "kind": "TASK_RESPONSIBLE", "to": { "evenlyAmong": to } }],
    });
    app.run(admin, "bulkReassign", input, "handover { id state }")
        .await["handover"]["id"]
        .clone()
}

async fn look(app: &TestApp, admin: &Person, id: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { state total moved skipped failed } } }";
    app.data(admin, query, json!({ "id": id })).await["node"].clone()
}

async fn let_leases_run_out(app: &TestApp) {
    let sql = "UPDATE outbox_messages SET leased_until = NULL";
    db::execute(app.raw(), sql, []).await.unwrap();
}

#[tokio::test]
async fn a_repeatedly_killed_run_moves_each_item_once() {
    let app = TestApp::with_chunk(25).await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(1_000, &admin, &ann).await;
    let id = start(&app, &admin, &ann, &[&bob, &eve]).await;
    for _ in 0..12 {
        let worker = handover::server::start(&app.app);
        tokio::time::sleep(Duration::from_millis(25)).await;
        // Killed at an arbitrary point.
        worker.abort();
        let _killed = worker.await;
        let_leases_run_out(&app).await;
    }
    // A commit in flight at the last kill may still succeed and renew the lease.
    for _ in 0..100 {
        app.drain().await;
        if app.messages().await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        let_leases_run_out(&app).await;
    }
    let result = look(&app, &admin, &id).await;
    assert_eq!(
        result,
        json!({ "state": "SUCCEEDED", "total": 1_000, "moved": 1_000, "skipped": 0, "failed": 0 })
    );
    assert_eq!(
        (
            app.tasks_of(&ann).await,
            app.tasks_of(&bob).await,
            app.tasks_of(&eve).await
        ),
        (0, 500, 500)
    );
    app.sound().await;
}

#[tokio::test]
async fn a_row_refused_by_the_database_fails_alone_and_can_be_retried() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let tasks = app.tasks(100, &admin, &ann).await;
    let poison = tasks[57];
    let hex = poison.0.simple().to_string();
    let statements = match app.db().backend() {
        DbBackend::Postgres => vec![
            "CREATE FUNCTION poison() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'poison'; END $$ LANGUAGE plpgsql".to_owned(),
            format!(
                "CREATE TRIGGER poison BEFORE UPDATE ON tasks FOR EACH ROW WHEN (OLD.id = '{hex}') EXECUTE FUNCTION poison()"
            ),
        ],
        _ => vec![format!(
            "CREATE TRIGGER poison BEFORE UPDATE ON tasks WHEN OLD.id = x'{hex}' BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )],
    };
    for statement in &statements {
        db::execute(app.raw(), statement, []).await.unwrap();
    }
    let id = start(&app, &admin, &ann, &[&bob]).await;
    app.drain().await;
    let result = look(&app, &admin, &id).await;
    assert_eq!(
        result,
        json!({ "state": "PARTIAL", "total": 100, "moved": 99, "skipped": 0, "failed": 1 })
    );
    let left = app
        .data(
            &admin,
            "query($id: ID!) { node(id: $id) { ... on Handover {
               entries(outcome: FAILED) { nodes { reason subject { id } } } } } }",
            json!({ "id": id }),
        )
        .await;
    assert_eq!(
        left["node"]["entries"]["nodes"],
        json!([{ "reason": "REFUSED_BY_DATABASE", "subject": { "id": poison.to_string() } }])
    );

    let on = if app.db().backend() == DbBackend::Postgres {
        " ON tasks"
    } else {
        ""
    };
    db::execute(app.raw(), &format!("DROP TRIGGER poison{on}"), [])
        .await
        .unwrap();
    app.run(
        &admin,
        "retryHandover",
        json!({ "handoverId": id }),
        "handover { state }",
    )
    .await;
    app.drain().await;
    let result = look(&app, &admin, &id).await;
    assert_eq!(
        result,
        json!({ "state": "SUCCEEDED", "total": 100, "moved": 100, "skipped": 0, "failed": 0 })
    );
    app.sound().await;
}

#[tokio::test]
async fn a_recipient_dismissed_during_the_run_gets_nothing() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(10, &admin, &ann).await;
    let id = start(&app, &admin, &ann, &[&bob, &eve]).await;
    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": bob.id() }),
        "user { id }",
    )
    .await;
    app.drain().await;
    let result = look(&app, &admin, &id).await;
    assert_eq!(
        result,
        json!({ "state": "PARTIAL", "total": 10, "moved": 5, "skipped": 0, "failed": 5 })
    );
    assert_eq!(
        (
            app.tasks_of(&ann).await,
            app.tasks_of(&bob).await,
            app.tasks_of(&eve).await
        ),
        (5, 0, 5)
    );
    app.sound().await;
}

#[tokio::test]
async fn a_cancelled_handover_can_be_undone() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.tasks(10, &admin, &ann).await;
    let id = start(&app, &admin, &ann, &[&bob]).await;
    let refused =
        json!({ "fromUserId": ann.id(), "moves": [{ "kind": "CRM_DEAL", "to": { "userId": bob.id() } }] });
    assert_eq!(
        app.refusal(&admin, "bulkReassign", refused).await,
        ["HANDOVER_IN_PROGRESS"]
    );
    app.run(
        &admin,
        "cancelHandover",
        json!({ "handoverId": id }),
        "handover { state }",
    )
    .await;
    app.drain().await;
    assert_eq!(look(&app, &admin, &id).await["state"], "CANCELLED");
    assert_eq!(app.tasks_of(&ann).await, 10);
    assert_eq!(
        app.refusal(&admin, "undoHandover", json!({ "handoverId": id }))
            .await,
        ["NOT_UNDOABLE handoverId"]
    );
    app.sound().await;
}
