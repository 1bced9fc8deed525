//! Invitations: senders, expiry and renewal.

use entity::user::{self, Role};
use entity::{audit_entry, integration, invitation};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

use crate::support::{Person, TestApp};

const ACCEPT: &str = "mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { \
                      accessToken user { id email role status } userErrors { code } } }";

/// Accepts an invitation; returns the person's status or the error code.
async fn accept(app: &TestApp, token: &Value) -> String {
    let input = json!({ "i": { "token": token, "password": "brand new password" } });
    let (_, answer) = app.ask(None, ACCEPT, input).await;
    let payload = &answer["data"]["acceptInvitation"];
    let told = payload["user"]["status"]
        .as_str()
        .or(payload["userErrors"][0]["code"].as_str());
    told.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Invites a person; returns the id and the token.
async fn invite(app: &TestApp, by: &Person, input: Value) -> (Value, Value) {
    let payload = app
        .run(by, "inviteUser", input, "user { id } invitationToken")
        .await;
    assert!(payload["invitationToken"].is_string(), "{payload}");
    (payload["user"]["id"].clone(), payload["invitationToken"].clone())
}

async fn renew(app: &TestApp, by: &Person, id: &Value) -> Value {
    let payload = app
        .run(by, "renewInvitation", json!({ "userId": id }), "invitationToken")
        .await;
    assert!(payload["invitationToken"].is_string(), "{payload}");
    payload["invitationToken"].clone()
}

/// Creates an integration of `owner`; returns it with its id.
async fn integration(app: &TestApp, owner: &Person, scopes: Value) -> (Value, Person) {
    let input = json!({ "name": "HR", "scopes": scopes });
    let made = app
        .run(owner, "createIntegration", input, "integration { id } token")
        .await;
    let token = made["token"]
        .as_str()
        .unwrap_or_else(|| panic!("{made}"))
        .to_owned();
    let actor = Person {
        token,
        ..owner.clone()
    };
    (made["integration"]["id"].clone(), actor)
}

/// The reason why the latest invitation ended.
async fn last_reason(app: &TestApp) -> String {
    let entry = audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq("user.invitation_ended"))
        .order_by_desc(audit_entry::Column::Id)
        .one(app.raw())
        .await
        .unwrap();
    let data: Value = serde_json::from_str(&entry.unwrap().data).unwrap();
    data["reason"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_invitation_ends_with_the_dismissal_or_demotion_of_its_sender() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (name, mutation, change, reason) in [
        ("olga", "dismissUser", json!({}), "sender dismissed"),
        (
            "lena",
            "updateUser",
            json!({ "role": "EMPLOYEE" }),
            "sender demoted",
        ),
    ] {
        let sender = app.person(name, Role::Administrator).await;
        let mut sent = Vec::new();
        for role in ["ADMINISTRATOR", "EMPLOYEE"] {
            let email = format!("{name}.{role}@example.net");
            sent.push(invite(&app, &sender, json!({ "email": email, "role": role })).await);
        }
        let mut input = change;
        input["userId"] = json!(sender.id());
        let done = app.run(&admin, mutation, input, "user { id }").await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        assert_eq!(last_reason(&app).await, reason);
        for (id, token) in sent {
            assert_eq!(accept(&app, &token).await, "TOKEN_INVALID", "{name}");
            // The person still exists: somebody else may send a new one.
            let token = renew(&app, &admin, &id).await;
            assert_eq!(accept(&app, &token).await, "ACTIVE");
        }
    }
    app.sound().await;
}

#[tokio::test]
async fn a_renewed_invitation_belongs_to_its_renewer() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (id, first) = invite(&app, &olga, json!({ "email": "new@example.com" })).await;
    let second = renew(&app, &admin, &id).await;
    app.run(&admin, "dismissUser", json!({ "userId": olga.id() }), "")
        .await;
    assert_eq!(accept(&app, &first).await, "TOKEN_INVALID");
    assert_eq!(accept(&app, &second).await, "ACTIVE");
    // Rehiring does not restore the link.
    app.run(&admin, "hireUser", json!({ "userId": olga.id() }), "")
        .await;
    assert_eq!(accept(&app, &first).await, "TOKEN_INVALID");
    app.sound().await;
}

