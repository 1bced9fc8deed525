//! One test for each feature that a company portal offers when a person leaves.

use entity::crm_item::{self, CrmKind};
use entity::task::{self, TaskStatus};
use entity::{CrmItemId, TaskId};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::drive;
use crate::support::{PASSWORD, Person, TestApp};

const SIGN_IN: &str = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";

async fn three() -> (TestApp, Person, Person, Person) {
    let app = TestApp::new().await;
    let (admin, ann, bob) = (
        app.administrator().await,
        app.employee("ann").await,
        app.employee("bob").await,
    );
    (app, admin, ann, bob)
}

async fn dismiss(app: &TestApp, admin: &Person, person: &Person, moves: Value) -> Value {
    let mut input = json!({ "userId": person.id() });
    if moves != Value::Null {
        input["handover"] = moves;
    }
    let done = app.run(admin, "dismissUser", input, "handover { id }").await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    app.drain().await;
    done["handover"]["id"].clone()
}

fn to(person: &Person, kind: &str) -> Value {
    json!([{ "kind": kind, "to": { "userId": person.id() } }])
}

async fn sign_in(app: &TestApp, person: &Person) -> Value {
    let input = json!({ "i": { "email": person.email, "password": PASSWORD } });
    app.ask(None, SIGN_IN, input).await.1["data"]["signIn"].clone()
}

async fn row(app: &TestApp, id: TaskId) -> task::Model {
    task::Entity::find_by_id(id)
        .one(app.raw())
        .await
        .unwrap()
        .unwrap()
}

#[tokio::test]
async fn a_dismissed_person_can_not_sign_in_and_nothing_of_theirs_is_deleted() {
    let (app, admin, ann, _) = three().await;
    app.tasks(3, &ann, &ann).await;
    app.deals(2, &ann).await;
    dismiss(&app, &admin, &ann, Value::Null).await;
    assert_eq!(
        sign_in(&app, &ann).await["userErrors"],
        json!([{ "code": "WRONG_CREDENTIALS" }])
    );
    assert_eq!(app.tasks_of(&ann).await, 3);
    assert_eq!(crm_item::Entity::find().count(app.raw()).await.unwrap(), 2);
    app.sound().await;
}

#[tokio::test]
async fn only_administrators_dismiss_and_hire() {
    let (app, admin, ann, bob) = three().await;
    for name in ["dismissUser", "hireUser"] {
        let query = format!(
            "mutation($i: {}{}Input!) {{ {name}(input: $i) {{ userErrors {{ code }} }} }}",
            name[..1].to_uppercase(),
            &name[1..]
        );
        let code = app
            .error(Some(&ann.token), &query, json!({ "i": { "userId": bob.id() } }))
            .await;
        assert_eq!(code, "FORBIDDEN", "{name}");
    }
    dismiss(&app, &admin, &bob, Value::Null).await;
    app.sound().await;
}

#[tokio::test]
async fn the_dismissed_persons_filter_finds_people_to_hire_back() {
    let (app, admin, ann, _) = three().await;
    dismiss(&app, &admin, &ann, Value::Null).await;
    let filter = "{ users(filter: { dismissed: true }) { nodes { id email } } }";
    let found = app.data(&admin, filter, json!({})).await["users"]["nodes"].clone();
    assert_eq!(found.as_array().unwrap().len(), 1);
    app.run(&admin, "hireUser", json!({ "userId": found[0]["id"] }), "")
        .await;
    assert_eq!(
        app.data(&admin, filter, json!({})).await["users"]["nodes"],
        json!([])
    );
    app.sound().await;
}

#[tokio::test]
async fn the_setting_decides_whether_employees_see_the_dismissed_in_lists() {
    let (app, admin, ann, bob) = three().await;
    app.tasks(1, &ann, &bob).await;
    dismiss(&app, &admin, &ann, Value::Null).await;
    let filter =
        "{ users(filter: { dismissed: true }) { totalCount } tasks { nodes { creator { email } } } }";
    let seen = app.data(&bob, filter, json!({})).await;
    assert_eq!(seen["users"]["totalCount"], 1);
    app.run(
        &admin,
        "updateSettings",
        json!({ "showDismissedEmployees": false }),
        "",
    )
    .await;
    let seen = app.data(&bob, filter, json!({})).await;
    assert_eq!(seen["users"]["totalCount"], 0);
    // Their names stay on their objects, and administrators always see them.
    assert_eq!(seen["tasks"]["nodes"][0]["creator"]["email"], ann.email);
    assert_eq!(
        app.data(&admin, filter, json!({})).await["users"]["totalCount"],
        1
    );
    app.sound().await;
}

