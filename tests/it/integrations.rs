//! Programs of third parties: their tokens, what they may do, and what becomes of them when their owner leaves.

use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::{audit_entry, integration};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

async fn create(app: &TestApp, by: &Person, input: Value) -> (String, String) {
    let made = app
        .run(by, "createIntegration", input, "integration { id } token")
        .await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (text(&made["integration"]["id"]), text(&made["token"]))
}

const VIEWER: &str = "{ viewer { user { id } integration { name scopes owner { email } } permissions } }";

#[tokio::test]
async fn a_token_is_shown_once_and_dies_at_once() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let input = json!({ "name": "HR sync", "scopes": ["DISMISS_USERS", "HIRE_USERS"] });
    let (id, token) = create(&app, &admin, input).await;
    assert!(token.starts_with("hnd_") && token.len() > 40);
    let row = integration::Entity::find().one(app.raw()).await.unwrap().unwrap();
    assert!(!format!("{row:?}").contains(&token[4..]), "a token is kept");
    assert!(row.last_used_at.is_none());

    let (status, answer) = app.ask(Some(&token), VIEWER, json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        answer["data"]["viewer"],
        json!({
            "user": null,
            "integration": {
                "name": "HR sync", "scopes": ["DISMISS_USERS", "HIRE_USERS"], "owner": { "email": admin.email },
            },
            "permissions": ["DISMISS_USERS", "HIRE_USERS"],
        })
    );
    // Its use is noted, at most once a minute.
    let used = async || {
        integration::Entity::find()
            .one(app.raw())
            .await
            .unwrap()
            .unwrap()
            .last_used_at
    };
    let first = used().await;
    assert!(first.is_some());
    app.ask(Some(&token), VIEWER, json!({})).await;
    assert_eq!(used().await, first);
    let long_ago = first.map(|at| at - TimeDelta::minutes(2));
    integration::Entity::update_many()
        .col_expr(integration::Column::LastUsedAt, Expr::value(long_ago))
        .exec(app.raw())
        .await
        .unwrap();
    app.ask(Some(&token), VIEWER, json!({})).await;
    assert!(used().await >= first);

    for _ in 0..2 {
        let input = json!({ "integrationId": id });
        let revoked = app
            .run(&admin, "revokeIntegration", input, "integration { revokedAt }")
            .await;
        assert!(revoked["integration"]["revokedAt"].is_string());
    }
    assert_eq!(
        app.ask(Some(&token), VIEWER, json!({})).await.0,
        StatusCode::UNAUTHORIZED
    );
    for wrong in ["hnd_", "hnd_nonsense", &token[..token.len() - 1]] {
        assert_eq!(
            app.ask(Some(wrong), VIEWER, json!({})).await.0,
            StatusCode::UNAUTHORIZED
        );
    }
    let listed = app
        .data(&admin, "{ integrations { name revokedAt } }", json!({}))
        .await;
    assert_eq!(listed["integrations"].as_array().unwrap().len(), 1);
    app.sound().await;
}

#[tokio::test]
async fn what_is_wrong_with_an_integration_is_told() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (input, expected) in [
        (json!({ "name": "", "scopes": ["HIRE_USERS"] }), "INVALID name"),
        (json!({ "name": "x", "scopes": [] }), "INVALID scopes"),
        (
            json!({ "name": "x", "scopes": ["HIRE_USERS"], "expiresAt": "2020-01-01T00:00:00Z" }),
            "DATE_IN_PAST expiresAt",
        ),
    ] {
        assert_eq!(app.refusal(&admin, "createIntegration", input).await, [expected]);
    }
    let (_, token) = create(
        &app,
        &admin,
        json!({ "name": "x", "scopes": ["HIRE_USERS"], "expiresAt": "2100-01-01T00:00:00Z" }),
    )
    .await;
    assert_eq!(app.ask(Some(&token), VIEWER, json!({})).await.0, StatusCode::OK);
    let past = app.db().clock().now() - TimeDelta::seconds(1);
    integration::Entity::update_many()
        .col_expr(integration::Column::ExpiresAt, Expr::value(past))
        .exec(app.raw())
        .await
        .unwrap();
    assert_eq!(
        app.ask(Some(&token), VIEWER, json!({})).await.0,
        StatusCode::UNAUTHORIZED
    );
    app.sound().await;
}

