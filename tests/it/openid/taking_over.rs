//! Ways to somebody else's work: the token of a directory, a stolen session, and accounts of leavers.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use chrono::TimeDelta;
use entity::user::{self, Role};
use entity::{UserId, session};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{BINDING, Company, assert_refused, is_in};
use crate::scim::{add_directory, plain, typed};
use crate::support::Person;

impl Company {
    /// Sends a request as a directory; returns the id of the person.
    async fn scim(&self, token: &str, method: &str, path: &str, body: &Value) -> String {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2/Users{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/scim+json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let (status, _, body) = self.app.bytes(request).await;
        assert!(status.is_success(), "{}", String::from_utf8_lossy(&body));
        let body: Value = serde_json::from_slice(&body).unwrap();
        body["id"].as_str().unwrap().to_owned()
    }

    /// Lets a directory give a person an external id.
    async fn give_id(&self, token: &str, person: &str, external: &str) {
        self.replace(token, person, "externalId", external).await;
    }

    /// Lets a directory give a person another address.
    async fn write_address(&self, token: &str, person: &str, name: &str) {
        let address = format!("{name}@example.com");
        self.replace(token, person, "userName", &address).await;
    }

    async fn replace(&self, token: &str, person: &str, path: &str, value: &str) {
        let operation = json!({ "op": "replace", "path": path, "value": value });
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation],
        });
        self.scim(token, "PATCH", &format!("/{person}"), &body).await;
    }

    async fn made(&self, token: &str, name: &str, external: &str) -> String {
        let body = json!({ "userName": format!("{name}@example.com"), "externalId": external });
        self.scim(token, "POST", "", &body).await
    }

    /// Signs in with the external id of a directory.
    async fn sign_in_by(&self, external: &str) -> Value {
        self.sign_in(json!({ "sub": format!("subject {external}"), "oid": external }))
            .await
    }

    async fn age_session(&self, person: &Person, by: TimeDelta) {
        let began = self.app.db().clock().now() - by;
        session::Entity::update_many()
            .col_expr(session::Column::StartedAt, Expr::value(began))
            .filter(session::Column::Id.eq(person.session))
            .exec(self.app.raw())
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_token_of_a_directory_opens_no_session_of_others() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let boss = company.app.person("boss", Role::Administrator).await;
    let (directory, token) = add_directory(&company.app, &company.admin, "Okta").await;
    company
        .update(json!({ "directoryId": directory, "externalIdClaim": "oid" }))
        .await;
    // People who were there before: the first request links them to the directory.
    for (person, external) in [(&boss, "x1"), (&ann, "x2")] {
        company.give_id(&token, &plain(person), external).await;
        assert_refused(&company.sign_in_by(external).await, external);
    }
    // Their own address helps, but for administrators.
    let own = async |name: &str, external: &str| {
        let email = format!("{name}@example.com");
        let claims = json!({ "sub": name, "oid": external, "email": email, "email_verified": true });
        company.sign_in(claims).await
    };
    assert_refused(&own("boss", "x1").await, "an administrator");
    assert_eq!(own("ann", "x2").await["user"]["id"], ann.id());
    // People whom it has made are known by their id, as long as that stays.
    let new = company.made(&token, "new", "n1").await;
    assert_eq!(company.sign_in_by("n1").await["user"]["id"], typed(&new));
    let renamed = company.made(&token, "renamed", "r1").await;
    company.give_id(&token, &renamed, "x3").await;
    assert_refused(&company.sign_in_by("x3").await, "another id than at first");
    company.give_id(&token, &renamed, "r1").await;
    assert_refused(&company.sign_in_by("r1").await, "the first id again");
    // Not if an administrator has exempted them.
    let exempt = company.made(&token, "exempt", "e1").await;
    let input = json!({ "userId": typed(&exempt), "exempt": true });
    let done = company
        .app
        .run(&company.admin, "exemptFromDirectory", input, "user { id }")
        .await;
    assert_eq!(done["userErrors"], json!([]), "{done}");
    assert_refused(&company.sign_in_by("e1").await, "exempt");
    let how = company.audited("user.identity_linked").await;
    assert_eq!(
        how.iter().map(|data| &data["by"]).collect::<Vec<_>>(),
        ["EMAIL", "DIRECTORY"]
    );
    company.app.sound().await;
}

