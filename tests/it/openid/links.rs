//! Whose an account is: the link decides for ever, then the directory, then the verified address.

use entity::user::{self, Role, UserStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{Company, assert_refused, is_in};
use crate::scim::add_directory;
use crate::support::Person;

impl Company {
    /// Links a person to a directory by an external id.
    pub async fn in_directory(&self, directory: &str, person: &Person, external: &str) {
        let input = json!({
            "directoryId": directory, "userId": person.id(), "userName": person.email, "externalId": external,
        });
        let done = self
            .app
            .run(&self.admin, "linkToDirectory", input, "user { id }")
            .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }

    pub async fn dismiss(&self, person: &Person) {
        let input = json!({ "userId": person.id() });
        let done = self
            .app
            .run(&self.admin, "dismissUser", input, "user { id }")
            .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }

    pub async fn update(&self, input: Value) {
        let mut input = input;
        input["providerId"] = json!(self.id);
        let done = self
            .app
            .run(&self.admin, "updateIdentityProvider", input, "provider { id }")
            .await;
        assert_eq!(done["userErrors"], json!([]), "{done}");
    }
}

#[tokio::test]
async fn a_link_decides_for_ever() {
    let company = Company::new().await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    assert_eq!(
        company.sign_in_as("ann@example.com").await["user"]["id"],
        ann.id()
    );
    // Whatever the address says later, and whoever has it.
    for email in ["bob@example.com", "nobody@example.com", "x@other.example"] {
        let claims = json!({ "sub": "ann", "email": email, "email_verified": true });
        assert_eq!(company.sign_in(claims).await["user"]["id"], ann.id(), "{email}");
    }
    // Another account with the address of somebody who has a link is refused.
    let claims = json!({ "sub": "other", "email": "ann@example.com", "email_verified": true });
    assert_refused(&company.sign_in(claims).await, "linked to another account");
    // An account of the same name at another provider is another account.
    let other = super::provider::Provider::start().await;
    let other_id = other.register(&company.app, &company.admin, json!({})).await;
    let company = Company {
        provider: other,
        id: other_id,
        ..company
    };
    assert_refused(
        &company.sign_in(json!({ "sub": "ann" })).await,
        "another provider",
    );
    let input = json!({ "identityId": "identity_01j0b3v1mmee6tx9cpdgkfhbch" });
    assert_eq!(
        company.app.refusal(&bob, "unlinkIdentity", input).await,
        ["NOT_FOUND identityId"]
    );
    company.app.sound().await;
}

#[tokio::test]
async fn addresses_link_only_if_they_are_verified_and_of_the_domains() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    company.app.person("boss", Role::Administrator).await;
    for (why, claims) in [
        ("no address", json!({})),
        ("not verified", json!({ "email": "ann@example.com" })),
        (
            "not verified",
            json!({ "email": "ann@example.com", "email_verified": false }),
        ),
        (
            "not verified",
            json!({ "email": "ann@example.com", "email_verified": "false" }),
        ),
        (
            "not verified",
            json!({ "email": "ann@example.com", "email_verified": null }),
        ),
        (
            "another provider's claim",
            json!({ "email": "ann@example.com", "xms_edov": true }),
        ),
        (
            "another domain",
            json!({ "email": "ann@example.com.evil", "email_verified": true }),
        ),
        (
            "a subdomain",
            json!({ "email": "ann@sub.example.com", "email_verified": true }),
        ),
        (
            "two addresses",
            json!({ "email": "ann@example.com, x@example.com", "email_verified": true }),
        ),
        (
            "no text",
            json!({ "email": ["ann@example.com"], "email_verified": true }),
        ),
        (
            "unknown",
            json!({ "email": "nobody@example.com", "email_verified": true }),
        ),
        (
            "an administrator",
            json!({ "email": "boss@example.com", "email_verified": true }),
        ),
    ] {
        assert_refused(&company.sign_in(claims).await, why);
    }
    assert_eq!(company.rows().await[1], 0);
    let claims = json!({ "email": "Ann@EXAMPLE.com", "email_verified": "true" });
    assert!(is_in(&company.sign_in(claims).await));
    // Without domains nobody is linked by their address.
    company.update(json!({ "emailDomains": [] })).await;
    company.app.employee("bob").await;
    assert_refused(&company.sign_in_as("bob@example.com").await, "no domains");
}