#[tokio::test]
async fn it_lets_people_go_by_the_rules_for_people() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.tasks(3, &admin, &ann).await;
    app.deals(2, &ann).await;
    let scopes =
        json!({ "name": "HR", "scopes": ["DISMISS_USERS", "HIRE_USERS", "REASSIGN_WORK", "MANAGE_USERS"] });
    let (_, token) = create(&app, &admin, scopes).await;
    let run = async |query: &str, input: Value| app.ask(Some(&token), query, json!({ "i": input })).await.1;
    let dismiss = "mutation($i: DismissUserInput!) { done: dismissUser(input: $i) { \
                   handover { id requestedBy { email } } userErrors { code } } }";
    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } },
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
    ]);
    let done = run(dismiss, json!({ "userId": ann.id(), "handover": moves })).await;
    assert_eq!(done["data"]["done"]["userErrors"], json!([]), "{done}");
    assert_eq!(
        done["data"]["done"]["handover"]["requestedBy"]["email"],
        admin.email
    );
    app.drain().await;
    assert_eq!(app.tasks_of(&bob).await, 3);
    assert_eq!(
        app.ask(Some(&ann.token), VIEWER, json!({})).await.0,
        StatusCode::UNAUTHORIZED
    );
    let last = run(dismiss, json!({ "userId": admin.id() })).await;
    assert_eq!(
        last["data"]["done"]["userErrors"],
        json!([{ "code": "LAST_ADMINISTRATOR" }])
    );
    let hire = "mutation($i: HireUserInput!) { done: hireUser(input: $i) { userErrors { code } } }";
    let back = run(hire, json!({ "userId": ann.id() })).await;
    assert_eq!(back["data"]["done"]["userErrors"], json!([]));
    // The log names it.
    let entry = audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq("user.dismissed"))
        .one(app.raw())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (entry.actor.as_str(), entry.actor_user_id),
        ("integration HR", None)
    );

    // It makes nobody an administrator, by no way.
    let update = "mutation($i: UpdateUserInput!) { done: updateUser(input: $i) { userErrors { code } } }";
    let invite = "mutation($i: InviteUserInput!) { done: inviteUser(input: $i) { userErrors { code } } }";
    let input = json!({ "email": "boss@example.com", "role": "ADMINISTRATOR" });
    app.run(&admin, "inviteUser", input.clone(), "user { id }").await;
    for (query, input) in [
        (update, json!({ "userId": bob.id(), "role": "ADMINISTRATOR" })),
        (
            invite,
            json!({ "email": "new@example.com", "role": "ADMINISTRATOR" }),
        ),
        (invite, json!({ "email": "boss@example.com" })),
        (
            "mutation($i: CreateIntegrationInput!) { done: createIntegration(input: $i) { userErrors { code } } }",
            json!({ "name": "x", "scopes": ["READ_AUDIT_LOG"] }),
        ),
    ] {
        let answer = run(query, input).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    }
    // It is nobody: what is its owner's it does not see.
    let seen = app
        .ask(
            Some(&token),
            "{ tasks { totalCount } crmItems { totalCount } }",
            json!({}),
        )
        .await
        .1;
    assert_eq!(
        seen["data"],
        json!({ "tasks": { "totalCount": 0 }, "crmItems": { "totalCount": 0 } })
    );
    app.sound().await;
}

#[tokio::test]
async fn it_outlives_its_owner_and_gets_a_new_one() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let owner = app.person("owner", entity::user::Role::Administrator).await;
    let (id, token) = create(&app, &owner, json!({ "name": "a", "scopes": ["READ_AUDIT_LOG"] })).await;
    let (old, _) = create(&app, &owner, json!({ "name": "b", "scopes": ["READ_AUDIT_LOG"] })).await;
    app.run(
        &owner,
        "revokeIntegration",
        json!({ "integrationId": old }),
        "integration { id }",
    )
    .await;
    let moves = json!([{ "kind": "INTEGRATION", "to": { "userId": admin.id() } }]);
    let input = json!({ "userId": owner.id(), "handover": moves });
    app.run(&admin, "dismissUser", input, "handover { id }").await;
    assert_eq!(app.ask(Some(&token), VIEWER, json!({})).await.0, StatusCode::OK);
    app.drain().await;
    let of = async |id: &str| {
        let query = "query($id: ID!) { node(id: $id) { ... on Integration { owner { email } } } }";
        app.data(&admin, query, json!({ "id": id })).await["node"]["owner"]["email"].clone()
    };
    assert_eq!(of(&id).await, admin.email);
    assert_eq!(of(&old).await, owner.email, "what is revoked stays");
    assert_eq!(app.ask(Some(&token), VIEWER, json!({})).await.0, StatusCode::OK);
    app.sound().await;
}