#[tokio::test]
async fn a_stolen_session_links_nothing() {
    let company = Company::new().await;
    company.age_session(&company.admin, TimeDelta::minutes(10)).await;
    let refused = company.link(&company.admin, json!({ "sub": "thief" })).await;
    let message = "sign in again first: an account can be linked for ten minutes after a sign-in";
    assert_eq!(
        refused["userErrors"],
        json!([{ "code": "SIGN_IN_FAILED", "field": null, "message": message }])
    );
    company.age_session(&company.admin, TimeDelta::minutes(9)).await;
    for (why, claims) in [
        ("another domain", json!({ "email": "admin@other.example" })),
        ("not verified", json!({ "email_verified": false })),
        ("no address", json!({ "email": null })),
    ] {
        let refused = company.link(&company.admin, claims).await;
        assert_eq!(refused["userErrors"][0]["code"], "SIGN_IN_FAILED", "{why}");
    }
    assert_eq!(company.rows().await[1], 0);
    let linked = company.link(&company.admin, json!({ "sub": "boss" })).await;
    assert_eq!(linked["userErrors"], json!([]));
    // Again is no error later.
    company.age_session(&company.admin, TimeDelta::hours(1)).await;
    let linked = company.link(&company.admin, json!({ "sub": "boss" })).await;
    assert_eq!(linked["userErrors"], json!([]));
}

#[tokio::test]
async fn a_new_password_forgets_what_was_linked_with_the_old_one() {
    let company = Company::new().await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    company.link(&ann, json!({ "sub": "thief" })).await;
    assert!(is_in(&company.sign_in_as("bob@example.com").await));
    assert!(is_in(&company.sign_in(json!({ "sub": "thief" })).await));
    for person in [&ann, &bob] {
        let input = json!({ "userId": person.id() });
        let issued = company
            .app
            .run(&company.admin, "issuePasswordReset", input, "token")
            .await;
        let query = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { accessToken } }";
        let input = json!({ "token": issued["token"], "password": "a new and long enough one" });
        let (_, answer) = company.app.ask(None, query, json!({ "input": input })).await;
        assert!(answer["data"]["resetPassword"]["accessToken"].is_string());
    }
    assert_refused(&company.sign_in(json!({ "sub": "thief" })).await, "unlinked");
    assert!(
        is_in(&company.sign_in(json!({ "sub": "bob" })).await),
        "linked by the address"
    );
    // By the command of the administrator of the server too.
    let second = company.app.person("second", Role::Administrator).await;
    company.link(&second, json!({ "sub": "second" })).await;
    assert!(is_in(&company.sign_in(json!({ "sub": "second" })).await));
    let set = handover::domain::auth::change_password::set_password(
        company.app.app.auth(),
        &second.email,
        "another long enough one".to_owned().into(),
    );
    set.await.unwrap();
    assert_refused(&company.sign_in(json!({ "sub": "second" })).await, "unlinked");
    assert_eq!(company.audited("user.identity_unlinked").await.len(), 2);
    company.app.sound().await;
}

