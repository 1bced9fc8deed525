//! Integrations: tokens, permissions, and their handover when the owner leaves.

use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::{audit_entry, integration_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

pub async fn create(app: &TestApp, by: &Person, input: Value) -> (String, String) {
    let made = app
        .run(by, "createIntegration", input, "integration { id } token")
        .await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    (text(&made["integration"]["id"]), text(&made["token"]))
}

pub async fn add(app: &TestApp, by: &Person, input: Value) -> (String, String) {
    let added = app
        .run(by, "addIntegrationSecret", input, "secret { id } value")
        .await;
    let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{added}")).to_owned();
    (text(&added["secret"]["id"]), text(&added["value"]))
}

const VIEWER: &str = "{ viewer { user { id } integration { name scopes owner { email } } permissions } }";

#[tokio::test]
async fn a_token_is_shown_once_and_revoked_at_once() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let input = json!({ "name": "HR sync", "scopes": ["DISMISS_USERS", "HIRE_USERS"] });
    let (id, token) = create(&app, &admin, input).await;
    assert!(token.starts_with("hnd_") && token.len() > 40);
    let row = integration_secret::Entity::find().one(app.raw()).await.unwrap();
    let row = row.unwrap();
    assert!(!format!("{row:?}").contains(&token[4..]), "a token is stored");
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
    // Its last use is recorded, at most once a minute.
    let used = async || {
        integration_secret::Entity::find()
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
    integration_secret::Entity::update_many()
        .col_expr(integration_secret::Column::LastUsedAt, Expr::value(long_ago))
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
async fn invalid_integrations_are_refused() {
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
    integration_secret::Entity::update_many()
        .col_expr(integration_secret::Column::ExpiresAt, Expr::value(past))
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
async fn integrations_dismiss_by_the_rules_for_people() {
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
                   handover { id requestedBy { email } requestedByIntegration { name } } userErrors { code } } }";
    let moves = json!([
        { "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } },
        { "kind": "CRM_DEAL", "to": { "userId": bob.id() } },
    ]);
    let done = run(dismiss, json!({ "userId": ann.id(), "handover": moves })).await;
    assert_eq!(done["data"]["done"]["userErrors"], json!([]), "{done}");
    // It acts in its own name; its owner is accountable.
    let handover = &done["data"]["done"]["handover"];
    assert_eq!(handover["requestedBy"]["email"], admin.email);
    assert_eq!(handover["requestedByIntegration"]["name"], "HR");
    // Callers without access to integrations don't see them through a handover.
    let (_, other) = create(
        &app,
        &admin,
        json!({ "name": "other", "scopes": ["REASSIGN_WORK"] }),
    )
    .await;
    let query = "{ handovers { nodes { requestedByIntegration { name } } } }";
    let (_, seen) = app.ask(Some(&other), query, json!({})).await;
    assert_eq!(
        seen["data"]["handovers"]["nodes"],
        json!([{ "requestedByIntegration": null }])
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
    // The audit log names it.
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
    assert!(entry.actor_integration_id.is_some());

    // It can't make anybody an administrator by any mutation.
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
    // It does not inherit its owner's access.
    for query in ["{ tasks { totalCount } }", "{ crmItems { totalCount } }"] {
        assert_eq!(app.error(Some(&token), query, json!({})).await, "FORBIDDEN");
    }
    app.sound().await;
}

#[tokio::test]
async fn an_integration_outlives_its_owner_and_gets_a_new_one() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let owner = app.person("owner", entity::user::Role::Administrator).await;
    let (id, token) = create(&app, &owner, json!({ "name": "a", "scopes": ["READ_AUDIT_LOG"] })).await;
    let (old, _) = create(&app, &owner, json!({ "name": "b", "scopes": ["READ_AUDIT_LOG"] })).await;
    let other = add(&app, &admin, json!({ "integrationId": id })).await.1;
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
    let status = async |token: &str| app.ask(Some(token), VIEWER, json!({})).await.0;
    assert_eq!(
        status(&token).await,
        StatusCode::UNAUTHORIZED,
        "the leaver knows it"
    );
    assert_eq!(
        status(&other).await,
        StatusCode::OK,
        "the leaver does not know it"
    );
    app.drain().await;
    let of = async |id: &str| {
        let query = "query($id: ID!) { node(id: $id) { ... on Integration { owner { email } } } }";
        app.data(&admin, query, json!({ "id": id })).await["node"]["owner"]["email"].clone()
    };
    assert_eq!(of(&id).await, admin.email);
    assert_eq!(
        of(&old).await,
        owner.email,
        "revoked integrations are not handed over"
    );
    assert_eq!(status(&other).await, StatusCode::OK);
    app.sound().await;
}

/// What an integration with all scopes may do to a person: the error, if any.
async fn attempt(app: &TestApp, token: &str, name: &str, input: Value) -> String {
    let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
    let query = format!("mutation($i: {kind}) {{ done: {name}(input: $i) {{ userErrors {{ code }} }} }}");
    let (_, answer) = app.ask(Some(token), &query, json!({ "i": input })).await;
    let code = [
        &answer["errors"][0]["extensions"]["code"],
        &answer["data"]["done"]["userErrors"][0]["code"],
    ];
    let found = code.into_iter().find_map(Value::as_str);
    found.unwrap_or("done").to_owned()
}

#[tokio::test]
async fn integrations_can_not_change_administrators_their_owner_or_secret_holders() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let mut people = Vec::new();
    for name in ["owner", "knows", "boss"] {
        people.push(app.person(name, entity::user::Role::Administrator).await);
    }
    let [owner, knows, boss] = people.try_into().unwrap_or_else(|_| panic!());
    let bob = app.employee("bob").await;
    let scopes = [
        "DISMISS_USERS",
        "HIRE_USERS",
        "MANAGE_USERS",
        "SEE_DISMISSED_USERS",
    ];
    let (id, _) = create(&app, &knows, json!({ "name": "HR", "scopes": scopes })).await;
    let (_, token) = add(&app, &admin, json!({ "integrationId": id })).await;
    let moves = json!([{ "kind": "INTEGRATION", "to": { "userId": owner.id() } }]);
    let input = json!({ "fromUserId": knows.id(), "moves": moves });
    app.run(&admin, "bulkReassign", input, "handover { id }").await;
    app.drain().await;
    // Even when they are no longer administrators.
    for person in [&owner, &knows] {
        let input = json!({ "userId": person.id(), "role": "EMPLOYEE" });
        app.run(&admin, "updateUser", input, "user { id }").await;
    }
    let department = async |by: &Person, name: &str| {
        let made = app
            .run(by, "setDepartment", json!({ "name": name }), "department { id }")
            .await;
        made["department"]["id"].as_str().unwrap().to_owned()
    };
    let (team, elsewhere) = (
        department(&admin, "Team").await,
        department(&admin, "Elsewhere").await,
    );
    for person in [&owner, &knows, &boss] {
        let name = person.email.split('@').next().unwrap();
        let place = department(&admin, name).await;
        let below = json!({ "departmentId": place, "name": name, "parentId": team });
        app.run(&admin, "setDepartment", below, "department { id }").await;
        let input = json!({ "userId": person.id(), "departmentId": place });
        app.run(&admin, "updateUser", input, "user { id }").await;
        let user = |change: Value| {
            let mut input = json!({ "userId": person.id() });
            input
                .as_object_mut()
                .unwrap()
                .extend(change.as_object().unwrap().clone());
            input
        };
        for (name, input) in [
            ("updateUser", user(json!({ "email": "else@example.com" }))),
            ("updateUser", user(json!({ "departmentId": elsewhere }))),
            (
                "setDepartment",
                json!({ "departmentId": place, "name": name, "headId": bob.id() }),
            ),
            (
                "setDepartment",
                json!({ "departmentId": place, "name": name, "parentId": elsewhere }),
            ),
            (
                "setDepartment",
                json!({ "departmentId": team, "name": "Team", "headId": bob.id() }),
            ),
            // The person is not dismissed, but rehiring is refused first if not permitted.
            ("hireUser", user(json!({}))),
        ] {
            let answer = attempt(&app, &token, name, input.clone()).await;
            assert_eq!(answer, "FORBIDDEN", "{name} {input}");
        }
        // Changes without a gain in rights are allowed, but none of administrators.
        let answer = attempt(&app, &token, "updateUser", user(json!({ "position": "Lead" }))).await;
        assert!(["done", "FORBIDDEN"].contains(&answer.as_str()), "{answer}");
        let renamed = json!({ "departmentId": place, "name": format!("{name} & co") });
        assert_eq!(attempt(&app, &token, "setDepartment", renamed).await, "done");
    }
    let demote = json!({ "userId": boss.id(), "role": "EMPLOYEE" });
    assert_eq!(attempt(&app, &token, "updateUser", demote).await, "FORBIDDEN");
    // It can dismiss administrators but not rehire them. Others it can rehire.
    for person in [&owner, &knows, &boss, &bob] {
        let input = json!({ "userId": person.id() });
        assert_eq!(
            attempt(&app, &token, "dismissUser", input.clone()).await,
            "done",
            "{}",
            person.email
        );
        let expected = if person.id == bob.id { "done" } else { "FORBIDDEN" };
        assert_eq!(
            attempt(&app, &token, "hireUser", input).await,
            expected,
            "{}",
            person.email
        );
    }
    // It can manage all other people.
    for (name, input) in [
        (
            "updateUser",
            json!({ "userId": bob.id(), "email": "bob@example.org" }),
        ),
        (
            "updateUser",
            json!({ "userId": bob.id(), "departmentId": elsewhere }),
        ),
        (
            "setDepartment",
            json!({ "departmentId": elsewhere, "name": "Elsewhere", "headId": bob.id() }),
        ),
        ("inviteUser", json!({ "email": "new@example.com" })),
    ] {
        assert_eq!(
            attempt(&app, &token, name, input.clone()).await,
            "done",
            "{name} {input}"
        );
    }
    app.sound().await;
}

#[tokio::test]
async fn audit_entries_name_the_integration() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let (id, token) = create(&app, &admin, json!({ "name": "HR", "scopes": ["DISMISS_USERS"] })).await;
    let input = json!({ "userId": ann.id() });
    assert_eq!(attempt(&app, &token, "dismissUser", input).await, "done");
    let query = "query($a: ID!) { auditLog(filter: { actorId: $a }) { nodes { \
                 action actor actorUser { id } actorIntegration { id name } } } }";
    let found = app.data(&admin, query, json!({ "a": id })).await;
    let entry = json!({
        "action": "user.dismissed", "actor": "integration HR", "actorUser": null,
        "actorIntegration": { "id": id, "name": "HR" },
    });
    assert_eq!(found["auditLog"]["nodes"], json!([entry]));
    let of_owner = app.data(&admin, query, json!({ "a": admin.id() })).await;
    assert!(!of_owner.to_string().contains("user.dismissed"), "{of_owner}");
    app.sound().await;
}