#[tokio::test]
async fn a_person_hired_back_has_the_same_account_and_the_same_credentials() {
    let (app, admin, ann, _) = three().await;
    dismiss(&app, &admin, &ann, Value::Null).await;
    let hired = app
        .run(
            &admin,
            "hireUser",
            json!({ "userId": ann.id() }),
            "user { id status }",
        )
        .await;
    assert_eq!(hired["user"], json!({ "id": ann.id(), "status": "ACTIVE" }));
    assert!(sign_in(&app, &ann).await["accessToken"].is_string());
    let old = app
        .ask(Some(&ann.token), "{ viewer { user { id } } }", json!({}))
        .await
        .0;
    assert_eq!(old, 401, "old tokens stay invalid");
    app.sound().await;
}

#[tokio::test]
async fn ongoing_tasks_get_a_new_responsible() {
    let (app, admin, ann, bob) = three().await;
    let task = app.tasks(1, &admin, &ann).await[0];
    dismiss(&app, &admin, &ann, to(&bob, "TASK_RESPONSIBLE")).await;
    let after = row(&app, task).await;
    assert_eq!((after.responsible_id, after.creator_id), (Some(bob.id), admin.id));
    app.sound().await;
}

#[tokio::test]
async fn tasks_created_by_the_leaver_get_a_new_creator() {
    let (app, admin, ann, bob) = three().await;
    let task = app.tasks(1, &ann, &admin).await[0];
    dismiss(&app, &admin, &ann, to(&bob, "TASK_CREATOR")).await;
    let after = row(&app, task).await;
    assert_eq!((after.responsible_id, after.creator_id), (Some(admin.id), bob.id));
    app.sound().await;
}

#[tokio::test]
async fn tasks_observed_by_the_leaver_are_observed_by_the_recipient() {
    let (app, admin, ann, bob) = three().await;
    let task = app.tasks(1, &admin, &admin).await[0].to_string();
    let follow = json!({ "taskId": task, "observerIds": [ann.id()], "participantIds": [ann.id()] });
    app.run(&admin, "updateTask", follow, "").await;
    dismiss(&app, &admin, &ann, to(&bob, "TASK_OBSERVER")).await;
    let query =
        "query($id: ID!) { node(id: $id) { ... on Task { observers { email } participants { email } } } }";
    let seen = app.data(&admin, query, json!({ "id": task })).await;
    assert_eq!(
        seen["node"],
        json!({ "observers": [{ "email": bob.email }], "participants": [{ "email": ann.email }] })
    );
    app.sound().await;
}

#[tokio::test]
async fn crm_records_of_each_kind_get_a_new_responsible_person() {
    let (app, admin, ann, bob) = three().await;
    let kinds = [
        (CrmKind::Lead, "CRM_LEAD"),
        (CrmKind::Deal, "CRM_DEAL"),
        (CrmKind::Contact, "CRM_CONTACT"),
        (CrmKind::Company, "CRM_COMPANY"),
        (CrmKind::Quote, "CRM_QUOTE"),
        (CrmKind::Invoice, "CRM_INVOICE"),
    ];
    let records: Vec<CrmItemId> = app.deals(kinds.len(), &ann).await;
    for (id, (kind, _)) in records.iter().zip(kinds) {
        let row = crm_item::ActiveModel {
            id: Set(*id),
            kind: Set(kind),
            ..Default::default()
        };
        crm_item::Entity::update(row).exec(app.raw()).await.unwrap();
    }
    for (n, (_, name)) in kinds.into_iter().enumerate() {
        let input = json!({ "fromUserId": ann.id(), "moves": to(&bob, name) });
        app.run(&admin, "bulkReassign", input, "").await;
        app.drain().await;
        let moved = crm_item::Entity::find().filter(crm_item::Column::ResponsibleId.eq(bob.id));
        assert_eq!(moved.count(app.raw()).await.unwrap(), n as u64 + 1, "{name}");
    }
    app.sound().await;
}

#[tokio::test]
async fn crm_activities_are_handed_over_separately_from_their_record() {
    let (app, admin, ann, bob) = three().await;
    let deal = app.deals(1, &ann).await[0];
    app.activities(deal, &ann).await;
    let of_bob = "query($f: CrmActivityFilter) { crmActivities(filter: $f) { totalCount } }";
    let filter = json!({ "f": { "responsibleId": bob.id() } });
    let id = dismiss(&app, &admin, &ann, to(&bob, "CRM_DEAL")).await;
    assert!(id.is_string());
    assert_eq!(
        app.data(&admin, of_bob, filter.clone()).await["crmActivities"]["totalCount"],
        0
    );
    let input = json!({ "fromUserId": ann.id(), "moves": to(&bob, "CRM_ACTIVITY") });
    app.run(&admin, "bulkReassign", input, "").await;
    app.drain().await;
    assert_eq!(
        app.data(&admin, of_bob, filter).await["crmActivities"]["totalCount"],
        1
    );
    app.sound().await;
}