#[tokio::test]
async fn an_account_stays_that_of_its_person_at_other_clients_of_the_issuer() {
    let company = Company::with(json!({ "emailDomains": ["example.com"], "justInTime": true })).await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    for email in ["ann@example.com", "bob@example.com"] {
        assert!(is_in(&company.sign_in_as(email).await));
    }
    company.dismiss(&ann).await;
    let more = json!({ "clientId": "second", "emailDomains": ["example.com"], "justInTime": true });
    let second = company
        .provider
        .register(&company.app, &company.admin, more.clone())
        .await;
    let first = company.id.clone();
    let company = Company {
        id: second,
        ..company
    };
    let with = |subject: &str, email: &str| json!({ "sub": subject, "aud": "second", "email": email, "email_verified": true });
    let people = company.rows().await[0];
    let leaver = with("ann", "another@example.com");
    assert_refused(&company.sign_in(leaver.clone()).await, "a leaver");
    let done = company.sign_in(with("bob", "yet-another@example.com")).await;
    assert_eq!(done["user"]["id"], bob.id(), "{done}");
    // Nor is anything forgotten when a provider is retired and created anew.
    for id in [&first, &company.id] {
        let input = json!({ "providerId": id });
        company
            .app
            .run(&company.admin, "retireIdentityProvider", input, "provider { id }")
            .await;
    }
    let id = company
        .provider
        .register(&company.app, &company.admin, more)
        .await;
    let company = Company { id, ..company };
    assert_refused(&company.sign_in(leaver).await, "a leaver");
    let foreign = company
        .link(&company.admin, json!({ "sub": "ann", "aud": "second" }))
        .await;
    assert_eq!(foreign["userErrors"][0]["code"], "SIGN_IN_FAILED");
    assert_eq!(company.rows().await[0], people, "nobody was created");
    company.app.sound().await;
}

#[tokio::test]
async fn nobody_is_created_with_the_address_of_a_leaver() {
    let company = Company::with(json!({ "emailDomains": ["example.com"], "justInTime": true })).await;
    let ann = company.app.employee("ann").await;
    company.dismiss(&ann).await;
    let id: UserId = ann.id;
    user::Entity::update_many()
        .col_expr(user::Column::EmailKey, Expr::value(user::given_up_key(id)))
        .filter(user::Column::Id.eq(id))
        .exec(company.app.raw())
        .await
        .unwrap();
    assert_refused(&company.sign_in_as("ANN@example.com").await, "given up");
    assert!(is_in(&company.sign_in_as("anna@example.com").await));
    company.app.breaks_rules();
}

/// What an administrator changes while the provider is asked counts.
#[tokio::test]
async fn a_sign_in_is_decided_by_the_settings_at_its_end() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    let claims = json!({ "sub": "ann", "email": "ann@example.com", "email_verified": true });
    for change in [
        json!({ "emailDomains": [] }),
        json!({ "emailDomains": ["example.com"], "externalIdClaim": "oid" }),
    ] {
        company.update(json!({ "emailDomains": ["example.com"] })).await;
        let started = company.start().await;
        let token = company
            .provider
            .key
            .sign(&company.claims(&started.nonce, &claims));
        company.provider.grant("code", &token);
        company.provider.answers().delay = Duration::from_millis(1_500);
        let input = json!({ "state": started.state, "code": "code", "binding": BINDING });
        let changed = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            company.update(change.clone()).await;
        };
        let (done, ()) = tokio::join!(company.complete(input), changed);
        assert_refused(&done, &change.to_string());
        company.provider.answers().delay = Duration::ZERO;
    }
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
}

