//! Integration secrets: rotation without downtime, and revocation with the dismissal of those who know them.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::TimeDelta;
use entity::user::Role;
use entity::{audit_entry, integration_secret};
use migration::Migrator;
use migration::sea_orm_migration::MigratorTrait;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::integrations::{add, create};
use crate::support::{Person, TestApp, empty_database};

const VIEWER: &str = "{ viewer { permissions } }";

async fn status(app: &TestApp, token: &str) -> StatusCode {
    app.ask(Some(token), VIEWER, json!({})).await.0
}

async fn secret(app: &TestApp, id: &str) -> integration_secret::Model {
    let id: entity::IntegrationSecretId = id.parse().unwrap();
    let found = integration_secret::Entity::find_by_id(id).one(app.raw()).await;
    found.unwrap().unwrap()
}

/// The ids of an integration's secrets, newest first.
async fn secrets(app: &TestApp, by: &Person, integration: &str) -> Vec<String> {
    let query = "query($id: ID!) { node(id: $id) { ... on Integration { secrets { id } } } }";
    let found = app.data(by, query, json!({ "id": integration })).await;
    let list = found["node"]["secrets"].as_array().unwrap();
    list.iter()
        .map(|secret| secret["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn secrets_rotate_without_an_outage() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let input = json!({ "name": "HR", "scopes": ["HIRE_USERS"], "expiresAt": "2100-01-01T00:00:00Z" });
    let (id, first) = create(&app, &admin, input).await;
    let mut tokens = vec![first];
    for _ in 0..4 {
        tokens.push(add(&app, &admin, json!({ "integrationId": id })).await.1);
    }
    for token in &tokens {
        assert_eq!(status(&app, token).await, StatusCode::OK);
    }
    let refused = async |input: Value| app.refusal(&admin, "addIntegrationSecret", input).await;
    assert_eq!(
        refused(json!({ "integrationId": id })).await,
        ["TOO_MANY integrationId"]
    );
    let input = json!({ "integrationId": id, "kind": "CLIENT_SECRET" });
    assert_eq!(refused(input).await, ["TOO_MANY integrationId"]);
    let input = json!({ "integrationId": id, "kind": "PUBLIC_KEY" });
    assert_eq!(refused(input).await, ["INVALID publicKey"]);
    let input = json!({ "integrationId": id, "publicKey": "x" });
    assert_eq!(refused(input).await, ["INVALID publicKey"]);
    let input = json!({ "integrationId": id, "expiresAt": "2020-01-01T00:00:00Z" });
    assert_eq!(refused(input).await, ["DATE_IN_PAST expiresAt"]);

    let ids = secrets(&app, &admin, &id).await;
    assert_eq!(ids.len(), 5);
    for _ in 0..2 {
        let input = json!({ "secretId": ids[4] });
        let revoked = app
            .run(&admin, "revokeIntegrationSecret", input, "integration { id }")
            .await;
        assert_eq!(revoked["integration"]["id"], id.as_str(), "{revoked}");
    }
    assert_eq!(status(&app, &tokens[0]).await, StatusCode::UNAUTHORIZED);
    for token in &tokens[1..] {
        assert_eq!(status(&app, token).await, StatusCode::OK);
    }
    // Revoking one makes room for another.
    add(&app, &admin, json!({ "integrationId": id })).await;

    let fields =
        "... on IntegrationSecret { kind hint lastUsedAt revokedAt shownTo { email } knownToLeaver }";
    let query = format!("query($id: ID!) {{ node(id: $id) {{ {fields} }} }}");
    let found = app.data(&admin, &query, json!({ "id": ids[0] })).await;
    let (shown, token) = (&found["node"], &tokens[4]);
    assert_eq!(shown["hint"], token[token.len() - 4..], "{shown}");
    assert_eq!(
        (
            &shown["kind"],
            &shown["shownTo"]["email"],
            &shown["knownToLeaver"]
        ),
        (&json!("TOKEN"), &json!(admin.email), &json!(false))
    );
    assert!(shown["lastUsedAt"].is_string() && shown["revokedAt"].is_null());
    let found = app.data(&ann, &query, json!({ "id": ids[0] })).await;
    assert_eq!(found["node"], Value::Null);
    let list = app
        .data(&admin, "{ integrations { expiresAt lastUsedAt } }", json!({}))
        .await;
    assert_eq!(
        list["integrations"][0]["expiresAt"],
        Value::Null,
        "one without expiry"
    );
    assert!(list["integrations"][0]["lastUsedAt"].is_string());

    app.run(&admin, "revokeIntegration", json!({ "integrationId": id }), "")
        .await;
    for token in &tokens {
        assert_eq!(status(&app, token).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(
        refused(json!({ "integrationId": id })).await,
        ["INVALID integrationId"]
    );
    app.sound().await;
}

/// The responses of all endpoints to a token.
async fn doors(app: &TestApp, admin: &Person, token: &str) -> Vec<StatusCode> {
    let bearer = format!("Bearer {token}");
    let get = |path: &str| {
        let request = Request::get(path).header(header::AUTHORIZATION, &bearer);
        request.body(Body::empty()).unwrap()
    };
    let stream = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, &bearer)
        .body(Body::from(
            json!({ "query": "subscription { userStatusChanged { id } }" }).to_string(),
        ))
        .unwrap();
    let upload = Request::post(format!(
        "/drive/{}?name=x",
        admin.id().replace("user_", "folder_")
    ))
    .header(header::AUTHORIZATION, &bearer)
    .body(Body::from("x"))
    .unwrap();
    let drive = admin.id().replace("user_", "folder_");
    let calendar = "/calendar/calendar_01j0b3v1mmee6tx9cpdgkfhbch.ics";
    let mut found = vec![
        app.ask(Some(token), VIEWER, json!({})).await.0,
        app.beginning(stream).await.0,
        app.bytes(get("/graphql?query=%7Bviewer%7Bpermissions%7D%7D"))
            .await
            .0,
        app.bytes(upload).await.0,
    ];
    for path in [
        calendar,
        &format!("/drive/{drive}.zip"),
        &format!("/drive/{drive}"),
    ] {
        found.push(app.bytes(get(path)).await.0);
    }
    found
}

#[tokio::test]
async fn secrets_known_to_a_leaver_are_revoked() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let input = json!({ "name": "payroll", "scopes": ["HIRE_USERS", "DISMISS_USERS", "MANAGE_USERS"] });
    let (id, hers) = create(&app, &olga, input).await;
    let (other_id, other) = add(&app, &admin, json!({ "integrationId": id })).await;
    let before = doors(&app, &admin, &hers).await;
    assert!(!before.contains(&StatusCode::UNAUTHORIZED), "{before:?}");

    app.run(&admin, "dismissUser", json!({ "userId": olga.id() }), "")
        .await;
    let after = doors(&app, &admin, &hers).await;
    assert_eq!(after, vec![StatusCode::UNAUTHORIZED; after.len()]);
    assert_eq!(
        doors(&app, &admin, &other).await,
        before,
        "other integrations keep working"
    );
    // Rehiring does not restore the secrets.
    app.run(&admin, "hireUser", json!({ "userId": olga.id() }), "")
        .await;
    assert_eq!(status(&app, &hers).await, StatusCode::UNAUTHORIZED);

    let entries = audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.contains("integration_secret."))
        .order_by_asc(audit_entry::Column::Id)
        .all(app.raw())
        .await
        .unwrap();
    let stopped = entries.last().unwrap();
    assert_eq!(stopped.action, "integration_secret.revoked");
    let data: Value = serde_json::from_str(&stopped.data).unwrap();
    assert_eq!(
        data,
        json!({
            "integration": id, "hint": hers[hers.len() - 4..], "shownTo": olga.id(), "because": "dismissal",
        })
    );
    assert!(!format!("{entries:?}").contains(&other[4..]));
    assert!(secret(&app, &other_id).await.revoked_at.is_none());
    app.sound().await;
}

#[tokio::test]
async fn kept_secrets_expire_within_a_week() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let input = json!({ "name": "payroll", "scopes": ["REASSIGN_WORK"] });
    let (id, first) = create(&app, &olga, input).await;
    let soon = app.db().clock().now() + TimeDelta::days(1);
    let input = json!({ "integrationId": id, "expiresAt": soon });
    let (short_id, short) = add(&app, &olga, input).await;
    let (kept_id, kept) = add(&app, &olga, json!({ "integrationId": id })).await;
    let (foreign, _) = add(&app, &admin, json!({ "integrationId": id })).await;

    let input = json!({ "userId": olga.id(), "keepSecretIds": [kept_id, foreign] });
    assert_eq!(
        app.refusal(&admin, "dismissUser", input).await,
        ["NOT_FOUND keepSecretIds.1"]
    );
    // Integrations can't keep secrets, not even their own.
    let (_, hr) = create(
        &app,
        &admin,
        json!({ "name": "HR", "scopes": ["DISMISS_USERS", "MANAGE_INTEGRATIONS"] }),
    )
    .await;
    let dismiss = "mutation($i: DismissUserInput!) { dismissUser(input: $i) { userErrors { code } } }";
    let input = json!({ "i": { "userId": olga.id(), "keepSecretIds": [kept_id] } });
    assert_eq!(app.error(Some(&hr), dismiss, input).await, "FORBIDDEN");
    assert_eq!(status(&app, &olga.token).await, StatusCode::OK);

    let input = json!({ "userId": olga.id(), "keepSecretIds": [kept_id, short_id] });
    let done = app.run(&admin, "dismissUser", input, "user { status }").await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(status(&app, &first).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &kept).await, StatusCode::OK);
    assert_eq!(status(&app, &short).await, StatusCode::OK);
    let week = app.db().clock().now() + TimeDelta::days(7);
    let ends = secret(&app, &kept_id).await.expires_at.unwrap();
    assert!(ends <= week && ends > week - TimeDelta::minutes(5), "{ends}");
    assert_eq!(secret(&app, &short_id).await.expires_at, Some(soon));
    // It is flagged until it is rotated.
    let query = "query($id: ID!) { node(id: $id) { ... on IntegrationSecret { knownToLeaver } } }";
    let found = app.data(&admin, query, json!({ "id": kept_id })).await;
    assert_eq!(found["node"]["knownToLeaver"], true);
    app.sound().await;
}

