//! Return of work: through chains of handovers, with previews and repeated requests.

use entity::task_member::{self, MemberRole};
use entity::{TaskId, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

const PLAN: &str =
    "total lines { kind from { email } returnable movedOn unreachable } userErrors { code field }";

struct Company {
    app: TestApp,
    admin: Person,
    ann: Person,
    bob: Person,
    eve: Person,
}

/// Ann has five tasks, Bob two. Small chunks, so that a return takes several transactions.
async fn company() -> Company {
    let app = TestApp::with_chunk(2).await;
    let admin = app.administrator().await;
    let (ann, bob, eve) = (
        app.employee("ann").await,
        app.employee("bob").await,
        app.employee("eve").await,
    );
    app.tasks(5, &admin, &ann).await;
    app.tasks(2, &admin, &bob).await;
    Company {
        app,
        admin,
        ann,
        bob,
        eve,
    }
}

impl Company {
    async fn tasks(&self) -> [u64; 3] {
        [
            self.app.tasks_of(&self.ann).await,
            self.app.tasks_of(&self.bob).await,
            self.app.tasks_of(&self.eve).await,
        ]
    }

    /// Hands over all tasks of one person to another; returns the handover.
    async fn hand_over(&self, from: &Person, to: &Person) -> Value {
        let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": to.id() } }]);
        self.reassign(from, moves).await
    }

    async fn reassign(&self, from: &Person, moves: Value) -> Value {
        let input = json!({ "fromUserId": from.id(), "moves": moves });
        let payload = self
            .app
            .run(&self.admin, "bulkReassign", input, "handover { id }")
            .await;
        self.app.drain().await;
        payload["handover"]["id"].clone()
    }

    async fn dismiss(&self, who: &Person, to: &Person) -> Value {
        let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": to.id() } }]);
        let input = json!({ "userId": who.id(), "handover": moves });
        let payload = self
            .app
            .run(&self.admin, "dismissUser", input, "changed handover { id }")
            .await;
        assert_eq!(payload["changed"], true, "{payload}");
        self.app.drain().await;
        payload["handover"]["id"].clone()
    }

    async fn hire(&self, who: &Person) -> Value {
        let input = json!({ "userId": who.id(), "returnWork": true });
        let payload = self
            .app
            .run(&self.admin, "hireUser", input, "changed handover { id }")
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        self.app.drain().await;
        payload
    }

    async fn undo(&self, id: &Value) -> Value {
        let input = json!({ "handoverId": id });
        let payload = self
            .app
            .run(&self.admin, "undoHandover", input, "handover { id }")
            .await;
        self.app.drain().await;
        payload
    }

    async fn undo_plan(&self, id: &Value) -> Value {
        let query = format!("query($id: ID!) {{ undoPlan(handoverId: $id) {{ {PLAN} }} }}");
        self.app.data(&self.admin, &query, json!({ "id": id })).await["undoPlan"].clone()
    }

    async fn return_plan(&self, who: &Person) -> Value {
        let query = format!("query($id: ID!) {{ returnPlan(userId: $id) {{ {PLAN} }} }}");
        self.app
            .data(&self.admin, &query, json!({ "id": who.id() }))
            .await["returnPlan"]
            .clone()
    }

    async fn handover(&self, id: &Value) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Handover { state moved skipped undoable undoneBy { id } } } }";
        self.app.data(&self.admin, query, json!({ "id": id })).await["node"].clone()
    }

    /// The items in a handover's ledger.
    async fn subjects(&self, id: &Value) -> Vec<String> {
        let query = "query($id: ID!) { node(id: $id) { ... on Handover { entries(first: 50) { nodes { subject { id } } } } } }";
        let found = self.app.data(&self.admin, query, json!({ "id": id })).await;
        let nodes = found["node"]["entries"]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["subject"]["id"].as_str().unwrap().to_owned())
            .collect()
    }

    async fn give(&self, task: &str, to: &Person) {
        let input = json!({ "taskId": task, "responsibleId": to.id() });
        let given = self.app.refusal(&self.admin, "updateTask", input).await;
        assert!(given.is_empty(), "{given:?}");
    }

    async fn tasks_of(&self, person: &Person) -> Vec<String> {
        let query =
            "query($id: ID!) { tasks(filter: {userId: $id, role: RESPONSIBLE}, first: 50) { nodes { id } } }";
        let found = self
            .app
            .data(&self.admin, query, json!({ "id": person.id() }))
            .await;
        let nodes = found["tasks"]["nodes"].as_array().unwrap().iter();
        nodes
            .map(|node| node["id"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[tokio::test]
async fn work_returns_through_a_chain_when_its_first_owner_is_rehired() {
    let company = company().await;
    let Company { ann, bob, eve, .. } = &company;
    company.dismiss(ann, bob).await;
    company.dismiss(bob, eve).await;
    assert_eq!(company.tasks().await, [0, 0, 7]);
    assert_eq!(
        company.return_plan(ann).await,
        json!({
            "total": 5,
            "lines": [{
                "kind": "TASK_RESPONSIBLE", "from": { "email": "eve@example.com" },
                "returnable": 5, "movedOn": 0, "unreachable": 0,
            }],
            "userErrors": [],
        })
    );
    company.hire(ann).await;
    assert_eq!(company.tasks().await, [5, 0, 2]);
    // Ann's tasks have already returned: Bob gets his own.
    assert_eq!(company.return_plan(bob).await["total"], 2);
    company.hire(bob).await;
    assert_eq!(company.tasks().await, [5, 2, 0]);
    company.app.sound().await;
}

#[tokio::test]
async fn work_returns_through_a_chain_in_any_order_of_rehires() {
    let company = company().await;
    let Company { ann, bob, eve, .. } = &company;
    let first = company.hand_over(ann, bob).await;
    let second = company.hand_over(bob, eve).await;
    company.undo(&second).await;
    assert_eq!(company.tasks().await, [0, 7, 0]);
    company.undo(&first).await;
    assert_eq!(company.tasks().await, [5, 2, 0]);
    for id in [first, second] {
        assert_eq!(company.handover(&id).await["undoable"], false);
    }
    company.app.sound().await;
}

#[tokio::test]
async fn a_later_undo_of_the_middle_of_a_chain_finds_the_work_moved_on() {
    let company = company().await;
    let Company { ann, bob, eve, .. } = &company;
    let first = company.hand_over(ann, bob).await;
    let second = company.hand_over(bob, eve).await;
    company.undo(&first).await;
    assert_eq!(company.tasks().await, [5, 0, 2]);
    let plan = company.undo_plan(&second).await;
    assert_eq!(plan["total"], 2);
    let moved_on: i64 = plan["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line["movedOn"].as_i64().unwrap())
        .sum();
    assert_eq!(moved_on, 5);
    let undone = company.undo(&second).await;
    let result = company.handover(&undone["handover"]["id"]).await;
    assert_eq!((&result["moved"], &result["skipped"]), (&json!(2), &json!(5)));
    assert_eq!(company.tasks().await, [5, 2, 0]);
    company.app.sound().await;
}

#[tokio::test]
async fn manually_reassigned_work_stays_with_its_recipient() {
    let company = company().await;
    let Company {
        admin,
        ann,
        bob,
        eve,
        app,
    } = &company;
    let first = company.hand_over(ann, bob).await;
    let tasks = company.subjects(&first).await;
    // One is manually given to Eve, one is listed for her. Her tasks go to the administrator.
    company.give(&tasks[0], eve).await;
    let listed = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": eve.id() }, "ids": [tasks[1]] }]);
    let second = company.reassign(bob, listed).await;
    let third = company.hand_over(eve, admin).await;
    assert_eq!(company.tasks().await, [0, 5, 0]);
    company.undo(&first).await;
    assert_eq!(company.tasks().await, [3, 2, 0]);
    company.undo(&third).await;
    assert_eq!(company.tasks().await, [3, 2, 2]);
    assert_eq!(company.handover(&first).await["undoable"], false);
    // The handover with the list is undone, so it no longer counts as a decision.
    company.undo(&second).await;
    assert_eq!(company.handover(&first).await["undoable"], true);
    company.undo(&first).await;
    assert_eq!(company.tasks().await, [4, 2, 1]);
    assert_eq!(company.tasks_of(eve).await, tasks[..1]);
    app.sound().await;
}

#[tokio::test]
async fn an_undo_can_be_repeated_while_work_can_still_return() {
    let company = company().await;
    let Company {
        admin, ann, bob, app, ..
    } = &company;
    let moved = company.hand_over(ann, bob).await;
    let of_ann = company.subjects(&moved).await.remove(0);
    company.give(&of_ann, admin).await;
    assert_eq!(company.undo_plan(&moved).await["total"], 4);
    let undone = company.undo(&moved).await;
    assert_eq!(company.handover(&undone["handover"]["id"]).await["moved"], 4);
    // Nothing more can return: this is reported as an error.
    let plan = company.undo_plan(&moved).await;
    assert_eq!(
        (&plan["total"], &plan["userErrors"]),
        (
            &json!(0),
            &json!([{ "code": "NOT_UNDOABLE", "field": ["handoverId"] }])
        )
    );
    assert_eq!(company.handover(&moved).await["undoable"], false);
    let again = json!({ "handoverId": moved });
    assert_eq!(
        app.refusal(admin, "undoHandover", again).await,
        ["NOT_UNDOABLE handoverId"]
    );
    // Bob gets it back manually: now it can.
    company.give(&of_ann, bob).await;
    assert_eq!(company.handover(&moved).await["undoable"], true);
    let undone = company.undo(&moved).await;
    let result = company.handover(&undone["handover"]["id"]).await;
    assert_eq!((&result["moved"], &result["skipped"]), (&json!(1), &json!(0)));
    assert_eq!(
        company.handover(&moved).await["undoneBy"]["id"],
        undone["handover"]["id"]
    );
    assert_eq!(company.tasks().await, [5, 2, 0]);
    app.sound().await;
}

#[tokio::test]
async fn an_empty_return_creates_no_handover() {
    let company = company().await;
    let Company {
        admin, ann, bob, app, ..
    } = &company;
    company.dismiss(ann, bob).await;
    for task in company.tasks_of(bob).await {
        company.give(&task, admin).await;
    }
    let plan = company.return_plan(ann).await;
    assert_eq!(
        (&plan["total"], &plan["lines"][0]["movedOn"]),
        (&json!(0), &json!(5))
    );
    let hired = company.hire(ann).await;
    assert_eq!(
        (&hired["changed"], &hired["handover"]),
        (&json!(true), &Value::Null)
    );
    app.sound().await;
}

#[tokio::test]
async fn a_repeated_hire_returns_the_same_handover() {
    let company = company().await;
    let Company { ann, bob, .. } = &company;
    let handed_over = company.dismiss(ann, bob).await;
    let input = json!({ "userId": ann.id() });
    let again = company
        .app
        .run(&company.admin, "dismissUser", input, "changed handover { id }")
        .await;
    assert_eq!(
        (&again["changed"], &again["handover"]["id"]),
        (&json!(false), &handed_over)
    );
    let first = company.hire(ann).await;
    assert!(
        first["changed"] == true && first["handover"]["id"].is_string(),
        "{first}"
    );
    let second = company.hire(ann).await;
    assert_eq!(
        (&second["changed"], &second["handover"]),
        (&json!(false), &first["handover"])
    );
    assert_eq!(company.tasks().await, [5, 2, 0]);
    company.app.sound().await;
}

#[tokio::test]
async fn a_return_through_a_chain_survives_crashes() {
    let company = company().await;
    let Company {
        admin,
        ann,
        bob,
        eve,
        app,
    } = &company;
    app.tasks(95, admin, ann).await;
    let first = company.hand_over(ann, bob).await;
    company.hand_over(bob, eve).await;
    app.run(
        admin,
        "undoHandover",
        json!({ "handoverId": first }),
        "handover { id }",
    )
    .await;
    for _ in 0..8 {
        let worker = handover::server::start(&app.app);
        tokio::time::sleep(std::time::Duration::from_millis(15)).await;
        worker.abort();
        let _killed = worker.await;
        let sql = "UPDATE outbox_messages SET leased_until = NULL";
        handover::store::db::execute(app.raw(), sql, []).await.unwrap();
    }
    for _ in 0..100 {
        app.drain().await;
        if app.messages().await == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let sql = "UPDATE outbox_messages SET leased_until = NULL";
        handover::store::db::execute(app.raw(), sql, []).await.unwrap();
    }
    assert_eq!(company.tasks().await, [100, 0, 2]);
    app.sound().await;
}

async fn follow(app: &TestApp, task: TaskId, people: &[&Person]) {
    let rows = people.iter().map(|person| task_member::ActiveModel {
        task_id: Set(task),
        role: Set(MemberRole::Observer),
        user_id: Set(person.id),
    });
    task_member::Entity::insert_many(rows)
        .exec_without_returning(app.raw())
        .await
        .unwrap();
}

async fn followers(app: &TestApp, task: TaskId) -> Vec<String> {
    let rows = task_member::Entity::find()
        .filter(task_member::Column::TaskId.eq(task))
        .filter(task_member::Column::Role.eq(MemberRole::Observer))
        .all(app.raw())
        .await
        .unwrap();
    let ids: Vec<entity::UserId> = rows.iter().map(|row| row.user_id).collect();
    let found = user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .all(app.raw())
        .await
        .unwrap();
    let mut names: Vec<String> = found.into_iter().filter_map(|row| row.given_name).collect();
    names.sort();
    names
}

#[tokio::test]
async fn an_observer_for_two_people_stays_until_both_return() {
    let company = company().await;
    let Company {
        admin,
        ann,
        bob,
        eve,
        app,
    } = &company;
    let task = app.tasks(1, admin, admin).await[0];
    follow(app, task, &[ann, bob]).await;
    let observe = |to: &Person| json!([{ "kind": "TASK_OBSERVER", "to": { "userId": to.id() } }]);
    let of_ann = company.reassign(ann, observe(eve)).await;
    let of_bob = company.reassign(bob, observe(eve)).await;
    let on = company.reassign(eve, observe(admin)).await;
    assert_eq!(followers(app, task).await, ["admin"]);
    company.undo(&of_ann).await;
    assert_eq!(followers(app, task).await, ["admin", "ann"]);
    company.undo(&of_bob).await;
    assert_eq!(followers(app, task).await, ["ann", "bob"]);
    assert_eq!(company.handover(&on).await["undoable"], false);
    app.sound().await;
}

#[tokio::test]
async fn a_drive_returns_through_a_chain() {
    let company = company().await;
    let Company {
        ann, bob, eve, app, ..
    } = &company;
    let (home, of_bob) = (crate::drive::drive_of(ann), crate::drive::drive_of(bob));
    let reports = crate::drive::folder(app, ann, &home, "Reports").await;
    crate::drive::upload(app, ann, &reports, "plan.txt", b"the plan").await;
    crate::drive::folder(app, bob, &of_bob, "Bob's").await;
    let before = crate::drive::tree(app, ann, &home).await;
    let drive = |to: &Person| json!([{ "kind": "DRIVE", "to": { "userId": to.id() } }]);
    let first = company.reassign(ann, drive(bob)).await;
    let second = company.reassign(bob, drive(eve)).await;
    company.undo(&first).await;
    assert_eq!(crate::drive::tree(app, ann, &home).await, before);
    company.undo(&second).await;
    assert_eq!(
        crate::drive::tree(app, bob, &of_bob).await,
        ["/Bob's bob", "/Drive of ann bob"]
    );
    app.sound().await;
}
