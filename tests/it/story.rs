//! The main scenario: a person is dismissed, their work goes to colleagues, they are rehired, the work returns.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn dismiss_hand_over_hire_back() {
    let app = TestApp::new().await;
    let (admin, ann, bob, eve) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(7, &admin, &ann).await;
    app.deals(4, &ann).await;

    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "evenlyAmong": [bob.id(), eve.id()] } },
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
    ]);
    let plan = app
        .data(
            &admin,
            "query($input: BulkReassignInput!) { handoverPlan(input: $input) {
               revision total lines { kind recipient { email } movable leftClosed } userErrors { code } } }",
            json!({ "input": { "fromUserId": ann.id(), "moves": moves } }),
        )
        .await;
    assert_eq!(
        plan["handoverPlan"]["lines"],
        json!([
            { "kind": "TASK_RESPONSIBLE", "recipient": { "email": "bob@example.com" }, "movable": 4, "leftClosed": 0 },
            { "kind": "TASK_RESPONSIBLE", "recipient": { "email": "eve@example.com" }, "movable": 3, "leftClosed": 0 },
            { "kind": "CRM_DEAL", "recipient": { "email": "bob@example.com" }, "movable": 4, "leftClosed": 0 },
        ])
    );

    let dismissed = app
        .run(
            &admin,
            "dismissUser",
            json!({
                "userId": ann.id(), "reason": "Moved to the sea", "handover": moves,
                "expectedRevision": plan["handoverPlan"]["revision"],
            }),
            "user { status dismissed } dismissal { state reason requestedBy { email } } handover { id state total }",
        )
        .await;
    assert_eq!(
        dismissed["user"],
        json!({ "status": "DISMISSED", "dismissed": true }),
        "{dismissed}"
    );
    assert_eq!(
        dismissed["dismissal"],
        json!({ "state": "IN_FORCE", "reason": "Moved to the sea", "requestedBy": { "email": admin.email } })
    );
    assert_eq!(dismissed["handover"]["total"], 11);

    // Locked out at once.
    let (status, answer) = app
        .ask(Some(&ann.token), "{ viewer { user { name } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");

    app.drain().await;
    let handover = app
        .data(
            &admin,
            "query($id: ID!) { node(id: $id) { ... on Handover {
               state total moved progress lines { kind recipient { email } moved }
               entries(first: 1) { totalCount nodes { subject { id } to { email } outcome } } } } }",
            json!({ "id": dismissed["handover"]["id"] }),
        )
        .await["node"]
        .clone();
    assert_eq!(handover["state"], "SUCCEEDED");
    assert_eq!((&handover["total"], &handover["moved"]), (&json!(11), &json!(11)));
    assert_eq!(handover["entries"]["totalCount"], 11);
    assert_eq!(
        (
            app.tasks_of(&ann).await,
            app.tasks_of(&bob).await,
            app.tasks_of(&eve).await
        ),
        (0, 4, 3)
    );

    let found = app
        .data(
            &admin,
            "{ users(filter: {dismissed: true}) { totalCount nodes { email work { total } } } }",
            json!({}),
        )
        .await;
    assert_eq!(
        found["users"],
        json!({ "totalCount": 1, "nodes": [{ "email": ann.email, "work": { "total": 0 } }] })
    );

    let hired = app
        .run(
            &admin,
            "hireUser",
            json!({ "userId": ann.id(), "returnWork": true }),
            "user { status } dismissal { state endedAt } handover { id }",
        )
        .await;
    assert_eq!(hired["user"]["status"], "ACTIVE", "{hired}");
    assert_eq!(hired["dismissal"]["state"], "ENDED");
    app.drain().await;
    assert_eq!(
        (
            app.tasks_of(&ann).await,
            app.tasks_of(&bob).await,
            app.tasks_of(&eve).await
        ),
        (7, 0, 0)
    );

    // The old token stays dead; the old password works.
    let (status, _) = app
        .ask(Some(&ann.token), "{ viewer { user { name } } }", json!({}))
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let (_, signed_in) = app
        .ask(
            None,
            "mutation($i: SignInInput!) { signIn(input: $i) { accessToken user { email } userErrors { code } } }",
            json!({ "i": { "email": "ANN@example.com", "password": crate::support::PASSWORD } }),
        )
        .await;
    assert_eq!(
        signed_in["data"]["signIn"]["user"]["email"], ann.email,
        "{signed_in}"
    );
    app.sound().await;
}

#[tokio::test]
async fn an_undo_returns_untouched_work() {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    let tasks = app.tasks(3, &admin, &ann).await;
    let input = json!({
        "fromUserId": ann.id(), "moves": [{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }],
    });
    let moved = app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    assert_eq!(app.tasks_of(&bob).await, 3);
    let input = json!({ "taskId": tasks[0].to_string(), "responsibleId": admin.id() });
    app.run(&admin, "updateTask", input, "task { id }").await;

    let undo = json!({ "handoverId": moved["handover"]["id"] });
    let undone = app
        .run(
            &admin,
            "undoHandover",
            undo.clone(),
            "handover { id undoes { id } }",
        )
        .await;
    assert_eq!(undone["handover"]["undoes"]["id"], moved["handover"]["id"]);
    assert_eq!(
        app.refusal(&admin, "undoHandover", undo).await,
        ["NOT_UNDOABLE handoverId"]
    );
    app.drain().await;
    assert_eq!(
        (
            app.tasks_of(&ann).await,
            app.tasks_of(&bob).await,
            app.tasks_of(&admin).await
        ),
        (2, 0, 1)
    );
    let result = app
        .data(
            &admin,
            "query($id: ID!) { node(id: $id) { ... on Handover {
               moved skipped entries(outcome: SKIPPED) { nodes { reason } } } } }",
            json!({ "id": undone["handover"]["id"] }),
        )
        .await;
    assert_eq!(
        result["node"],
        json!({ "moved": 2, "skipped": 1, "entries": { "nodes": [{ "reason": "MOVED_ON" }] } })
    );
    app.sound().await;
}