#[tokio::test]
async fn an_invitation_ends_with_the_integration_that_sent_it() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (revoked, sender) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
    let (id, token) = invite(&app, &sender, json!({ "email": "one@example.com" })).await;
    app.run(
        &admin,
        "revokeIntegration",
        json!({ "integrationId": revoked }),
        "integration { id }",
    )
    .await;
    assert_eq!(last_reason(&app).await, "sender revoked");
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    let token = renew(&app, &admin, &id).await;
    assert_eq!(accept(&app, &token).await, "ACTIVE");

    // It is checked on acceptance, too.
    let (_, sender) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
    let (_, token) = invite(&app, &sender, json!({ "email": "two@example.com" })).await;
    integration::Entity::update_many()
        .col_expr(integration::Column::Scopes, Expr::value("HIRE_USERS"))
        .exec(app.raw())
        .await
        .unwrap();
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    integration::Entity::update_many()
        .col_expr(integration::Column::Scopes, Expr::value("MANAGE_USERS"))
        .exec(app.raw())
        .await
        .unwrap();
    assert_eq!(accept(&app, &token).await, "ACTIVE");
    app.sound().await;
}

#[tokio::test]
async fn an_invitation_ends_with_those_who_know_the_secret_that_sent_it() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    for (name, mutation, mut change) in [
        ("olga", "dismissUser", json!({})),
        ("lena", "updateUser", json!({ "role": "EMPLOYEE" })),
    ] {
        let leaver = app.person(name, Role::Administrator).await;
        let (_, known) = integration(&app, &leaver, json!(["MANAGE_USERS"])).await;
        let (_, unknown) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
        let by = async |sender: &Person, who: &str| {
            let email = format!("{who}.{name}@example.net");
            invite(&app, sender, json!({ "email": email })).await.1
        };
        let (hers, other) = (by(&known, "hers").await, by(&unknown, "other").await);
        change["userId"] = json!(leaver.id());
        app.run(&admin, mutation, change, "user { id }").await;
        assert_eq!(accept(&app, &hers).await, "TOKEN_INVALID", "{name}");
        assert_eq!(accept(&app, &other).await, "ACTIVE");
    }
    app.sound().await;
}

#[tokio::test]
async fn an_invitation_ends_when_the_role_or_the_address_of_the_invited_changes() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (_, hr) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
    for (sender, change) in [
        (&admin, json!({ "email": "right.person@example.com" })),
        // Otherwise the integration, which knows the token, could become an administrator.
        (&hr, json!({ "role": "ADMINISTRATOR" })),
    ] {
        let (id, token) = invite(&app, sender, json!({ "email": "wrong.person@example.com" })).await;
        let mut input = change;
        input["userId"] = id.clone();
        let done = app.run(&admin, "updateUser", input, "user { id }").await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!(last_reason(&app).await, "role or address changed");
        assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
        let token = renew(&app, &admin, &id).await;
        let renamed = json!({ "userId": id, "givenName": "Noor", "position": "Lead" });
        app.run(&admin, "updateUser", renamed, "user { id }").await;
        assert_eq!(
            accept(&app, &token).await,
            "ACTIVE",
            "a change of name keeps the invitation"
        );
    }
    app.sound().await;
}

#[tokio::test]
async fn the_sender_is_checked_when_the_invitation_is_accepted() {
    let app = TestApp::new().await;
    app.administrator().await;
    let olga = app.person("olga", Role::Administrator).await;
    let (_, token) = invite(&app, &olga, json!({ "email": "new@example.com" })).await;
    let demote = |role: Role| {
        user::Entity::update_many()
            .col_expr(user::Column::Role, Expr::value(role))
            .filter(user::Column::Id.eq(olga.id))
            .exec(app.raw())
    };
    demote(Role::Employee).await.unwrap();
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    demote(Role::Administrator).await.unwrap();
    assert_eq!(accept(&app, &token).await, "ACTIVE");
}