#[tokio::test]
async fn a_scheduled_dismissal_revokes_secrets_at_its_time() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let input = json!({ "name": "payroll", "scopes": ["REASSIGN_WORK"] });
    let (id, stopped) = create(&app, &olga, input).await;
    let (kept_id, kept) = add(&app, &olga, json!({ "integrationId": id })).await;
    let at = app.db().clock().now() + TimeDelta::milliseconds(300);
    let input = json!({ "userId": olga.id(), "effectiveAt": at, "keepSecretIds": ["secret_01j0b3v1mmee6tx9cpdgkfhbch"] });
    assert_eq!(
        app.refusal(&admin, "dismissUser", input).await,
        ["NOT_FOUND keepSecretIds.0"]
    );
    let input = json!({ "userId": olga.id(), "effectiveAt": at, "keepSecretIds": [kept_id] });
    app.run(&admin, "dismissUser", input, "dismissal { state }").await;
    for token in [&stopped, &kept] {
        assert_eq!(status(&app, token).await, StatusCode::OK);
    }
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    app.drain().await;
    assert_eq!(status(&app, &olga.token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &stopped).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &kept).await, StatusCode::OK);
    assert!(secret(&app, &kept_id).await.expires_at.is_some());
    app.sound().await;
}

#[tokio::test]
async fn the_secret_that_carries_out_a_dismissal_stays_valid_and_is_flagged() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (id, token) = create(
        &app,
        &olga,
        json!({ "name": "directory", "scopes": ["DISMISS_USERS"] }),
    )
    .await;
    let (_, second) = add(&app, &olga, json!({ "integrationId": id })).await;
    let dismiss =
        "mutation($i: DismissUserInput!) { dismissUser(input: $i) { user { status } userErrors { code } } }";
    let input = json!({ "i": { "userId": olga.id() } });
    let (_, done) = app.ask(Some(&token), dismiss, input).await;
    assert_eq!(
        done["data"]["dismissUser"]["user"]["status"], "DISMISSED",
        "{done}"
    );
    assert_eq!(status(&app, &olga.token).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &token).await, StatusCode::OK);
    assert_eq!(status(&app, &second).await, StatusCode::UNAUTHORIZED);
    let query = "query($id: ID!) { node(id: $id) { ... on Integration { secrets { knownToLeaver } } } }";
    let found = app.data(&admin, query, json!({ "id": id })).await;
    assert_eq!(
        found["node"]["secrets"],
        json!([{ "knownToLeaver": false }, { "knownToLeaver": true }])
    );
    // The leaver can't use it to be rehired, or to hire an accomplice.
    app.sound().await;
}

