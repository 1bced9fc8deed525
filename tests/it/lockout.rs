//! Lock-out: immediate, also for requests in flight, and never of the last administrator.

use std::sync::Arc;

use axum::http::StatusCode;
use entity::user::{self, Role, UserStatus};
use handover::domain::dismissal::command::DismissUser;
use handover::domain::dismissal::dismiss::dismiss_user;
use handover::domain::tasks::create::{CreateTask, create_task};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::support::{Person, TestApp, is_locked_out};

fn command(user: &Person) -> DismissUser {
    DismissUser {
        user: user.id,
        reason: None,
        effective_at: None,
        handover: None,
        rest: None,
        refused: Vec::new(),
        expected_revision: None,
        keep_secret_ids: Vec::new(),
    }
}

#[tokio::test]
async fn a_dismissal_ends_sessions_tokens_and_sign_in_on_every_replica() {
    let app = TestApp::new().await;
    let replica = app.replica().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let sign_in = "mutation($i: SignInInput!) { signIn(input: $i) { refreshToken userErrors { code } } }";
    let credentials = json!({ "i": { "email": ann.email, "password": crate::support::PASSWORD } });
    let (_, answer) = app.ask(None, sign_in, credentials.clone()).await;
    let refresh_token = answer["data"]["signIn"]["refreshToken"].clone();
    assert!(refresh_token.is_string(), "{answer}");

    app.run(
        &admin,
        "dismissUser",
        json!({ "userId": ann.id() }),
        "user { status }",
    )
    .await;

    for place in [&app, &replica] {
        let (status, _) = place
            .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        let (_, answer) = place.ask(None, sign_in, credentials.clone()).await;
        assert_eq!(
            answer["data"]["signIn"]["userErrors"][0]["code"],
            "WRONG_CREDENTIALS"
        );
        let refresh =
            "mutation($i: RefreshSessionInput!) { refreshSession(input: $i) { userErrors { code } } }";
        let (_, answer) = place
            .ask(None, refresh, json!({ "i": { "refreshToken": refresh_token } }))
            .await;
        assert_eq!(
            answer["data"]["refreshSession"]["userErrors"][0]["code"],
            "TOKEN_INVALID"
        );
    }
    assert_eq!(app.open_sessions(&ann).await, 0);
    app.sound().await;
}

#[tokio::test]
async fn concurrent_dismissals_leave_one_administrator() {
    for round in 0..10 {
        let app = TestApp::new().await;
        let one = app.person("one", Role::Administrator).await;
        let two = app.person("two", Role::Administrator).await;
        let (a, b) = (
            TestApp::actor(&one, Role::Administrator),
            TestApp::actor(&two, Role::Administrator),
        );
        let (first, second) = tokio::join!(
            {
                let (app, two) = (Arc::clone(&app.app), two.clone());
                async move { dismiss_user(&app.db, &a, &command(&two)).await }
            },
            {
                let (app, one) = (Arc::clone(&app.app), one.clone());
                async move { dismiss_user(&app.db, &b, &command(&one)).await }
            },
        );
        assert!(
            first.is_ok() != second.is_ok(),
            "round {round}: {first:?} {second:?}"
        );
        assert!(is_locked_out(&first) || is_locked_out(&second));
        let left = user::Entity::find()
            .filter(user::Column::Role.eq(Role::Administrator))
            .filter(user::Column::Status.eq(UserStatus::Active))
            .count(app.raw())
            .await
            .unwrap();
        assert_eq!(left, 1);
        app.sound().await;
    }
}

