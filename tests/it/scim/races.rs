//! Requests at the same time. `HANDOVER_ROUNDS` says how often each race is run.

use entity::user::{self, Role, UserStatus};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::{Company, plain};

fn rounds() -> usize {
    let given = std::env::var("HANDOVER_ROUNDS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(10)
}

fn deactivate() -> Value {
    json!([{ "op": "replace", "path": "active", "value": false }])
}

#[tokio::test]
async fn d5_of_two_users_with_one_name_one_is_created() {
    let company = Company::new().await;
    for round in 0..rounds() {
        let body = || Some(json!({ "userName": format!("p{round}@example.com") }));
        let (one, other) = tokio::join!(
            company.send("POST", "/Users", body()),
            company.send("POST", "/Users", body())
        );
        let mut statuses = [one.0, other.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409], "{} {}", one.1, other.1);
    }
}

#[tokio::test]
async fn one_of_the_last_two_administrators_stays() {
    let company = Company::new().await;
    let app = &company.app;
    let active = async || {
        user::Entity::find()
            .filter(user::Column::Role.eq(Role::Administrator))
            .filter(user::Column::Status.eq(UserStatus::Active))
            .count(app.raw())
            .await
            .unwrap()
    };
    let mut admin = company.admin.clone();
    for round in 0..rounds() {
        let second = app.person(&format!("second{round}"), Role::Administrator).await;
        let path = format!("/Users/{}", plain(&admin));
        let mutation = "mutation($id: ID!) { dismissUser(input: { userId: $id }) { userErrors { code } } }";
        let (by_directory, by_hand) = tokio::join!(
            company.patch(&path, deactivate()),
            app.ask(Some(&admin.token), mutation, json!({ "id": second.id() }))
        );
        assert_eq!(active().await, 1, "{by_directory:?} {by_hand:?}");
        if by_directory.0 == 200 {
            admin = second;
        }
    }
}

#[tokio::test]
async fn leaving_a_group_brings_nobody_back() {
    let company = Company::new().await;
    let app = &company.app;
    let sales = app
        .run(
            &company.admin,
            "setDepartment",
            json!({ "name": "Sales" }),
            "department { id }",
        )
        .await;
    let (_, group) = company
        .send("POST", "/Groups", Some(json!({ "displayName": "Sales" })))
        .await;
    let uuid = group["id"].as_str().unwrap();
    let input = json!({
        "groupId": entity::DirectoryGroupId(uuid.parse().unwrap()).to_string(),
        "to": { "departmentId": sales["department"]["id"] },
    });
    app.run(&company.admin, "mapDirectoryGroup", input, "directory { id }")
        .await;
    let path = format!("/Groups/{uuid}");
    for round in 0..rounds() {
        let ben = app.employee(&format!("ben{round}")).await;
        let member = json!([{ "value": plain(&ben) }]);
        company
            .patch(
                &path,
                json!([{ "op": "add", "path": "members", "value": member }]),
            )
            .await;
        let user = format!("/Users/{}", plain(&ben));
        let leave = json!([{ "op": "remove", "path": "members", "value": member }]);
        let (left, dismissed) = tokio::join!(company.patch(&path, leave), company.patch(&user, deactivate()));
        assert_eq!((left.0, dismissed.0), (200, 200), "{} {}", left.1, dismissed.1);
        assert_eq!(company.user(&plain(&ben), "status").await["status"], "DISMISSED");
    }
    app.sound().await;
}

#[tokio::test]
async fn a_person_dismissed_twice_at_once_has_one_dismissal() {
    let company = Company::new().await;
    let app = &company.app;
    for round in 0..rounds() {
        let ben = app.employee(&format!("ben{round}")).await;
        let path = format!("/Users/{}", plain(&ben));
        let mutation = "mutation($id: ID!) { dismissUser(input: { userId: $id }) { userErrors { code } } }";
        let (by_directory, by_hand) = tokio::join!(
            company.patch(&path, deactivate()),
            app.ask(Some(&company.admin.token), mutation, json!({ "id": ben.id() }))
        );
        assert_eq!(by_directory.0, 200, "{}", by_directory.1);
        assert!(by_hand.1.get("errors").is_none(), "{}", by_hand.1);
    }
    app.sound().await;
}
