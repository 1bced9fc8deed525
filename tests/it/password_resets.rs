//! Password reset links.

use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::user::{self, Role};
use entity::{UserId, password_reset};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{PASSWORD, Person, TestApp};

const NEW: &str = "a brand new password";
const SIGN_IN: &str = "mutation($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }";
const RESET: &str = "mutation($i: ResetPasswordInput!) { resetPassword(input: $i) { \
                     accessToken refreshToken user { email } userErrors { code field } } }";

async fn issue(app: &TestApp, by: &Person, to: UserId) -> Value {
    let payload = app
        .run(
            by,
            "issuePasswordReset",
            json!({ "userId": to.to_string() }),
            "token expiresAt",
        )
        .await;
    assert!(payload["token"].is_string(), "{payload}");
    payload["token"].clone()
}

async fn reset(app: &TestApp, token: &Value, password: &str) -> Value {
    let input = json!({ "i": { "token": token, "password": password } });
    app.ask(None, RESET, input).await.1["data"]["resetPassword"].clone()
}

async fn may_sign_in(app: &TestApp, email: &str, password: &str) -> bool {
    let input = json!({ "i": { "email": email, "password": password } });
    let (_, answer) = app.ask(None, SIGN_IN, input).await;
    answer["data"]["signIn"]["accessToken"].is_string()
}

async fn is_let_in(app: &TestApp, token: &str) -> bool {
    let (status, _) = app
        .ask(Some(token), "{ viewer { user { id } } }", json!({}))
        .await;
    status == StatusCode::OK
}

#[tokio::test]
async fn a_reset_link_works_once_and_ends_all_sessions() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let token = issue(&app, &admin, ann.id).await;
    assert!(
        is_let_in(&app, &ann.token).await,
        "creating a link changes nothing"
    );
    assert!(may_sign_in(&app, &ann.email, PASSWORD).await);

    let weak = reset(&app, &token, "short").await;
    assert_eq!(
        weak["userErrors"],
        json!([{ "code": "PASSWORD_TOO_WEAK", "field": ["password"] }])
    );
    let done = reset(&app, &token, NEW).await;
    assert_eq!(done["user"]["email"], ann.email, "{done}");
    assert!(is_let_in(&app, done["accessToken"].as_str().unwrap()).await);
    assert!(!is_let_in(&app, &ann.token).await);
    assert_eq!(app.open_sessions(&ann).await, 1);
    assert!(!may_sign_in(&app, &ann.email, PASSWORD).await);
    assert!(may_sign_in(&app, &ann.email, NEW).await);

    let twice = reset(&app, &token, "yet another password").await;
    assert_eq!(
        twice["userErrors"],
        json!([{ "code": "TOKEN_INVALID", "field": ["token"] }])
    );
    let log = app
        .data(
            &admin,
            "{ auditLog(first: 5) { nodes { action actor } } }",
            json!({}),
        )
        .await;
    let log = log["auditLog"]["nodes"].as_array().unwrap();
    for (action, actor) in [
        ("user.password_reset_issued", &admin.email),
        ("user.password_reset", &ann.email),
    ] {
        assert!(
            log.contains(&json!({ "action": action, "actor": actor })),
            "{log:?}"
        );
    }
    app.sound().await;
}

/// What ends a link: a mutation with its input, and its caller.
#[tokio::test]
async fn a_reset_link_ends_when_it_becomes_invalid() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let cases: [(&str, bool, &str, Value); 6] = [
        ("password", true, "changePassword", {
            json!({ "currentPassword": PASSWORD, "newPassword": NEW })
        }),
        (
            "address",
            false,
            "updateUser",
            json!({ "email": "readdressed@example.com" }),
        ),
        ("role", false, "updateUser", json!({ "role": "ADMINISTRATOR" })),
        ("dismissed", false, "dismissUser", json!({})),
        ("replaced", false, "issuePasswordReset", json!({})),
        ("kept", false, "updateUser", json!({ "givenName": "Ann" })),
    ];
    for (name, by_themselves, mutation, mut input) in cases {
        let person = app.employee(name).await;
        let token = issue(&app, &admin, person.id).await;
        if !by_themselves {
            input["userId"] = json!(person.id());
        }
        let by = if by_themselves { &person } else { &admin };
        let payload = app.run(by, mutation, input, "").await;
        assert_eq!(payload["userErrors"], json!([]), "{name}");
        let after = reset(&app, &token, "yet another password").await;
        assert_eq!(
            after["accessToken"].is_string(),
            name == "kept",
            "{name}: {after}"
        );
    }
    for (name, mutation, mut input) in [
        ("dismissed", "dismissUser", json!({})),
        ("demoted", "updateUser", json!({ "role": "EMPLOYEE" })),
    ] {
        let issuer = app.person(&format!("issuer {name}"), Role::Administrator).await;
        let person = app.employee(&format!("person {name}")).await;
        let token = issue(&app, &issuer, person.id).await;
        input["userId"] = json!(issuer.id());
        app.run(&admin, mutation, input, "").await;
        let after = reset(&app, &token, NEW).await;
        assert_eq!(
            after["userErrors"][0]["code"], "TOKEN_INVALID",
            "the issuer was {name}"
        );
        assert!(may_sign_in(&app, &person.email, PASSWORD).await);
    }
    assert_eq!(
        password_reset::Entity::find().count(app.raw()).await.unwrap(),
        1,
        "the replacement"
    );

    let late = app.employee("late").await;
    let token = issue(&app, &admin, late.id).await;
    let past = app.db().clock().now() - TimeDelta::seconds(1);
    password_reset::Entity::update_many()
        .col_expr(password_reset::Column::ExpiresAt, Expr::value(past))
        .exec(app.raw())
        .await
        .unwrap();
    let after = reset(&app, &token, NEW).await;
    assert_eq!(
        after["userErrors"][0]["code"], "TOKEN_INVALID",
        "a day has passed"
    );
    app.sound().await;
}

#[tokio::test]
async fn a_reset_link_is_refused_for_oneself_and_inactive_people() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let invited = app
        .run(
            &admin,
            "inviteUser",
            json!({ "email": "new@example.com" }),
            "user { id }",
        )
        .await;
    app.run(&admin, "dismissUser", json!({ "userId": ann.id() }), "")
        .await;
    for (id, expected) in [
        (json!(admin.id()), "INVALID userId"),
        (invited["user"]["id"].clone(), "INVITATION_PENDING userId"),
        (json!(ann.id()), "INVALID userId"),
        (json!("user_01j0b3v1mmee6tx9cpdgkfhbch"), "NOT_FOUND userId"),
    ] {
        let refused = app
            .refusal(&admin, "issuePasswordReset", json!({ "userId": id }))
            .await;
        assert_eq!(refused, [expected]);
    }
    assert_eq!(password_reset::Entity::find().count(app.raw()).await.unwrap(), 0);
    let long = reset(&app, &json!("x".repeat(60_000)), NEW).await;
    assert_eq!(long["userErrors"][0]["code"], "TOKEN_INVALID");
}

#[tokio::test]
async fn a_reset_link_sets_a_first_password() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(None::<String>))
        .filter(user::Column::Id.eq(ann.id))
        .exec(app.raw())
        .await
        .unwrap();
    assert!(!may_sign_in(&app, &ann.email, PASSWORD).await);
    let token = issue(&app, &admin, ann.id).await;
    let row = password_reset::Entity::find()
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert!(
        !format!("{row:?}").contains(token.as_str().unwrap()),
        "a token is stored"
    );
    reset(&app, &token, NEW).await;
    assert!(may_sign_in(&app, &ann.email, NEW).await);
    app.sound().await;
}