/// Some providers tell the address at the UserInfo endpoint alone.
#[tokio::test]
async fn the_user_info_endpoint_adds_the_address() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    company.provider.answers().document =
        json!({ "userinfo_endpoint": format!("{}/me", company.provider.issuer) });
    let more = json!({ "clientId": "second" });
    company
        .provider
        .register(&company.app, &company.admin, more)
        .await;
    let verified = json!({ "sub": "ann", "email": "ann@example.com", "email_verified": true });
    for (why, info) in [
        ("not JSON", json!("x")),
        (
            "somebody else",
            json!({ "sub": "bob", "email": "ann@example.com", "email_verified": true }),
        ),
        (
            "not verified",
            json!({ "sub": "ann", "email": "ann@example.com" }),
        ),
    ] {
        company.provider.answers().user_info = info;
        assert_refused(&company.sign_in(json!({ "sub": "ann" })).await, why);
    }
    company.provider.answers().user_info = verified;
    // What the token says comes first.
    let claims = json!({ "sub": "ann", "email": "ann@example.com" });
    assert_refused(&company.sign_in(claims).await, "not verified in the token");
    let done = company.sign_in(json!({ "sub": "ann" })).await;
    assert_eq!(done["user"]["id"], ann.id(), "{done}");
    // Who is linked needs no address.
    company.provider.answers().user_info = json!("x");
    assert!(is_in(&company.sign_in(json!({ "sub": "ann" })).await));
}

#[tokio::test]
async fn the_directory_comes_before_the_address() {
    let company = Company::new().await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    let boss = company.app.person("boss", Role::Administrator).await;
    let (directory, _) = add_directory(&company.app, &company.admin, "Entra").await;
    company.in_directory(&directory, &ann, "0001").await;
    company.in_directory(&directory, &boss, "0002").await;
    company.in_directory(&directory, &bob, "0003").await;
    // As long as the provider doesn't name it, the directory means nothing.
    let claims = json!({ "sub": "pairwise", "oid": "0001" });
    assert_refused(&company.sign_in(claims.clone()).await, "no directory");
    company
        .update(json!({ "directoryId": directory, "externalIdClaim": "oid" }))
        .await;
    let claims =
        json!({ "sub": "pairwise", "oid": "0001", "email": "bob@example.com", "email_verified": true });
    let done = company.sign_in(claims).await;
    assert_eq!(done["user"]["id"], ann.id(), "{done}");
    // One account for each person.
    let claims = json!({ "sub": "second", "oid": "0001" });
    assert_refused(&company.sign_in(claims).await, "linked to another account");
    // Never an administrator.
    let claims = json!({ "sub": "boss", "oid": "0002", "email": "boss@example.com", "email_verified": true });
    assert_refused(&company.sign_in(claims).await, "an administrator");
    // Somebody with a colleague's address, whom the directory knows by another id.
    for odd in [json!("0009"), Value::Null] {
        let claims = json!({ "sub": "x", "oid": odd, "email": "bob@example.com", "email_verified": true });
        assert_refused(&company.sign_in(claims).await, "a namesake");
    }
    let how: Vec<Value> = company.audited("user.identity_linked").await;
    assert_eq!(
        how.iter().map(|data| &data["by"]).collect::<Vec<_>>(),
        ["DIRECTORY"]
    );
    company.app.sound().await;
}

#[tokio::test]
async fn people_link_themselves_while_signed_in() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let claims = json!({ "sub": "boss", "email": "admin@example.com", "email_verified": true });
    assert_refused(&company.sign_in(claims.clone()).await, "an administrator");
    let linked = company.link(&company.admin, claims.clone()).await;
    assert_eq!(linked["userErrors"], json!([]), "{linked}");
    let identity = &linked["user"]["identities"][0];
    assert_eq!(identity["linkedBy"], "THEMSELVES");
    assert_eq!(identity["subject"], "boss");
    let done = company.sign_in(claims.clone()).await;
    assert_eq!(done["user"]["id"], company.admin.id());
    // Again is no error, another account of the same provider is, and so is somebody else's.
    assert_eq!(
        company.link(&company.admin, claims.clone()).await["userErrors"],
        json!([])
    );
    let other = company.link(&company.admin, json!({ "sub": "other" })).await;
    assert_eq!(other["userErrors"][0]["code"], "INVALID");
    let foreign = company.link(&ann, claims.clone()).await;
    assert_eq!(foreign["userErrors"][0]["code"], "SIGN_IN_FAILED");
    // Seen by themselves and by administrators.
    let query = "query($id: ID!) { user(id: $id) { identities { id } } node(id: $id) { id } }";
    let seen = company
        .app
        .data(&ann, query, json!({ "id": company.admin.id() }))
        .await;
    assert!(seen["user"]["identities"].is_null());
    let node = json!({ "id": identity["id"] });
    let query = "query($id: ID!) { node(id: $id) { id } }";
    assert!(company.app.data(&ann, query, node.clone()).await["node"].is_null());
    assert_eq!(
        company.app.data(&company.admin, query, node).await["node"]["id"],
        identity["id"]
    );
    // Unlinking ends the sessions opened with it, and no others.
    let input = json!({ "identityId": identity["id"] });
    assert_eq!(
        company.app.refusal(&ann, "unlinkIdentity", input.clone()).await,
        ["NOT_FOUND identityId"]
    );
    let done = company
        .app
        .run(
            &company.admin,
            "unlinkIdentity",
            input,
            "user { identities { id } }",
        )
        .await;
    assert_eq!(done["user"]["identities"], json!([]));
    assert_eq!(company.app.open_sessions(&company.admin).await, 1);
    assert_refused(&company.sign_in(claims).await, "unlinked");
    company.app.sound().await;
}