#[tokio::test]
async fn a_withdrawn_invitation_opens_nothing_and_can_be_renewed() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, token) = invite(
        &app,
        &admin,
        json!({ "email": "by.mistake@example.com", "role": "ADMINISTRATOR" }),
    )
    .await;
    for _ in 0..2 {
        let withdrawn = app
            .run(
                &admin,
                "withdrawInvitation",
                json!({ "userId": id }),
                "user { status }",
            )
            .await;
        assert_eq!(
            withdrawn,
            json!({ "user": { "status": "INVITED" }, "userErrors": [] })
        );
    }
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    let ended = audit_entry::Entity::find()
        .filter(audit_entry::Column::Action.eq("user.invitation_ended"))
        .count(app.raw())
        .await
        .unwrap();
    assert_eq!(ended, 1, "repeating is idempotent");
    let token = renew(&app, &admin, &id).await;
    assert_eq!(accept(&app, &token).await, "ACTIVE");

    for mutation in ["withdrawInvitation", "renewInvitation"] {
        let refused = app.refusal(&admin, mutation, json!({ "userId": id })).await;
        assert_eq!(refused, ["INVALID userId"], "{mutation} of somebody active");
        let nobody = json!({ "userId": "user_01j0b3v1mmee6tx9cpdgkfhbch" });
        assert_eq!(app.refusal(&admin, mutation, nobody).await, ["NOT_FOUND userId"]);
    }
    app.sound().await;
}

#[tokio::test]
async fn dismissing_somebody_who_is_invited_withdraws_the_invitation() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    let input = json!({ "email": "new@example.com", "role": "ADMINISTRATOR" });
    let (id, token) = invite(&app, &admin, input.clone()).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let dismissed = app
            .run(
                &admin,
                "dismissUser",
                json!({ "userId": id }),
                "user { status } dismissal { id state }",
            )
            .await;
        assert_eq!(dismissed["userErrors"], json!([]));
        assert_eq!(dismissed["user"]["status"], "DISMISSED");
        assert_eq!(dismissed["dismissal"]["state"], "IN_FORCE");
        answers.push(dismissed);
    }
    assert_eq!(answers[0], answers[1], "repeating is idempotent");
    assert_eq!(last_reason(&app).await, "dismissed");
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    let refused = app
        .refusal(&admin, "renewInvitation", json!({ "userId": id }))
        .await;
    assert_eq!(refused, ["INVALID userId"]);

    // After rehiring, they still have to accept.
    let hired = app
        .run(&admin, "hireUser", json!({ "userId": id }), "user { status }")
        .await;
    assert_eq!(hired["user"]["status"], "INVITED");
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    let token = renew(&app, &admin, &id).await;
    assert_eq!(accept(&app, &token).await, "ACTIVE");

    let (other, token) = invite(&app, &admin, json!({ "email": "other@example.com" })).await;
    let both = app
        .run(
            &admin,
            "dismissUsers",
            json!({ "userIds": [ann.id(), other] }),
            "dismissals { state }",
        )
        .await;
    assert_eq!(
        both["dismissals"],
        json!([{ "state": "IN_FORCE" }, { "state": "IN_FORCE" }])
    );
    assert_eq!(accept(&app, &token).await, "TOKEN_INVALID");
    app.sound().await;
}

