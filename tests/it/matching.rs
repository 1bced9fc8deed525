//! Moves that select items by the filter of a list.

use serde_json::{Value, json};

use crate::scheduled::tomorrow;
use crate::support::{Person, TestApp};

struct Company {
    app: TestApp,
    admin: Person,
    ann: Person,
    bob: Person,
}

async fn company() -> Company {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    Company { app, admin, ann, bob }
}

impl Company {
    fn matching(&self, kind: &str, matching: Value) -> Value {
        json!({ "kind": kind, "to": { "userId": self.bob.id() }, "matching": matching })
    }

    async fn plan(&self, input: Value) -> Value {
        let query = "query($input: BulkReassignInput!) { handoverPlan(input: $input) {
            revision total lines { kind movable leftClosed } userErrors { code field } } }";
        let data = self.app.data(&self.admin, query, json!({ "input": input })).await;
        data["handoverPlan"].clone()
    }

    async fn held_by(&self, person: &Person) -> u64 {
        let query = "query($id: ID!) { user(id: $id) { work { total } } }";
        let data = self
            .app
            .data(&self.admin, query, json!({ "id": person.id() }))
            .await;
        data["user"]["work"]["total"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn all_that_match_are_moved_but_for_some() {
    let company = company().await;
    let (app, admin) = (&company.app, &company.admin);
    let tasks = app.tasks(5, &company.admin, &company.ann).await;
    app.tasks(2, &company.admin, &company.bob).await;
    app.deals(3, &company.ann).await;
    let mut one = company.matching(
        "TASK_RESPONSIBLE",
        json!({ "tasks": { "search": "TASK", "userId": company.ann.id() } }),
    );
    one["except"] = json!([tasks[1].to_string()]);
    let deals = company.matching(
        "CRM_DEAL",
        json!({ "crmItems": { "responsibleId": company.ann.id() } }),
    );
    let plan = company.plan(json!({ "moves": [one, deals] })).await;
    assert_eq!(plan["userErrors"], json!([]));
    assert_eq!(plan["total"], 7);
    let input = json!({ "moves": [one, deals], "expectedRevision": plan["revision"] });
    app.run(admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    assert_eq!(app.tasks_of(&company.ann).await, 1);
    assert_eq!(app.tasks_of(&company.bob).await, 6);
    assert_eq!(company.held_by(&company.bob).await, 9);
}

#[tokio::test]
async fn an_item_that_matches_since_the_preview_changes_the_plan() {
    let company = company().await;
    let (app, admin) = (&company.app, &company.admin);
    app.tasks(2, &company.admin, &company.ann).await;
    let moves = json!([company.matching(
        "TASK_RESPONSIBLE",
        json!({ "tasks": { "userId": company.ann.id() } })
    )]);
    let plan = company.plan(json!({ "moves": moves })).await;
    app.tasks(1, &company.admin, &company.ann).await;
    let input = json!({ "moves": moves, "expectedRevision": plan["revision"] });
    assert_eq!(
        app.refusal(admin, "bulkReassign", input).await,
        ["PLAN_CHANGED expectedRevision"]
    );
    assert_eq!(app.tasks_of(&company.ann).await, 2 + 1);
}

/// With the person whose work it is, items of others that the list shows stay where they are.
#[tokio::test]
async fn only_what_the_person_holds_is_selected_and_the_rest_is_the_rest() {
    let company = company().await;
    let (app, admin) = (&company.app, &company.admin);
    let carol = app.employee("carol").await;
    app.tasks(4, &company.admin, &company.ann).await;
    app.tasks(2, &company.admin, &carol).await;
    let first = app.tasks(1, &company.admin, &company.ann).await;
    let input = json!({ "title": "Urgent", "taskId": first[0].to_string() });
    app.run(admin, "updateTask", input, "task { id }").await;
    let moves = json!([company.matching("TASK_RESPONSIBLE", json!({ "tasks": { "search": "urgent" } }))]);
    let input = json!({ "userId": company.ann.id(), "handover": moves, "restTo": { "userId": carol.id() } });
    app.run(admin, "dismissUser", input, "handover { id }").await;
    app.drain().await;
    assert_eq!(app.tasks_of(&company.ann).await, 0);
    assert_eq!(app.tasks_of(&company.bob).await, 1);
    assert_eq!(app.tasks_of(&carol).await, 6);
}

#[tokio::test]
async fn invalid_selections_are_refused() {
    let company = company().await;
    let (app, admin) = (&company.app, &company.admin);
    let tasks = app.tasks(2, &company.admin, &company.ann).await;
    let filter = json!({ "tasks": { "userId": company.ann.id() } });
    let all = company.matching("TASK_RESPONSIBLE", filter.clone());
    let with = |field: &str, value: Value| {
        let mut one = all.clone();
        one[field] = value;
        one
    };
    let mut only_except = with("except", json!([tasks[0].to_string()]));
    only_except.as_object_mut().unwrap().remove("matching");
    let listed = json!({ "kind": "TASK_RESPONSIBLE", "to": { "userId": company.bob.id() }, "ids": [tasks[0].to_string()] });
    for (moves, refused) in [
        (
            json!([company.matching("CRM_DEAL", filter.clone())]),
            "INVALID moves.0.matching",
        ),
        (
            json!([with("ids", json!([tasks[0].to_string()]))]),
            "INVALID moves.0.matching",
        ),
        (json!([only_except]), "INVALID moves.0.except"),
        (
            json!([with("except", json!(["deal"]))]),
            "INVALID moves.0.except.0",
        ),
        (
            json!([company.matching("TASK_OBSERVER", filter.clone())]),
            "INVALID moves.0.kind",
        ),
        (
            json!([company.matching("TASK_RESPONSIBLE", json!({ "tasks": { "search": "nothing" } }))]),
            "NOT_FOUND moves.0.matching",
        ),
        (
            json!([company.matching("TASK_RESPONSIBLE", json!({ "tasks": { "userId": "x" } }))]),
            "INVALID moves.0.matching",
        ),
        (
            json!([company.matching(
                "TASK_RESPONSIBLE",
                json!({ "tasks": { "search": "x".repeat(201) } })
            )]),
            "INVALID moves.0.matching",
        ),
        (json!([all, listed]), "INVALID moves.1.ids"),
        (json!([listed, all]), "INVALID moves.1.matching"),
    ] {
        let found = app
            .refusal(admin, "bulkReassign", json!({ "moves": moves }))
            .await;
        assert!(found.contains(&refused.to_owned()), "{moves}: {found:?}");
    }
    let scheduled = json!({ "userId": company.ann.id(), "effectiveAt": tomorrow(), "handover": [all] });
    assert_eq!(
        app.refusal(admin, "dismissUser", scheduled).await,
        ["INVALID handover.0.matching"]
    );
    assert_eq!(app.tasks_of(&company.ann).await, 2);
}
