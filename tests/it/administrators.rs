//! At least one administrator can always sign in.

use entity::user::{self, Role};
use handover::check;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::support::{Person, TestApp};

/// An administrator without a password, as after an import.
async fn imported(app: &TestApp, name: &str) -> Person {
    let person = app.person(name, Role::Administrator).await;
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(None::<String>))
        .filter(user::Column::Id.eq(person.id))
        .exec(app.raw())
        .await
        .unwrap();
    person
}

#[tokio::test]
async fn an_administrator_who_cannot_sign_in_does_not_count_as_the_last_one() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let ghost = imported(&app, "ghost").await;
    let other = imported(&app, "other").await;
    let demote = |who: &Person| json!({ "userId": who.id(), "role": "EMPLOYEE" });
    assert_eq!(
        app.refusal(&admin, "updateUser", demote(&admin)).await,
        ["LAST_ADMINISTRATOR role"]
    );
    let input = json!({ "name": "HR", "scopes": ["DISMISS_USERS"] });
    let made = app.run(&admin, "createIntegration", input, "token").await;
    let hr = Person {
        token: made["token"].as_str().unwrap().to_owned(),
        ..admin.clone()
    };
    for (mutation, input, expected) in [
        (
            "dismissUser",
            json!({ "userId": admin.id() }),
            "LAST_ADMINISTRATOR userId",
        ),
        (
            "dismissUsers",
            json!({ "userIds": [admin.id()] }),
            "LAST_ADMINISTRATOR userIds.0",
        ),
        (
            "dismissUser",
            json!({ "userId": admin.id(), "effectiveAt": "2100-01-01T00:00:00Z" }),
            "LAST_ADMINISTRATOR userId",
        ),
    ] {
        assert_eq!(app.refusal(&hr, mutation, input).await, [expected]);
    }
    // Administrators who can't sign in may be removed.
    for (mutation, input) in [
        ("updateUser", demote(&other)),
        ("dismissUser", json!({ "userId": other.id() })),
    ] {
        let done = app.run(&admin, mutation, input, "user { id }").await;
        assert_eq!(done["userErrors"], json!([]), "{mutation}");
    }

    let issued = app
        .run(
            &admin,
            "issuePasswordReset",
            json!({ "userId": ghost.id() }),
            "token",
        )
        .await;
    let reset = "mutation($i: ResetPasswordInput!) { resetPassword(input: $i) { userErrors { code } } }";
    let input = json!({ "i": { "token": issued["token"], "password": "a brand new password" } });
    app.ask(None, reset, input).await;
    let done = app
        .run(&admin, "updateUser", demote(&admin), "user { role }")
        .await;
    assert_eq!(done["user"]["role"], "EMPLOYEE", "the other one can sign in now");
    app.sound().await;
}

#[tokio::test]
async fn check_reports_a_company_without_an_administrator() {
    let app = TestApp::new().await;
    imported(&app, "ghost").await;
    assert_eq!(
        check::check(app.db()).await.unwrap(),
        [],
        "nobody can sign in yet"
    );
    app.employee("ann").await;
    let findings = check::check(app.db()).await.unwrap();
    let rules: Vec<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules, ["no active administrator can sign in"]);
}