#[tokio::test]
async fn a_repeated_invitation_applies_its_input() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let made = app
        .run(
            &admin,
            "setDepartment",
            json!({ "name": "Sales" }),
            "department { id }",
        )
        .await;
    let department = &made["department"]["id"];
    let (_, first) = invite(
        &app,
        &admin,
        json!({ "email": "lead@example.com", "givenName": "Lea", "familyName": "Ek", "role": "EMPLOYEE" }),
    )
    .await;
    let fields = "user { givenName familyName position role department { id } } invitationToken";
    let again = json!({
        "email": "Lead@example.com", "givenName": "Leah", "position": "Lead", "role": "ADMINISTRATOR",
        "departmentId": department,
    });
    let second = app.run(&admin, "inviteUser", again, fields).await;
    let expected = json!({
        "givenName": "Leah", "familyName": "Ek", "position": "Lead", "role": "ADMINISTRATOR",
        "department": { "id": department },
    });
    assert_eq!(second["user"], expected);
    // Omitted fields are unchanged.
    let third = app
        .run(
            &admin,
            "inviteUser",
            json!({ "email": "lead@example.com" }),
            fields,
        )
        .await;
    assert_eq!(third["user"], expected);
    for token in [&first, &second["invitationToken"]] {
        assert_eq!(accept(&app, token).await, "TOKEN_INVALID");
    }
    assert_eq!(accept(&app, &third["invitationToken"]).await, "ACTIVE");
    app.sound().await;
}

#[tokio::test]
async fn integrations_can_not_change_an_invited_administrator() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (_, hr) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
    let (id, token) = invite(
        &app,
        &admin,
        json!({ "email": "cfo@example.com", "role": "ADMINISTRATOR" }),
    )
    .await;
    invite(&app, &hr, json!({ "email": "clerk@example.com" })).await;
    for (mutation, input) in [
        ("inviteUser", json!({ "email": "cfo@example.com" })),
        (
            "inviteUser",
            json!({ "email": "cfo@example.com", "role": "EMPLOYEE" }),
        ),
        (
            "inviteUser",
            json!({ "email": "clerk@example.com", "role": "ADMINISTRATOR" }),
        ),
        ("renewInvitation", json!({ "userId": id })),
        ("withdrawInvitation", json!({ "userId": id })),
    ] {
        let kind = format!("{}{}Input!", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!("mutation($i: {kind}) {{ {mutation}(input: $i) {{ userErrors {{ code }} }} }}");
        let code = app.error(Some(&hr.token), &query, json!({ "i": input })).await;
        assert_eq!(code, "FORBIDDEN", "{mutation}");
    }
    assert_eq!(accept(&app, &token).await, "ACTIVE");
    app.sound().await;
}

#[tokio::test]
async fn hire_user_is_suggested_only_to_those_who_may_hire() {
    let app = TestApp::new().await;
    let (admin, ann) = (app.administrator().await, app.employee("ann").await);
    app.run(&admin, "dismissUser", json!({ "userId": ann.id() }), "")
        .await;
    let (_, hr) = integration(&app, &admin, json!(["MANAGE_USERS"])).await;
    let (_, hirer) = integration(&app, &admin, json!(["MANAGE_USERS", "HIRE_USERS"])).await;
    for (by, named) in [(&admin, true), (&hirer, true), (&hr, false)] {
        let payload = app.run(by, "inviteUser", json!({ "email": ann.email }), "").await;
        assert_eq!(payload["userErrors"][0]["code"], "EMAIL_TAKEN");
        let message = payload["userErrors"][0]["message"].as_str().unwrap();
        assert_eq!(message.contains("hireUser"), named, "{message}");
    }
}

#[tokio::test]
async fn tokens_are_stored_hashed_and_overlong_ones_are_not_looked_up() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (_, token) = invite(&app, &admin, json!({ "email": "new@example.com" })).await;
    let row = invitation::Entity::find().one(app.raw()).await.unwrap().unwrap();
    assert!(!format!("{row:?}").contains(token.as_str().unwrap()));
    assert_eq!(row.sent_by_id, Some(admin.id));
    assert_eq!(accept(&app, &json!("x".repeat(60_000))).await, "TOKEN_INVALID");
}