#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "the writers have to run beside the dismissal"
)]
async fn no_write_of_a_person_commits_after_their_dismissal() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let writer = TestApp::actor(&ann, Role::Employee);
    let writers = (0..4).map(|_| {
        let (app, actor, ann) = (Arc::clone(&app.app), writer.clone(), ann.id);
        tokio::task::spawn(async move {
            let mut committed = 0;
            loop {
                let task = CreateTask {
                    title: "late".to_owned(),
                    responsible: ann,
                    participants: Vec::new(),
                    observers: Vec::new(),
                    deadline: None,
                };
                match create_task(&app.db, &actor, &task).await {
                    Ok(_) => committed += 1,
                    outcome if is_locked_out(&outcome) => return committed,
                    other => panic!("{other:?}"),
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    dismiss_user(
        &app.app.db,
        &TestApp::actor(&admin, Role::Administrator),
        &command(&ann),
    )
    .await
    .unwrap();
    // All commits happened before the dismissal: nothing is added afterwards.
    let at_dismissal = app.tasks_of(&ann).await;
    let mut committed = 0;
    for writer in writers {
        committed += writer.await.unwrap();
    }
    assert_eq!(app.tasks_of(&ann).await, at_dismissal);
    assert_eq!(u64::try_from(committed), Ok(at_dismissal));
    app.sound().await;
}

#[tokio::test]
async fn requests_sent_after_the_answer_are_refused() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for round in 0..20 {
        let ann = app.employee(&format!("ann{round}")).await;
        let (status, _) = app
            .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::OK);
        app.run(
            &admin,
            "dismissUser",
            json!({ "userId": ann.id() }),
            "user { id }",
        )
        .await;
        let (status, _) = app
            .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
    app.sound().await;
}

#[tokio::test]
async fn a_repeated_dismissal_succeeds_with_one_audit_entry() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    for _ in 0..2 {
        let done = app
            .run(
                &admin,
                "dismissUser",
                json!({ "userId": ann.id() }),
                "dismissal { state }",
            )
            .await;
        assert_eq!(done["dismissal"]["state"], "IN_FORCE");
    }
    for _ in 0..2 {
        let done = app
            .run(
                &admin,
                "hireUser",
                json!({ "userId": ann.id() }),
                "dismissal { state }",
            )
            .await;
        assert_eq!(done["dismissal"]["state"], "ENDED");
    }
    let log = app
        .data(
            &admin,
            "query($id: ID!) { auditLog(filter: {subjectId: $id}) { nodes { action actor } } }",
            json!({ "id": ann.id() }),
        )
        .await;
    assert_eq!(
        log["auditLog"]["nodes"],
        json!([
            { "action": "user.hired", "actor": admin.email },
            { "action": "user.dismissed", "actor": admin.email },
        ])
    );
    app.sound().await;
}

#[tokio::test]
async fn a_bulk_dismissal_is_atomic() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let refused = app
        .refusal(
            &admin,
            "dismissUsers",
            json!({ "userIds": [ann.id(), admin.id()] }),
        )
        .await;
    assert_eq!(refused, ["CANNOT_DISMISS_YOURSELF userIds.1"]);
    let (status, _) = app
        .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "a refusal dismisses nobody");
    let input = json!({ "userIds": [ann.id(), bob.id()], "reason": "The branch closes" });
    let done = app
        .run(
            &admin,
            "dismissUsers",
            input,
            "dismissals { user { email } state }",
        )
        .await;
    assert_eq!(
        done["dismissals"][1],
        json!({ "user": { "email": bob.email }, "state": "IN_FORCE" })
    );
    app.sound().await;
}

#[tokio::test]
async fn people_dismissed_together_get_no_work_from_each_other() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    // Bob heads the team below Eve's department, and leaves together with Ann, who is in it.
    let above = department(&app, &admin, json!({ "name": "Sales", "headId": eve.id() })).await;
    let team = department(
        &app,
        &admin,
        json!({ "name": "Team", "parentId": above, "headId": bob.id() }),
    )
    .await;
    for person in [&ann, &bob] {
        let input = json!({ "userId": person.id(), "departmentId": team });
        app.run(&admin, "updateUser", input, "user { id }").await;
    }
    app.tasks(3, &admin, &ann).await;
    app.tasks(2, &admin, &bob).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "headOfDepartment": true } }]);
    let input = json!({ "userIds": [ann.id(), bob.id()], "handover": moves });
    let done = app
        .run(&admin, "dismissUsers", input, "dismissals { state }")
        .await;
    assert_eq!(
        done["dismissals"],
        json!([{ "state": "IN_FORCE" }, { "state": "IN_FORCE" }]),
        "{done}"
    );
    app.drain().await;
    assert_eq!(app.tasks_of(&eve).await, 5);
    app.sound().await;
}

async fn department(app: &TestApp, admin: &Person, input: serde_json::Value) -> serde_json::Value {
    let made = app.run(admin, "setDepartment", input, "department { id }").await;
    made["department"]["id"].clone()
}
