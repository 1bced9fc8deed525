//! What leavers know or have started ends with their dismissal, by whichever path, and integrations do not bypass
//! the rules for people.

use entity::user::Role;
use handover::store::db;
use serde_json::{Value, json};

use crate::integrations::{add, create};
use crate::scheduled::{a_day_passes, status, tomorrow};
use crate::support::{Person, TestApp};

async fn as_token(app: &TestApp, token: &str, name: &str, input: Value, fields: &str) -> Value {
    let kind = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
    let query =
        format!("mutation($i: {kind}) {{ {name}(input: $i) {{ {fields} userErrors {{ code field }} }} }}");
    app.ask(Some(token), &query, json!({ "i": input })).await.1
}

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"].as_str().unwrap_or("OK")
}

async fn schedule(app: &TestApp, token: &str, person: &Person, more: Value) {
    let mut input = json!({ "userId": person.id(), "effectiveAt": tomorrow() });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let done = as_token(app, token, "dismissUser", input, "dismissal { state }").await;
    assert_eq!(
        done["data"]["dismissUser"]["dismissal"]["state"], "SCHEDULED",
        "{done}"
    );
}

async fn states(app: &TestApp, admin: &Person, person: &Person) -> Value {
    let query = "query($id: ID!) { user(id: $id) { dismissals { state } } }";
    let found = app.data(admin, query, json!({ "id": person.id() })).await;
    found["user"]["dismissals"].clone()
}

/// A leaver who is dismissed by a secret that they know (a directory's, or their own act) gains nothing by
/// schedules made with it, and is locked out completely by the next administrator who dismisses them.
#[tokio::test]
async fn a_dismissal_by_a_known_secret_cancels_plans_and_is_completed_by_the_next() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let ann = app.employee("ann").await;
    let input = json!({ "name": "directory", "scopes": ["DISMISS_USERS", "HIRE_USERS", "MANAGE_USERS"] });
    let (_, token) = create(&app, &olga, input).await;
    schedule(&app, &olga.token, &ann, json!({})).await;
    let input = json!({ "userId": olga.id() });
    let passed = "schedulesPassed { state user { email } }";
    let done = as_token(&app, &token, "dismissUser", input.clone(), passed).await;
    assert_eq!(
        done["data"]["dismissUser"]["schedulesPassed"],
        json!([{ "state": "CANCELLED", "user": { "email": ann.email } }]),
        "{done}"
    );
    // The directory keeps working and may repeat the dismissal.
    let again = as_token(&app, &token, "dismissUser", input.clone(), passed).await;
    assert_eq!(again["data"]["dismissUser"]["userErrors"], json!([]), "{again}");
    assert_eq!(
        app.ask(Some(&token), "{ viewer { permissions } }", json!({}))
            .await
            .0,
        200
    );
    // A dismissal by an administrator revokes the secrets she knows.
    let plan = "query($i: DismissUserInput!) { dismissalPlan(input: $i) { secretsStopping { hint } } }";
    let plan = app.data(&admin, plan, json!({ "i": input })).await;
    assert_eq!(
        plan["dismissalPlan"]["secretsStopping"].as_array().unwrap().len(),
        1,
        "{plan}"
    );
    app.run(&admin, "dismissUser", input, "user { status }").await;
    assert_eq!(
        app.ask(Some(&token), "{ viewer { permissions } }", json!({}))
            .await
            .0,
        401
    );
    a_day_passes(&app).await;
    app.drain().await;
    assert_eq!(status(&app, &admin, &ann).await["status"], "ACTIVE");
    app.sound().await;
}

/// Invitations and scheduled dismissals made with a secret end when it is revoked.
#[tokio::test]
async fn revoking_a_secret_ends_what_was_done_with_it() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let input = json!({ "name": "HR", "scopes": ["DISMISS_USERS", "MANAGE_USERS"] });
    let (id, first) = create(&app, &admin, input).await;
    let (secret, second) = add(&app, &admin, json!({ "integrationId": id })).await;
    schedule(&app, &first, &ann, json!({})).await;
    schedule(&app, &second, &bob, json!({})).await;
    let mut links = Vec::new();
    for (token, email) in [(&first, "kept@example.com"), (&second, "ended@example.com")] {
        let input = json!({ "email": email });
        let made = as_token(&app, token, "inviteUser", input, "invitationToken").await;
        links.push(made["data"]["inviteUser"]["invitationToken"].clone());
    }
    let fields = "schedulesPassed { user { email } requestedBy { email } }";
    let revoked = app
        .run(
            &admin,
            "revokeIntegrationSecret",
            json!({ "secretId": secret }),
            fields,
        )
        .await;
    assert_eq!(
        revoked["schedulesPassed"],
        json!([{ "user": { "email": bob.email }, "requestedBy": { "email": admin.email } }])
    );
    let accept =
        "mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { userErrors { code } } }";
    for (link, expected) in links
        .iter()
        .zip([json!([]), json!([{ "code": "TOKEN_INVALID" }])])
    {
        let input = json!({ "token": link, "password": "a password that nobody guesses" });
        let answer = app.ask(None, accept, json!({ "i": input })).await.1;
        assert_eq!(
            answer["data"]["acceptInvitation"]["userErrors"], expected,
            "{answer}"
        );
    }
    a_day_passes(&app).await;
    app.drain().await;
    assert_eq!(status(&app, &admin, &ann).await["status"], "DISMISSED");
    app.sound().await;
}