/// Whoever has the token of an integration could enter an address that is their own at the provider.
#[tokio::test]
async fn an_address_that_an_integration_has_written_opens_no_session_of_others() {
    let company = Company::new().await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    let (directory, token) = add_directory(&company.app, &company.admin, "Okta").await;
    company
        .update(json!({ "directoryId": directory, "externalIdClaim": "oid" }))
        .await;
    // By a directory, for somebody who was there before.
    company.write_address(&token, &plain(&ann), "thief").await;
    assert_refused(&company.sign_in_as("thief@example.com").await, "by a directory");
    company.give_id(&token, &plain(&ann), "t1").await;
    let claims = json!({ "sub": "thief", "oid": "t1", "email": "thief@example.com", "email_verified": true });
    assert_refused(&company.sign_in(claims).await, "and with its id");
    company.write_address(&token, &plain(&ann), "ann").await;
    assert_refused(
        &company.sign_in_as("ann@example.com").await,
        "the first one again",
    );
    // Somebody whom it has made, and who has not signed in yet.
    let new = company.made(&token, "new", "n1").await;
    company.write_address(&token, &new, "newer").await;
    let claims = json!({ "sub": "new", "oid": "n1", "email": "newer@example.com", "email_verified": true });
    assert_eq!(company.sign_in(claims).await["user"]["id"], typed(&new));
    // By another integration, until a person writes it.
    let input = json!({ "name": "HR", "scopes": ["MANAGE_USERS"] });
    let created = company
        .app
        .run(&company.admin, "createIntegration", input, "token")
        .await;
    let update = async |token: &str, email: &str| {
        let input = json!({ "userId": bob.id(), "email": email });
        let query =
            "mutation($input: UpdateUserInput!) { updateUser(input: $input) { userErrors { code } } }";
        let (_, done) = company
            .app
            .ask(Some(token), query, json!({ "input": input }))
            .await;
        assert_eq!(done["data"]["updateUser"]["userErrors"], json!([]), "{done}");
    };
    let integration = created["token"].as_str().unwrap();
    update(integration, "other@example.com").await;
    assert_refused(
        &company.sign_in_as("other@example.com").await,
        "by an integration",
    );
    let input = json!({ "userId": bob.id(), "email": null });
    company
        .app
        .run(&company.admin, "updateUser", input, "user { id }")
        .await;
    assert_refused(
        &company.sign_in_as("other@example.com").await,
        "no address was written",
    );
    // The same address: somebody has looked at it.
    update(&company.admin.token, "other@example.com").await;
    assert_eq!(
        company.sign_in_as("other@example.com").await["user"]["id"],
        bob.id()
    );
    let told = company.audited("user.updated").await;
    let vouched: Vec<&Value> = told.iter().map(|data| &data["emailIdentifies"]["to"]).collect();
    assert!(vouched.ends_with(&[&json!(false), &json!(true)]), "{vouched:?}");
    company.app.sound().await;
}

/// Nobody has made these people but an import, and they have no password: a directory could otherwise take them over before
/// they ever come.
#[tokio::test]
async fn imported_people_are_not_given_to_others_by_a_directory() {
    let company = Company::new().await;
    let (directory, token) = add_directory(&company.app, &company.admin, "Okta").await;
    company
        .update(json!({ "directoryId": directory, "externalIdClaim": "oid" }))
        .await;
    for (name, external) in [("ann", Some("a1")), ("bob", None)] {
        let person = company.app.employee(name).await;
        user::Entity::update_many()
            .col_expr(user::Column::PasswordHash, Expr::value(None::<String>))
            .filter(user::Column::Email.eq(&person.email))
            .exec(company.app.raw())
            .await
            .unwrap();
        let input = json!({ "directoryId": directory, "userId": person.id(), "externalId": external });
        let done = company
            .app
            .run(&company.admin, "linkToDirectory", input, "user { id }")
            .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
        // The address and the id of the thief, at once.
        let thief = format!("thief-of-{name}");
        let operations = json!([
            { "op": "replace", "path": "userName", "value": format!("{thief}@example.com") },
            { "op": "replace", "path": "externalId", "value": thief },
        ]);
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        company
            .scim(&token, "PATCH", &format!("/{}", plain(&person)), &body)
            .await;
        assert_refused(&company.sign_in_by(&thief).await, "by the id");
        let email = format!("{thief}@example.com");
        for more in [json!({}), json!({ "oid": thief })] {
            let mut claims = json!({ "sub": thief, "email": email, "email_verified": true });
            claims
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            assert_refused(&company.sign_in(claims).await, "by the address");
        }
        // An administrator who has looked at both.
        let query = "mutation($input: LinkToDirectoryInput!) {
            unlinkFromDirectory(input: $input) { userErrors { code } }
            linkToDirectory(input: $input) { userErrors { code } } }";
        let input = json!({ "directoryId": directory, "userId": person.id(), "externalId": thief });
        let done = company
            .app
            .data(&company.admin, query, json!({ "input": input }))
            .await;
        for mutation in ["unlinkFromDirectory", "linkToDirectory"] {
            assert_eq!(done[mutation]["userErrors"], json!([]), "{done}");
        }
        assert_eq!(company.sign_in_by(&thief).await["user"]["id"], person.id());
    }
    company.app.sound().await;
}