#[tokio::test]
async fn calendars_of_the_leaver_appear_in_the_favourites_of_the_recipient() {
    let (app, admin, ann, bob) = three().await;
    app.run(&ann, "createCalendar", json!({ "name": "Visits" }), "")
        .await;
    dismiss(&app, &admin, &ann, to(&bob, "CALENDAR")).await;
    let query = "{ viewer { user { favoriteCalendars { name owner { email } } } } }";
    let seen = app.data(&bob, query, json!({})).await;
    assert_eq!(
        seen["viewer"]["user"]["favoriteCalendars"],
        json!([{ "name": "Visits", "owner": { "email": ann.email } }])
    );
    app.sound().await;
}

#[tokio::test]
async fn files_and_folders_move_into_one_shared_folder() {
    let (app, admin, ann, bob) = three().await;
    let eve = app.employee("eve").await;
    let home = drive::drive_of(&ann);
    let inner = drive::folder(&app, &ann, &home, "Contracts").await;
    let file = drive::upload(&app, &ann, &inner, "a.pdf", b"%PDF").await;
    let moves = json!([{
        "kind": "DRIVE", "to": { "userId": bob.id() },
        "share": { "folderName": "Files of Ann", "with": [eve.id()], "access": "READ" },
    }]);
    dismiss(&app, &admin, &ann, moves).await;
    assert_eq!(
        drive::tree(&app, &bob, &drive::drive_of(&bob)).await,
        [
            "/Files of Ann bob",
            "/Files of Ann/Contracts bob",
            "/Files of Ann/Contracts/a.pdf bob"
        ]
    );
    let seen = drive::item(&app, &eve, &file).await;
    assert_eq!(seen["path"], "/Files of Ann/Contracts/a.pdf");
    app.sound().await;
}

#[tokio::test]
async fn closed_items_stay_unless_they_are_included() {
    let (app, admin, ann, bob) = three().await;
    let tasks = app.tasks(2, &admin, &ann).await;
    task::Entity::update_many()
        .col_expr(task::Column::Status, Expr::value(TaskStatus::Completed))
        .filter(task::Column::Id.eq(tasks[0]))
        .exec(app.raw())
        .await
        .unwrap();
    let reassign = async |closed: bool| {
        let moves =
            json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() }, "includeClosed": closed }]);
        app.run(
            &admin,
            "bulkReassign",
            json!({ "fromUserId": ann.id(), "moves": moves }),
            "",
        )
        .await;
        app.drain().await;
        app.tasks_of(&bob).await
    };
    assert_eq!(reassign(false).await, 1);
    assert_eq!(reassign(true).await, 2);
    app.sound().await;
}

#[tokio::test]
async fn selected_rows_are_reassigned_whoever_holds_them() {
    let (app, admin, ann, bob) = three().await;
    let (one, other) = (app.deals(2, &ann).await, app.deals(2, &admin).await);
    let ids = [one[0].to_string(), other[0].to_string()];
    let moves = json!([{ "kind": "CRM_DEAL", "to": { "userId": bob.id() }, "ids": ids }]);
    app.run(&admin, "bulkReassign", json!({ "moves": moves }), "")
        .await;
    app.drain().await;
    let moved = crm_item::Entity::find().filter(crm_item::Column::ResponsibleId.eq(bob.id));
    assert_eq!(moved.count(app.raw()).await.unwrap(), 2);
    app.sound().await;
}

#[tokio::test]
async fn moving_crm_records_requires_full_access() {
    let (app, admin, ann, bob) = three().await;
    app.deals(1, &ann).await;
    let roles = app.data(&admin, "{ crmRoles { id name } }", json!({})).await["crmRoles"].clone();
    let administrators = roles
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["name"] == "Administrator")
        .unwrap();
    let none = json!({ "roleId": administrators["id"], "name": "Administrator", "rules": [] });
    app.run(&admin, "setCrmRole", none, "").await;
    let input = json!({ "userId": ann.id(), "handover": to(&bob, "CRM_DEAL") });
    assert_eq!(
        app.refusal(&admin, "dismissUser", input).await,
        ["CRM_ACCESS_REQUIRED handover.0.kind"]
    );
    // Refused as a whole: no lock-out without the requested handover.
    app.data(&ann, "{ viewer { user { id } } }", json!({})).await;
    app.sound().await;
}