/// Secrets to keep are dropped when a schedule passes to another person.
#[tokio::test]
async fn a_schedule_that_passes_keeps_no_secrets() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let mal = app.person("mal", Role::Administrator).await;
    let (id, _) = create(&app, &admin, json!({ "name": "HR", "scopes": ["HIRE_USERS"] })).await;
    let (secret, token) = add(&app, &mal, json!({ "integrationId": id })).await;
    schedule(&app, &olga.token, &mal, json!({ "keepSecretIds": [secret] })).await;
    app.run(&admin, "dismissUser", json!({ "userId": olga.id() }), "")
        .await;
    a_day_passes(&app).await;
    app.drain().await;
    assert_eq!(status(&app, &admin, &mal).await["status"], "DISMISSED");
    assert_eq!(
        app.ask(Some(&token), "{ viewer { permissions } }", json!({}))
            .await
            .0,
        401
    );
}

/// A running handover passes to the person who ended the rights of its requester.
#[tokio::test]
async fn a_running_handover_passes_when_its_requester_is_dismissed() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    app.tasks(3, &admin, &ann).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": bob.id() } }]);
    let input = json!({ "fromUserId": ann.id(), "moves": moves });
    let queued = app.run(&olga, "bulkReassign", input, "handover { id }").await;
    app.run(&admin, "dismissUser", json!({ "userId": olga.id() }), "")
        .await;
    app.drain().await;
    let query = "query($id: ID!) { node(id: $id) { ... on Handover { moved requestedBy { email } } } }";
    let found = app
        .data(&admin, query, json!({ "id": queued["handover"]["id"] }))
        .await;
    assert_eq!(
        found["node"],
        json!({ "moved": 3, "requestedBy": { "email": admin.email } })
    );
}

/// An integration can't make anybody head of an administrator, hand itself over, rename an administrator, or read a
/// handover without the scope.
#[tokio::test]
async fn integrations_do_not_bypass_the_rules_for_people() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let boss = app.person("boss", Role::Administrator).await;
    let (head, spy) = (app.employee("head").await, app.employee("spy").await);
    let (gone, heir) = (app.employee("gone").await, app.employee("heir").await);
    for (name, leader, member) in [("Company", &head, Some(&boss)), ("Aside", &head, None)] {
        let input = json!({ "name": name, "headId": leader.id() });
        let made = app.run(&admin, "setDepartment", input, "department { id }").await;
        if let Some(member) = member {
            let input = json!({ "userId": member.id(), "departmentId": made["department"]["id"] });
            app.run(&admin, "updateUser", input, "").await;
        }
    }
    let scopes = json!(["DISMISS_USERS", "HIRE_USERS", "REASSIGN_WORK", "MANAGE_USERS"]);
    let (id, token) = create(&app, &admin, json!({ "name": "HR", "scopes": scopes })).await;
    let reassign = async |from: &Person, moves: Value| {
        let input = json!({ "fromUserId": from.id(), "moves": moves });
        as_token(&app, &token, "bulkReassign", input, "handover { id }").await
    };
    let to_spy = |kind: &str| json!([{ "kind": kind, "to": { "userId": spy.id() } }]);
    assert_eq!(
        code(&reassign(&head, to_spy("DEPARTMENT_HEAD")).await),
        "FORBIDDEN"
    );
    assert_eq!(code(&reassign(&admin, to_spy("INTEGRATION")).await), "FORBIDDEN");
    let input = json!({ "userId": head.id(), "handover": to_spy("DEPARTMENT_HEAD") });
    let answer = as_token(&app, &token, "dismissUser", input, "user { status }").await;
    assert_eq!(code(&answer), "FORBIDDEN");
    assert_eq!(status(&app, &admin, &head).await["status"], "ACTIVE");
    // Departments without administrators are allowed.
    let query = "{ departments { nodes { id name head { email } } } }";
    let found = app.data(&admin, query, json!({})).await;
    let aside = found["departments"]["nodes"].as_array().unwrap().iter();
    let aside = aside.clone().find(|one| one["name"] == "Aside").unwrap()["id"].clone();
    let one = json!([{ "kind": "DEPARTMENT_HEAD", "to": { "userId": spy.id() }, "ids": [aside] }]);
    assert_eq!(code(&reassign(&head, one).await), "OK");
    app.drain().await;
    let found = app.data(&admin, query, json!({})).await.to_string();
    assert!(
        found.contains(&spy.email) && found.contains(&head.email),
        "{found}"
    );
    let rename = json!({ "userId": boss.id(), "givenName": "Spy" });
    let answer = as_token(&app, &token, "updateUser", rename, "user { name }").await;
    assert_eq!(code(&answer), "FORBIDDEN");

    app.tasks(1, &admin, &gone).await;
    let moves = json!([{ "kind": "TASK_RESPONSIBLE", "to": { "userId": heir.id() } }]);
    let input = json!({ "userId": gone.id(), "handover": moves });
    app.run(&admin, "dismissUser", input, "").await;
    let (_, token) = create(&app, &admin, json!({ "name": "IT", "scopes": ["DISMISS_USERS"] })).await;
    let input = json!({ "userId": gone.id() });
    let again = as_token(&app, &token, "dismissUser", input, "handover { id }").await;
    assert_eq!(again["data"]["dismissUser"]["handover"], Value::Null, "{again}");
    assert!(!id.is_empty());
    app.drain().await;
    app.sound().await;
}