#[tokio::test]
async fn a_demotion_revokes_secrets_with_a_lost_permission() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (_, strong) = create(&app, &olga, json!({ "name": "a", "scopes": ["HIRE_USERS"] })).await;
    let (_, weak) = create(
        &app,
        &olga,
        json!({ "name": "b", "scopes": ["SEE_DISMISSED_USERS"] }),
    )
    .await;
    let input = json!({ "userId": olga.id(), "position": "Advisor" });
    let changed = app
        .run(&admin, "updateUser", input, "secretsStopped { id }")
        .await;
    assert_eq!(changed["secretsStopped"], json!([]));
    let input = json!({ "userId": olga.id(), "role": "EMPLOYEE" });
    let changed = app
        .run(
            &admin,
            "updateUser",
            input,
            "secretsStopped { hint revokedAt integration { name } }",
        )
        .await;
    let stopped = &changed["secretsStopped"];
    assert_eq!(stopped.as_array().map(Vec::len), Some(1), "{changed}");
    assert_eq!(stopped[0]["integration"]["name"], "a");
    assert!(stopped[0]["revokedAt"].is_string());
    assert_eq!(status(&app, &strong).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, &weak).await, StatusCode::OK);
    app.sound().await;
}

const PLAN: &str = "query($i: DismissUserInput!) { dismissalPlan(input: $i) { \
    plan { total revision userErrors { code } } sessionsEnding secretsStopping { id hint integration { name } } \
    schedulesPassing { user { email } } userErrors { code field } } }";

