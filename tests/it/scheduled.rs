//! Scheduled dismissals: execution, cancellation and failure.

use std::time::Duration;

use chrono::TimeDelta;
use entity::user::Role;
use handover::clock::Clock;
use handover::store::db;
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

pub fn tomorrow() -> Value {
    json!((Clock::system().now() + TimeDelta::days(1)).to_rfc3339())
}

/// Advances time past the schedule.
pub async fn a_day_passes(app: &TestApp) {
    let past = Clock::system().now() - TimeDelta::seconds(1);
    let sql = "UPDATE outbox_messages SET due_at = $1 WHERE topic = 'RUN_DISMISSAL'";
    db::execute(app.raw(), sql, [past.into()]).await.unwrap();
}

pub async fn status(app: &TestApp, admin: &Person, person: &Person) -> Value {
    let query =
        "query($id: ID!) { user(id: $id) { status dismissal { state reason failure handover { state moved } }
        dismissals { state failure } } }";
    app.data(admin, query, json!({ "id": person.id() })).await["user"].clone()
}

#[tokio::test]
async fn a_scheduled_dismissal_is_carried_out_once() {
    let app = TestApp::new().await;
    let other = app.replica().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    app.tasks(3, &admin, &ann).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "evenlyAmong": [bob.id(), admin.id()] } }]);
    let input =
        json!({ "userId": ann.id(), "effectiveAt": tomorrow(), "reason": "Retires", "handover": moves });
    let done = app
        .run(
            &admin,
            "dismissUser",
            input.clone(),
            "user { status } dismissal { state } handover { id }",
        )
        .await;
    assert_eq!(
        done,
        json!({ "user": { "status": "ACTIVE" }, "dismissal": { "state": "SCHEDULED" }, "handover": null, "userErrors": [] })
    );
    // A repeated request is idempotent; Ann is still active.
    app.run(&admin, "dismissUser", input, "").await;
    app.data(&ann, "{ viewer { user { id } } }", json!({})).await;
    app.drain().await;
    assert_eq!(status(&app, &admin, &ann).await["status"], "ACTIVE");

    a_day_passes(&app).await;
    let workers = [
        handover::server::start(&app.app),
        handover::server::start(&other.app),
    ];
    for _ in 0..100 {
        if app.messages().await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for one in [&app, &other] {
        one.app.stop.send_replace(true);
    }
    for worker in workers {
        worker.await.unwrap();
    }
    assert_eq!(
        status(&app, &admin, &ann).await,
        json!({
            "status": "DISMISSED",
            "dismissal": {
                "state": "IN_FORCE", "reason": "Retires", "failure": null,
                "handover": { "state": "SUCCEEDED", "moved": 3 },
            },
            "dismissals": [{ "state": "IN_FORCE", "failure": null }],
        })
    );
    let (status, _) = app
        .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, 401);
    let log = "{ auditLog(filter: { action: [\"dismissal.scheduled\", \"user.dismissed\"] }) { nodes { action } } }";
    let log = app.data(&admin, log, json!({})).await;
    assert_eq!(
        log["auditLog"]["nodes"],
        json!([{ "action": "user.dismissed" }, { "action": "dismissal.scheduled" }])
    );
    app.sound().await;
}

/// The number of audit entries with this action.
async fn entries(app: &TestApp, admin: &Person, action: &str) -> Value {
    let query = "query($action: [String!]) { auditLog(filter: { action: $action }) { totalCount } }";
    let log = app.data(admin, query, json!({ "action": [action] })).await;
    log["auditLog"]["totalCount"].clone()
}

#[tokio::test]
async fn a_refused_handover_does_not_prevent_the_lock_out() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let (dan, eve) = (app.employee("dan").await, app.employee("eve").await);
    app.tasks(2, &ann, &ann).await;
    let schedule = async |person: &Person, moves: Value| {
        let input = json!({ "userId": person.id(), "effectiveAt": tomorrow(), "handover": moves });
        let done = app.run(&admin, "dismissUser", input, "dismissal { state }").await;
        assert_eq!(done["dismissal"]["state"], "SCHEDULED", "{done}");
    };
    // One of two recipients has left by then; two leavers are each other's recipients.
    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } },
        { "kind": "TASK_CREATOR", "to": { "userId": admin.id() } },
    ]);
    schedule(&ann, moves).await;
    schedule(
        &dan,
        json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": eve.id() } }]),
    )
    .await;
    schedule(
        &eve,
        json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": dan.id() } }]),
    )
    .await;
    app.run(&admin, "dismissUser", json!({ "userId": bob.id() }), "")
        .await;
    a_day_passes(&app).await;
    app.drain().await;
    let failure = "recipients must be active";
    assert_eq!(
        status(&app, &admin, &ann).await,
        json!({
            "status": "DISMISSED",
            "dismissal": {
                "state": "IN_FORCE", "reason": null, "failure": failure,
                "handover": { "state": "SUCCEEDED", "moved": 2 },
            },
            "dismissals": [{ "state": "IN_FORCE", "failure": failure }],
        })
    );
    for person in [&ann, &dan, &eve] {
        let (code, _) = app
            .ask(Some(&person.token), "{ viewer { permissions } }", json!({}))
            .await;
        assert_eq!(code, 401, "{}", person.email);
        assert_eq!(status(&app, &admin, person).await["status"], "DISMISSED");
    }
    // The first of the two could still hand over; the other's recipient had left.
    let failed =
        async |person: &Person| status(&app, &admin, person).await["dismissal"]["failure"].is_string();
    assert_eq!(u8::from(failed(&dan).await) + u8::from(failed(&eve).await), 1);
    assert_eq!(entries(&app, &admin, "handover.refused").await, 2);
    assert_eq!(entries(&app, &admin, "dismissal.failed").await, 0);
    // Remaining work is listed for administrators.
    let holds = "{ users(filter: { dismissed: true, holdsWork: true }) { nodes { email } } }";
    let holds = app.data(&admin, holds, json!({})).await;
    assert_eq!(holds["users"]["nodes"], json!([{ "email": ann.email }]));
    app.sound().await;
}

