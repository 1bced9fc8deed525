//! `handover demo`: a realistic company, reproducible by its seed.

use std::sync::Arc;

use entity::{
    audit_entry, calendar, crm_item, department, dismissal, drive_item, drive_share, event, event_attendee,
    handover_entry, task, task_member, user,
};
use handover::http::app::App;
use handover::server::{self, Options};
use handover::store::db;
use handover::{check, demo};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::TestApp;

pub async fn company(seed: u64) -> (TestApp, demo::Demo, Arc<App>) {
    let app = TestApp::new().await;
    let past = server::open(&Options::new(&app.url, &app.blobs), demo::clock(seed))
        .await
        .unwrap();
    let made = demo::fill(&past, seed).await.unwrap();
    (app, made, past)
}

pub async fn sign_in(app: &TestApp, email: &str) -> String {
    let query = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";
    let input = json!({ "i": { "email": email, "password": demo::PASSWORD } });
    let (_, answer) = app.ask(None, query, input).await;
    answer["data"]["signIn"]["accessToken"]
        .as_str()
        .unwrap_or_else(|| panic!("{answer}"))
        .to_owned()
}

/// All values of all rows, except the salted password hashes.
async fn dump(app: &TestApp) -> Vec<String> {
    let db = app.raw();
    let mut lines = Vec::new();
    for row in department::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for mut row in user::Entity::find().all(db).await.unwrap() {
        row.password_hash = row.password_hash.map(|_| String::new());
        lines.push(format!("{row:?}"));
    }
    for row in task::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in task_member::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in crm_item::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in calendar::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in event::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in event_attendee::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in drive_item::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in drive_share::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in dismissal::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in handover_entry::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    for row in audit_entry::Entity::find().all(db).await.unwrap() {
        lines.push(format!("{row:?}"));
    }
    lines.sort_unstable();
    lines
}

/// No work was created while a person involved in it was dismissed.
#[tokio::test]
async fn dismissed_people_get_no_new_work() {
    let (app, ..) = company(1).await;
    let parts = "SELECT creator_id AS holder, created_at FROM tasks \
        UNION ALL SELECT responsible_id, created_at FROM tasks \
        UNION ALL SELECT m.user_id, t.created_at FROM task_members m JOIN tasks t ON t.id = m.task_id \
        UNION ALL SELECT responsible_id, created_at FROM crm_items";
    let sql = format!(
        "SELECT COUNT(*) FROM ({parts}) p JOIN dismissals d ON d.user_id = p.holder \
         WHERE p.created_at > d.effective_at AND (d.ended_at IS NULL OR p.created_at < d.ended_at)"
    );
    let found = db::query(app.raw(), &sql, []).await.unwrap();
    assert_eq!(found[0].try_get_by_index::<i64>(0).unwrap(), 0);
}

#[tokio::test]
async fn the_demo_company_has_data_of_every_kind() {
    let (app, made, _past) = company(1).await;
    assert_eq!(check::check(app.db()).await.unwrap(), []);
    let files = drive_item::Entity::find().filter(drive_item::Column::Folder.eq(false));
    assert!(files.count(app.raw()).await.unwrap() > 50);
    let token = sign_in(&app, &made.administrator).await;
    let query = "{
        viewer { user { role } }
        all: users { totalCount }
        administrators: users(filter: { role: ADMINISTRATOR }) { totalCount }
        invited: users(filter: { status: [INVITED] }) { totalCount }
        dismissed: users(filter: { dismissed: true }) { totalCount }
        leaving: users(filter: { dismissed: true, holdsWork: true }) { totalCount nodes { work { total } } }
        departments { totalCount }
        tasks { totalCount }
        crmItems { totalCount }
        handovers { totalCount nodes { state } }
    }";
    let (_, answer) = app.ask(Some(&token), query, json!({})).await;
    let data = &answer["data"];
    let count = |name: &str| {
        data[name]["totalCount"]
            .as_u64()
            .unwrap_or_else(|| panic!("{answer}"))
    };
    assert_eq!(data["viewer"]["user"]["role"], "ADMINISTRATOR");
    assert_eq!((count("all"), count("departments")), (204, 15));
    assert_eq!((count("administrators"), count("invited")), (3, 4));
    assert_eq!(count("dismissed"), 14);
    assert_eq!((count("tasks"), count("crmItems")), (1_536, 1_200));
    assert!(count("leaving") >= 10, "{answer}");
    let states = data["handovers"]["nodes"].as_array().unwrap();
    assert!(
        states.len() >= 5 && states.iter().all(|one| one["state"] == "SUCCEEDED"),
        "{states:?}"
    );

    let events = event::Entity::find().count(app.raw()).await.unwrap();
    assert!(events > 300, "{events}");
    let kinds = "{ leads: crmItems(filter: { kind: [LEAD] }) { totalCount } invoices: crmItems(filter: { kind: [INVOICE] }) { totalCount } }";
    let (_, answer) = app.ask(Some(&token), kinds, json!({})).await;
    assert!(
        answer["data"]["leads"]["totalCount"].as_u64() > Some(100),
        "{answer}"
    );
    assert!(
        answer["data"]["invoices"]["totalCount"].as_u64() > Some(100),
        "{answer}"
    );

    let token = sign_in(&app, &made.employee).await;
    let (_, answer) = app
        .ask(
            Some(&token),
            "{ viewer { user { role work { total } } } }",
            json!({}),
        )
        .await;
    assert_eq!(answer["data"]["viewer"]["user"]["role"], "EMPLOYEE");
    assert!(
        answer["data"]["viewer"]["user"]["work"]["total"].as_u64() > Some(0),
        "{answer}"
    );
    assert_eq!(answer.get("errors"), None::<&Value>);
}

#[tokio::test]
async fn the_same_seed_generates_the_same_company() {
    let (one, _, _one) = company(7).await;
    let (same, _, _same) = company(7).await;
    let (other, _, _other) = company(8).await;
    let (one, same, other) = (dump(&one).await, dump(&same).await, dump(&other).await);
    assert_eq!(one, same);
    assert_ne!(one, other);
}