#[tokio::test]
async fn a_dismissal_plan_matches_the_dismissal_and_writes_nothing() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let olga = app.person("olga", Role::Administrator).await;
    app.sign_in(&olga).await;
    app.tasks(3, &admin, &olga).await;
    let input = json!({ "name": "payroll", "scopes": ["REASSIGN_WORK"] });
    let (id, _) = create(&app, &olga, input).await;
    let (kept, _) = add(&app, &olga, json!({ "integrationId": id })).await;
    add(&app, &admin, json!({ "integrationId": id })).await;
    let later = json!({ "userId": ann.id(), "effectiveAt": "2100-01-01T00:00:00Z" });
    app.run(&olga, "dismissUser", later, "dismissal { id }").await;
    let moves = |to: &Person| json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": to.id() } }]);
    let input = json!({ "userId": olga.id(), "handover": moves(&ann), "keepSecretIds": [kept] });
    let ask =
        async |input: &Value| app.data(&admin, PLAN, json!({ "i": input })).await["dismissalPlan"].clone();
    let plan = ask(&input).await;
    assert_eq!(plan["userErrors"], json!([]));
    assert_eq!(plan["plan"]["total"], 3, "{plan}");
    assert_eq!(plan["sessionsEnding"], 2);
    assert_eq!(
        plan["schedulesPassing"],
        json!([{ "user": { "email": ann.email } }])
    );
    let stopping = plan["secretsStopping"].as_array().unwrap();
    assert_eq!(stopping.len(), 1, "{plan}");
    assert_eq!(stopping[0]["integration"]["name"], "payroll");
    // Nothing has changed.
    assert_eq!(app.open_sessions(&olga).await, 2);
    assert_eq!(ask(&input).await, plan);

    // All errors at once, as the dismissal would report them.
    let mut wrong = json!({
        "userId": olga.id(), "handover": moves(&olga), "keepSecretIds": ["secret_01j0b3v1mmee6tx9cpdgkfhbch"],
        "effectiveAt": "2020-01-01T00:00:00Z",
    });
    let codes = |plan: &Value| -> Vec<String> {
        let errors = plan["userErrors"].as_array().unwrap();
        errors
            .iter()
            .map(|error| error["code"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        codes(&ask(&wrong).await),
        ["NOT_FOUND", "DATE_IN_PAST", "RECIPIENT_NOT_ACTIVE"]
    );
    wrong["effectiveAt"] = Value::Null;
    wrong["keepSecretIds"] = Value::Null;
    assert_eq!(codes(&ask(&wrong).await), ["RECIPIENT_NOT_ACTIVE"]);
    assert_eq!(
        app.refusal(&admin, "dismissUser", wrong).await,
        ["RECIPIENT_NOT_ACTIVE handover.0.to.userId"]
    );
    assert_eq!(
        codes(&ask(&json!({ "userId": admin.id() })).await),
        ["CANNOT_DISMISS_YOURSELF"]
    );
    let mut stale = input.clone();
    stale["expectedRevision"] = json!("older");
    assert_eq!(codes(&ask(&stale).await), ["PLAN_CHANGED"]);
    assert_eq!(
        app.error(Some(&ann.token), PLAN, json!({ "i": input })).await,
        "FORBIDDEN"
    );

    let mut exact = input.clone();
    exact["expectedRevision"] = plan["plan"]["revision"].clone();
    let done = app.run(&admin, "dismissUser", exact, "handover { id }").await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_eq!(app.open_sessions(&olga).await, 0);
    let stopped: Vec<String> = integration_secret::Entity::find()
        .filter(integration_secret::Column::RevokedAt.is_not_null())
        .all(app.raw())
        .await
        .unwrap()
        .iter()
        .map(|secret| secret.id.to_string())
        .collect();
    assert_eq!(json!(stopped), json!([stopping[0]["id"]]));
    app.drain().await;
    assert_eq!(app.tasks_of(&ann).await, 3);
}

/// The schema from when an integration had a single token.
const BEFORE: u32 = 8;

#[tokio::test]
async fn the_upgrade_turns_the_single_token_into_a_secret() {
    let (db, _folder) = empty_database().await;
    Migrator::up(&db, Some(BEFORE)).await.unwrap();
    let time = "'2026-01-01T00:00:00+00:00'";
    let id = |n: u32| match db.get_database_backend() {
        sea_orm::DbBackend::Postgres => format!("CAST('00000000-0000-7000-8000-{n:012}' AS uuid)"),
        _ => format!("x'0000000000007000{n:016}'"),
    };
    let run = async |sql: String| {
        db.execute_unprepared(&sql)
            .await
            .unwrap_or_else(|cause| panic!("{sql}: {cause}"));
    };
    for (n, name, role, status, left) in [
        (1, "maker", "ADMINISTRATOR", "ACTIVE", "NULL"),
        (2, "owner", "ADMINISTRATOR", "ACTIVE", "NULL"),
        (3, "leaver", "ADMINISTRATOR", "DISMISSED", time),
        (4, "demoted", "EMPLOYEE", "ACTIVE", "NULL"),
    ] {
        run(format!(
            "INSERT INTO users (id, email, email_key, sort_name, search_text, role, status, dismissed_at, created_at, \
             updated_at) VALUES ({}, '{name}', '{name}', '{name}', '{name}', '{role}', '{status}', {left}, {time}, {time})",
            id(n)
        ))
        .await;
    }
    // Creator and owner.
    for (n, maker, owner) in [
        (11, Some(1), 2),
        (12, None, 2),
        (13, Some(3), 2),
        (14, Some(4), 2),
    ] {
        run(format!(
            "INSERT INTO integrations (id, name, owner_id, token_hash, scopes, created_at, updated_at) \
             VALUES ({}, 'i{n}', {}, 'hash{n}', 'HIRE_USERS', {time}, {time})",
            id(n),
            id(owner)
        ))
        .await;
        if let Some(maker) = maker {
            run(format!(
                "INSERT INTO audit_entries (id, at, action, actor, actor_user_id, subject_type, subject_id, data) \
                 VALUES ({}, {time}, 'integration.created', 'x', {}, 'integration', {}, '{{}}')",
                id(n + 10),
                id(maker),
                id(n)
            ))
            .await;
        }
    }
    for (n, person, actor) in [(31, "NULL".to_owned(), "integration i11"), (32, id(1), "maker")] {
        run(format!(
            "INSERT INTO handovers (id, requested_by_id, state, created_at) VALUES ({}, {}, 'SUCCEEDED', {time})",
            id(n),
            id(2)
        ))
        .await;
        run(format!(
            "INSERT INTO audit_entries (id, at, action, actor, actor_user_id, subject_type, subject_id, data) \
             VALUES ({}, {time}, 'handover.queued', '{actor}', {person}, 'handover', {}, '{{}}')",
            id(n + 10),
            id(n)
        ))
        .await;
    }
    Migrator::up(&db, None).await.unwrap();
    let numbers = async |sql: &str| -> Vec<Vec<String>> {
        let rows = db
            .query_all_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql))
            .await
            .unwrap();
        rows.iter()
            .map(|row| {
                let mut texts = Vec::new();
                while let Ok(text) = row.try_get_by_index::<String>(texts.len()) {
                    texts.push(text);
                }
                texts
            })
            .collect()
    };
    assert_eq!(
        numbers(
            "SELECT s.hash, u.email, CASE WHEN s.revoked_at IS NULL THEN 'live' ELSE 'revoked' END \
             FROM integration_secrets s JOIN users u ON u.id = s.shown_to_id ORDER BY s.hash"
        )
        .await,
        [
            ["hash11", "maker", "live"],
            ["hash12", "owner", "live"],
            ["hash13", "leaver", "revoked"],
            ["hash14", "demoted", "revoked"],
        ]
    );
    assert_eq!(
        numbers(
            "SELECT COALESCE(u.email, 'nobody'), COALESCE(i.name, 'none') FROM handovers h \
             LEFT JOIN users u ON u.id = h.requested_by_id \
             LEFT JOIN integrations i ON i.id = h.requested_by_integration_id ORDER BY h.id"
        )
        .await,
        [["nobody", "i11"], ["owner", "none"]]
    );
    db.close().await.unwrap();
}