/// Dismissed, invited and unknown people, and what is in the database afterwards.
#[tokio::test]
async fn leavers_are_told_nothing_and_leave_nothing() {
    let company = Company::with(json!({ "emailDomains": ["example.com"], "justInTime": true })).await;
    let (ann, bob) = (
        company.app.employee("ann").await,
        company.app.employee("bob").await,
    );
    let invited = company.app.employee("invited").await;
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    company.dismiss(&ann).await;
    company.dismiss(&bob).await;
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Invited))
        .filter(user::Column::Id.eq(invited.id))
        .exec(company.app.raw())
        .await
        .unwrap();
    let before = company.rows().await;
    assert_refused(
        &company.sign_in_as("ann@example.com").await,
        "dismissed and linked",
    );
    assert_refused(&company.sign_in_as("bob@example.com").await, "dismissed");
    assert_refused(&company.sign_in_as("invited@example.com").await, "invited");
    assert_refused(&company.sign_in(json!({ "sub": "nobody" })).await, "unknown");
    assert_eq!(company.rows().await, before);
    // Only the audit log knows.
    let reasons: Vec<Value> = company.audited("session.refused").await;
    let reasons: Vec<&Value> = reasons.iter().map(|data| &data["reason"]).collect();
    let unknown = "unknown, without a verified address in the domains";
    assert_eq!(reasons, ["dismissed", "dismissed", "invited", unknown]);
    // The link waits for their return.
    company
        .app
        .run(
            &company.admin,
            "hireUser",
            json!({ "userId": ann.id() }),
            "user { id }",
        )
        .await;
    assert_eq!(
        company.sign_in_as("ann@example.com").await["user"]["id"],
        ann.id()
    );
    company.app.breaks_rules();
}

#[tokio::test]
async fn people_are_created_only_if_that_is_switched_on_and_nothing_else_provisions_them() {
    let company = Company::new().await;
    let new = json!({
        "sub": "new", "email": "New@example.com", "email_verified": true,
        "given_name": "Nina", "family_name": "New\u{202e}",
    });
    assert_refused(&company.sign_in(new.clone()).await, "switched off");
    company.update(json!({ "justInTime": true })).await;
    for (why, claims) in [
        (
            "not verified",
            json!({ "sub": "new", "email": "new@example.com" }),
        ),
        (
            "another domain",
            json!({ "sub": "new", "email": "new@other.example", "email_verified": true }),
        ),
        ("no address", json!({ "sub": "new" })),
    ] {
        assert_refused(&company.sign_in(claims).await, why);
    }
    let done = company.sign_in(new.clone()).await;
    assert!(is_in(&done), "{done}");
    let query = "query($id: ID!) { user(id: $id) { email givenName familyName role status identities { linkedBy } } }";
    let seen = company
        .app
        .data(&company.admin, query, json!({ "id": done["user"]["id"] }))
        .await;
    assert_eq!(
        seen["user"],
        json!({
            "email": "New@example.com", "givenName": "Nina", "familyName": null, "role": "EMPLOYEE",
            "status": "ACTIVE", "identities": [{ "linkedBy": "JUST_IN_TIME" }],
        })
    );
    assert_eq!(company.sign_in(new).await["user"]["id"], done["user"]["id"]);
    add_directory(&company.app, &company.admin, "Okta").await;
    assert_refused(
        &company.sign_in_as("another@example.com").await,
        "there is a directory",
    );
    company.app.sound().await;
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_link() {
    let company = Company::with(json!({ "emailDomains": ["example.com"], "justInTime": true })).await;
    company.app.employee("ann").await;
    for email in ["ann@example.com", "new@example.com"] {
        let subject = email.split('@').next().unwrap();
        let claims = json!({ "sub": subject, "email": email, "email_verified": true });
        let (one, two) = (company.start().await, company.start().await);
        let run = async |started: &super::Started, code: &str| {
            let token = company
                .provider
                .key
                .sign(&company.claims(&started.nonce, &claims));
            company.provider.grant(code, &token);
            let input = json!({ "state": started.state, "code": code, "binding": super::BINDING });
            company.complete(input).await
        };
        let (first, second) = tokio::join!(run(&one, "a"), run(&two, "b"));
        assert!(is_in(&first) || is_in(&second), "{first} {second}");
    }
    assert_eq!(company.rows().await[..2], [3, 2]);
    company.app.sound().await;
}
