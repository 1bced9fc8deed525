//! What happens to the work of people whom a directory dismisses.

use serde_json::json;

use super::{Company, ENTERPRISE, plain};
use crate::support::Person;

async fn deactivate(company: &Company, person: &Person) {
    let operations = json!([{ "op": "replace", "path": "active", "value": false }]);
    let (status, answer) = company
        .patch(&format!("/Users/{}", plain(person)), operations)
        .await;
    assert_eq!(status, 200, "{answer}");
}

async fn activate(company: &Company, person: &Person) {
    let operations = json!([{ "op": "replace", "path": "active", "value": true }]);
    let (status, answer) = company
        .patch(&format!("/Users/{}", plain(person)), operations)
        .await;
    assert_eq!((status, &answer["active"]), (200, &json!(true)));
}

#[tokio::test]
async fn without_a_policy_the_work_stays() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    company.app.tasks(2, &company.admin, &ben).await;
    deactivate(&company, &ben).await;
    company.app.drain().await;
    assert_eq!(company.app.tasks_of(&ben).await, 2);
    company.app.sound().await;
}

#[tokio::test]
async fn the_first_active_recipient_gets_the_work() {
    let company = Company::new().await;
    let app = &company.app;
    let (ben, gone, eva) = (
        app.employee("ben").await,
        app.employee("gone").await,
        app.employee("eva").await,
    );
    app.tasks(4, &company.admin, &ben).await;
    deactivate(&company, &gone).await;
    let body = json!({ "userName": ben.email, ENTERPRISE: { "manager": { "value": plain(&eva) } } });
    let (status, _) = company
        .send("PUT", &format!("/Users/{}", plain(&ben)), Some(body))
        .await;
    assert_eq!(status, 200);
    let to = json!([{ "userId": gone.id() }, { "headOfDepartment": true }, { "manager": true }]);
    company
        .update(
            json!({ "handoverAfterSeconds": 0, "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": to }] }),
        )
        .await;
    deactivate(&company, &ben).await;
    app.drain().await;
    assert_eq!(app.tasks_of(&eva).await, 4);
    let found = company
        .user(
            &plain(&ben),
            "dismissals { handover { state requestedByIntegration { name } } }",
        )
        .await;
    assert_eq!(
        found["dismissals"][0]["handover"]["state"], "SUCCEEDED",
        "{found}"
    );
    app.sound().await;
}

#[tokio::test]
async fn a_mistake_is_reverted_before_anything_moves() {
    let company = Company::new().await;
    let app = &company.app;
    let ben = app.employee("ben").await;
    app.tasks(4, &company.admin, &ben).await;
    let to = json!([{ "userId": company.admin.id() }]);
    company
        .update(json!({ "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": to }] }))
        .await;
    deactivate(&company, &ben).await;
    app.drain().await;
    assert_eq!(
        (app.tasks_of(&ben).await, app.messages().await),
        (4, 1),
        "it waits for an hour"
    );
    activate(&company, &ben).await;
    assert_eq!(app.messages().await, 0);
    app.sound().await;
}

#[tokio::test]
async fn unusually_many_dismissals_hold_the_work_but_not_the_lock_out() {
    let company = Company::new().await;
    let app = &company.app;
    let to = json!([{ "userId": company.admin.id() }]);
    company
        .update(
            json!({ "handoverAfterSeconds": 0, "handoverMoves": [{ "kind": "TASK_RESPONSIBLE", "to": to }] }),
        )
        .await;
    let mut people = Vec::new();
    for n in 0..12 {
        let person = app.employee(&format!("ben{n}")).await;
        app.tasks(1, &company.admin, &person).await;
        people.push(person);
    }
    let before = app.tasks_of(&company.admin).await;
    for person in &people {
        deactivate(&company, person).await;
        assert_eq!(app.open_sessions(person).await, 0);
    }
    assert_eq!(company.about("held").await["held"], 12);
    app.drain().await;
    assert_eq!(app.tasks_of(&company.admin).await, before);
    let log = "{ auditLog(filter: { action: [\"directory.mass_dismissal\"] }) { totalCount } }";
    assert_eq!(
        app.data(&company.admin, log, json!({})).await["auditLog"]["totalCount"],
        1
    );
    let release =
        "mutation($id: ID!) { releaseHeldHandovers(input: { directoryId: $id }) { directory { held } } }";
    let done = app
        .data(&company.admin, release, json!({ "id": company.directory }))
        .await;
    assert_eq!(done["releaseHeldHandovers"]["directory"]["held"], 0);
    app.drain().await;
    assert_eq!(app.tasks_of(&company.admin).await, before + 12);
    app.sound().await;
}

/// The share is one of people, however often one of them is switched off and on.
#[tokio::test]
async fn one_person_many_times_is_usual() {
    let company = Company::new().await;
    let ben = company.app.employee("ben").await;
    for _ in 0..12 {
        deactivate(&company, &ben).await;
        activate(&company, &ben).await;
    }
    deactivate(&company, &ben).await;
    assert_eq!(company.about("warnings").await["warnings"], json!([]));
    company.app.sound().await;
}

#[tokio::test]
async fn an_ended_directory_dismisses_nobody() {
    let company = Company::new().await;
    let made = company.create(super::ann()).await;
    let input = json!({ "directoryId": company.directory });
    company
        .app
        .run(&company.admin, "endDirectory", input, "directory { id }")
        .await;
    assert_eq!(company.refused("GET", "/Users", None).await.0, 403);
    let user = company
        .user(made["id"].as_str().unwrap(), "status directory { userName }")
        .await;
    assert_eq!(user, json!({ "status": "ACTIVE", "directory": null }));
    company.app.sound().await;
}