#[tokio::test]
async fn a_stored_handover_that_cannot_be_read_does_not_prevent_the_lock_out() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    app.tasks(2, &admin, &ann).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": admin.id() } }]);
    let input = json!({ "userId": ann.id(), "effectiveAt": tomorrow(), "handover": moves });
    app.run(&admin, "dismissUser", input, "").await;
    let unknown = "UPDATE dismissals SET moves = REPLACE(moves, '\"user\"', '\"team\"')";
    db::execute(app.raw(), unknown, []).await.unwrap();
    a_day_passes(&app).await;
    app.drain().await;
    let found = status(&app, &admin, &ann).await;
    assert_eq!(found["status"], "DISMISSED", "{found}");
    let failure = found["dismissal"]["failure"].as_str().unwrap();
    assert!(failure.contains("bulkReassign"), "{failure}");
    assert_eq!(app.tasks_of(&ann).await, 2);
    app.sound().await;
}

#[tokio::test]
async fn the_last_administrator_stays_and_the_failure_is_recorded() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let other = app.person("other", Role::Administrator).await;
    let scopes = json!({ "name": "HR", "scopes": ["DISMISS_USERS"] });
    let made = app.run(&admin, "createIntegration", scopes, "token").await;
    let input = json!({ "userId": admin.id(), "effectiveAt": tomorrow() });
    let query = "mutation($i: DismissUserInput!) { dismissUser(input: $i) { userErrors { code } } }";
    let done = app
        .ask(made["token"].as_str(), query, json!({ "i": input }))
        .await
        .1;
    assert_eq!(done["data"]["dismissUser"]["userErrors"], json!([]), "{done}");
    app.run(&admin, "dismissUser", json!({ "userId": other.id() }), "")
        .await;
    a_day_passes(&app).await;
    app.drain().await;
    // Other administrators see it; she does not.
    let nothing = json!({ "status": "ACTIVE", "dismissal": null, "dismissals": [] });
    assert_eq!(status(&app, &admin, &admin).await, nothing);
    assert_eq!(entries(&app, &admin, "dismissal.failed").await, 0);
    let new = app.person("new", Role::Administrator).await;
    assert_eq!(
        status(&app, &new, &admin).await,
        json!({
            "status": "ACTIVE", "dismissal": null,
            "dismissals": [{ "state": "CANCELLED", "failure": "at least one active administrator who can sign in must remain" }],
        })
    );
    assert_eq!(entries(&app, &new, "dismissal.failed").await, 1);
    app.sound().await;
}

#[tokio::test]
async fn a_scheduled_dismissal_can_be_rescheduled_cancelled_and_superseded() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let both = json!({ "userIds": [ann.id(), bob.id()], "effectiveAt": tomorrow() });
    let done = app
        .run(&admin, "dismissUsers", both, "dismissals { state }")
        .await;
    assert_eq!(
        done["dismissals"],
        json!([{ "state": "SCHEDULED" }, { "state": "SCHEDULED" }])
    );
    assert_eq!(app.messages().await, 2);

    for _ in 0..2 {
        let done = app
            .run(
                &admin,
                "cancelDismissal",
                json!({ "userId": ann.id() }),
                "dismissal { state }",
            )
            .await;
        assert_eq!(done["dismissal"]["state"], "CANCELLED");
    }
    let now = json!({ "userId": bob.id(), "reason": "At once" });
    let done = app
        .run(
            &admin,
            "dismissUser",
            now,
            "user { status } dismissal { state reason }",
        )
        .await;
    assert_eq!(
        done["dismissal"],
        json!({ "state": "IN_FORCE", "reason": "At once" })
    );
    assert_eq!(
        status(&app, &admin, &bob).await["dismissals"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let log = app
        .data(
            &admin,
            "{ auditLog(filter: { action: [\"dismissal.cancelled\"] }) { totalCount } }",
            json!({}),
        )
        .await;
    assert_eq!(log["auditLog"]["totalCount"], 1);
    app.sound().await;
}

#[tokio::test]
async fn invalid_schedules_are_refused() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let refusal = async |input: Value| app.refusal(&admin, "dismissUser", input).await;
    let past = json!({ "userId": ann.id(), "effectiveAt": "2020-01-01T00:00:00Z" });
    assert_eq!(refusal(past).await, ["DATE_IN_PAST effectiveAt"]);
    let oneself = json!({ "userId": admin.id(), "effectiveAt": tomorrow() });
    assert_eq!(refusal(oneself).await, ["CANNOT_DISMISS_YOURSELF userId"]);
    let to_oneself = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": ann.id() } }]);
    let own = json!({ "userId": ann.id(), "effectiveAt": tomorrow(), "handover": to_oneself });
    assert_eq!(refusal(own).await, ["INVALID handover.0.to.userId"]);
    let to_admin = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": admin.id() } }]);
    let stale = json!({ "userId": ann.id(), "effectiveAt": tomorrow(), "handover": to_admin, "expectedRevision": "x" });
    assert_eq!(refusal(stale).await, ["PLAN_CHANGED expectedRevision"]);
    assert_eq!(
        app.refusal(&admin, "cancelDismissal", json!({ "userId": ann.id() }))
            .await,
        ["NOT_FOUND userId"]
    );
    app.sound().await;
}