/// Nobody can read or cancel their own planned dismissal, not even administrators.
#[tokio::test]
async fn administrators_do_not_see_their_own_planned_dismissal() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    schedule(&app, &admin.token, &olga, json!({ "reason": "a secret reason" })).await;
    let about = "{ viewer { user { dismissal { state } dismissals { reason } } } auditLog { nodes { action data } } }";
    let seen = app.data(&olga, about, json!({})).await;
    assert_eq!(
        seen["viewer"]["user"],
        json!({ "dismissal": null, "dismissals": [] })
    );
    assert!(!seen.to_string().contains("dismissal.scheduled"), "{seen}");
    assert_eq!(
        app.refusal(&olga, "cancelDismissal", json!({ "userId": olga.id() }))
            .await,
        ["NOT_FOUND userId"]
    );
    assert_eq!(
        states(&app, &admin, &olga).await,
        json!([{ "state": "SCHEDULED" }])
    );
    let planned = "{ users(filter: { dismissalScheduled: true }) { totalCount } }";
    for (who, count) in [(&olga, 0), (&admin, 1)] {
        let found = app.data(who, planned, json!({})).await;
        assert_eq!(found["users"]["totalCount"], count);
    }
    let seen = app
        .data(&admin, "{ auditLog { nodes { action data } } }", json!({}))
        .await;
    assert!(seen.to_string().contains("a secret reason"), "{seen}");
}

/// Schedules from before requesters were stored belong to their integration after the upgrade.
#[tokio::test]
async fn the_upgrade_keeps_schedules_with_their_integration() {
    use migration::Migrator;
    use migration::sea_orm_migration::MigratorTrait;
    use sea_orm::Value as Sql;
    use uuid::Uuid;

    let (conn, _folder) = crate::migrations::before("m0012").await;
    let clock = handover::clock::Clock::system();
    let (owner, leaver, integration, row) = (clock.new_id(), clock.new_id(), clock.new_id(), clock.new_id());
    let now = clock.now();
    let insert = crate::migrations::insert;
    for (id, name) in [(owner, "owner"), (leaver, "leaver")] {
        let person: Vec<(&str, Sql)> = vec![
            ("id", id.into()),
            ("email", name.into()),
            ("email_key", name.into()),
            ("sort_name", name.into()),
            ("search_text", name.into()),
            ("role", "EMPLOYEE".into()),
            ("status", "ACTIVE".into()),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ];
        insert(&conn, "users", person).await;
    }
    let made: Vec<(&str, Sql)> = vec![
        ("id", integration.into()),
        ("name", "HR".into()),
        ("owner_id", owner.into()),
        ("scopes", "DISMISS_USERS".into()),
        ("created_at", now.into()),
        ("updated_at", now.into()),
    ];
    insert(&conn, "integrations", made).await;
    let planned: Vec<(&str, Sql)> = vec![
        ("id", row.into()),
        ("user_id", leaver.into()),
        ("state", "SCHEDULED".into()),
        ("effective_at", now.into()),
        ("requested_by_id", owner.into()),
        ("created_at", now.into()),
    ];
    insert(&conn, "dismissals", planned).await;
    let entry: Vec<(&str, Sql)> = vec![
        ("id", clock.new_id().into()),
        ("at", now.into()),
        ("action", "dismissal.scheduled".into()),
        ("actor", "integration HR".into()),
        ("actor_integration_id", integration.into()),
        ("subject_type", "user".into()),
        ("subject_id", leaver.into()),
        ("data", "{}".into()),
    ];
    insert(&conn, "audit_entries", entry).await;
    Migrator::up(&conn, None).await.unwrap();
    let sql = "SELECT requested_by_id, requested_by_integration_id FROM dismissals";
    let found = &db::query(&conn, sql, []).await.unwrap()[0];
    let ids: (Option<Uuid>, Option<Uuid>) = (
        found.try_get_by_index(0).unwrap(),
        found.try_get_by_index(1).unwrap(),
    );
    assert_eq!(ids, (None, Some(integration)));
}
