//! Creating, changing and retiring identity providers, and who sees what of them.

use serde_json::{Value, json};

use super::provider::{CLIENT, Provider, REDIRECT, SECRET};
use super::{Company, app, assert_refused, is_in};
use crate::support::TestApp;

fn input(issuer: &str) -> Value {
    json!({ "name": "x", "issuer": issuer, "clientId": "y", "redirectUris": [REDIRECT] })
}

#[tokio::test]
async fn strangers_see_the_name_alone() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    let query =
        "{ identityProviders { id name issuer clientId hasClientSecret redirectUris emailDomains justInTime
        directory { id } externalIdClaim backchannelLogoutUri revocationUri } }";
    let nothing = json!([{
        "id": company.id, "name": "Company", "issuer": null, "clientId": null, "hasClientSecret": null,
        "redirectUris": null, "emailDomains": null, "justInTime": null, "directory": null,
        "externalIdClaim": null, "backchannelLogoutUri": null, "revocationUri": null,
    }]);
    for token in [None, Some(ann.token.as_str()), Some("no token")] {
        let (_, answer) = company.app.ask(token, query, json!({})).await;
        assert_eq!(answer["data"]["identityProviders"], nothing, "{token:?}");
    }
    let all = company.app.data(&company.admin, query, json!({})).await;
    assert_eq!(
        all["identityProviders"],
        json!([{
            "id": company.id, "name": "Company", "issuer": company.provider.issuer, "clientId": CLIENT,
            "hasClientSecret": true, "redirectUris": [REDIRECT, "http://127.0.0.1:5000/"],
            "emailDomains": ["example.com"], "justInTime": false, "directory": null, "externalIdClaim": "sub",
            "backchannelLogoutUri":
                format!("http://127.0.0.1:8000/auth/oidc/{}/backchannel-logout", company.id),
            "revocationUri": "http://127.0.0.1:8000/auth/revoke",
        }])
    );
    let created = company.audited("identity_provider.created").await;
    assert_eq!(
        created[0],
        json!({
            "name": "Company", "issuer": company.provider.issuer, "clientId": CLIENT, "hasClientSecret": true,
            "redirectUris": format!("{REDIRECT} http://127.0.0.1:5000/"), "emailDomains": "example.com",
            "justInTime": false, "directoryId": null, "externalIdClaim": "sub",
        })
    );
    // The secret is in no answer, and not in the audit log.
    let input = json!({ "providerId": company.id, "clientSecret": "another secret" });
    company
        .app
        .run(&company.admin, "updateIdentityProvider", input, "")
        .await;
    let query = "{ auditLog(first: 100) { nodes { data } } }";
    let log = company
        .app
        .data(&company.admin, query, json!({}))
        .await
        .to_string();
    assert!(log.contains("clientSecret") && !log.contains(SECRET) && !log.contains("another secret"));
}

#[tokio::test]
async fn an_issuer_is_reached_and_names_itself() {
    let app = app().await;
    let admin = app.administrator().await;
    let provider = Provider::start().await;
    let issuer = provider.issuer.clone();
    let refused = async |input: Value| app.refusal(&admin, "createIdentityProvider", input).await;
    provider.answers().document = json!({ "issuer": "https://other.example" });
    assert_eq!(
        refused(input(&issuer)).await,
        ["INVALID issuer"],
        "a foreign issuer"
    );
    for (name, value) in [
        ("issuer", json!(format!("{issuer}/"))),
        ("token_endpoint", json!("x")),
        ("jwks_uri", Value::Null),
        ("id_token_signing_alg_values_supported", json!(["HS256", "none"])),
    ] {
        provider.answers().document = json!({ name: value });
        assert_eq!(refused(input(&issuer)).await, ["INVALID issuer"], "{name}");
    }
    provider.answers().document = Value::Null;
    for odd in [
        "https://10.0.0.1",
        "https://169.254.169.254/latest",
        "http://1.1.1.1",
    ] {
        assert_eq!(refused(input(odd)).await, ["ADDRESS_NOT_ALLOWED issuer"], "{odd}");
    }
    for odd in [
        "ftp://127.0.0.1",
        "some text",
        "https://user:word@example.com",
        &format!("{issuer}#x"),
    ] {
        assert_eq!(refused(input(odd)).await, ["INVALID issuer"], "{odd}");
    }
    assert_eq!(refused(input(&format!("{issuer}?x"))).await, ["INVALID issuer"]);
    for (field, value, error) in [
        ("redirectUris", json!([]), "INVALID redirectUris"),
        (
            "redirectUris",
            json!(["https://a.example/#x"]),
            "INVALID redirectUris.0",
        ),
        (
            "redirectUris",
            json!([REDIRECT, "http://a.example"]),
            "INVALID redirectUris.1",
        ),
        (
            "redirectUris",
            json!(["javascript:alert(1)"]),
            "INVALID redirectUris.0",
        ),
        (
            "redirectUris",
            json!(["https://a.example/ b"]),
            "INVALID redirectUris.0",
        ),
        ("emailDomains", json!(["a@b"]), "INVALID emailDomains.0"),
        // Nobody would be created.
        ("justInTime", json!(true), "INVALID emailDomains"),
        (
            "emailDomains",
            json!(["example.com", ""]),
            "INVALID emailDomains.1",
        ),
        ("clientId", json!(""), "INVALID clientId"),
        ("clientSecret", json!("ü"), "INVALID clientSecret"),
        ("externalIdClaim", json!("email"), "INVALID externalIdClaim"),
        (
            "directoryId",
            json!("directory_01j0b3v1mmee6tx9cpdgkfhbch"),
            "NOT_FOUND directoryId",
        ),
    ] {
        let mut wrong = input(&issuer);
        wrong[field] = value;
        assert_eq!(refused(wrong).await, [error], "{field}");
    }
    app.run(
        &admin,
        "createIdentityProvider",
        input(&issuer),
        "provider { id }",
    )
    .await;
    assert_eq!(refused(input(&issuer)).await, ["INVALID clientId"]);
    // An integration makes none, whatever it may do.
    let scopes = json!({ "name": "x", "scopes": ["MANAGE_INTEGRATIONS"] });
    let (_, token) = crate::integrations::create(&app, &admin, scopes).await;
    let query = "mutation($input: CreateIdentityProviderInput!) {
        createIdentityProvider(input: $input) { userErrors { code } } }";
    let sent = json!({ "input": input(&issuer) });
    assert_eq!(app.error(Some(&token), query, sent).await, "FORBIDDEN");
    // Nothing is sent to networks that are not allowed.
    let strict = TestApp::new().await;
    let admin = strict.administrator().await;
    let errors = strict
        .refusal(&admin, "createIdentityProvider", input(&issuer))
        .await;
    assert_eq!(errors, ["ADDRESS_NOT_ALLOWED issuer"]);
}

#[tokio::test]
async fn retiring_ends_everything_of_a_provider() {
    let company = Company::new().await;
    let ann = company.app.employee("ann").await;
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    assert_eq!(company.app.open_sessions(&ann).await, 2);
    let pending = company.start().await;
    let input = json!({ "providerId": company.id });
    let done = company
        .app
        .run(
            &company.admin,
            "retireIdentityProvider",
            input.clone(),
            "provider { id }",
        )
        .await;
    assert_eq!(done["provider"]["id"], company.id);
    assert_eq!(company.app.open_sessions(&ann).await, 1);
    let errors = company
        .app
        .refusal(&company.admin, "retireIdentityProvider", input)
        .await;
    assert_eq!(errors, ["NOT_FOUND providerId"]);
    assert_eq!(
        company.try_start(|_| {}).await["userErrors"][0]["code"],
        "NOT_FOUND"
    );
    let token = company
        .provider
        .key
        .sign(&company.claims(&pending.nonce, &json!({ "sub": "ann" })));
    assert_refused(&company.complete_with(&pending, &token).await, "retired");
    let query = "{ identityProviders { id } viewer { user { identities { id } } } }";
    let seen = company.app.data(&ann, query, json!({})).await;
    assert_eq!(
        seen,
        json!({ "identityProviders": [], "viewer": { "user": { "identities": [] } } })
    );
    // Its client can be registered again; the people are linked anew.
    let id = company
        .provider
        .register(
            &company.app,
            &company.admin,
            json!({ "emailDomains": ["example.com"] }),
        )
        .await;
    let company = Company { id, ..company };
    assert_eq!(
        company.sign_in_as("ann@example.com").await["user"]["id"],
        ann.id()
    );
    company.app.sound().await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_apart() {
    let company = Company::new().await;
    company.app.employee("ann").await;
    assert!(is_in(&company.sign_in_as("ann@example.com").await));
    let Company {
        app,
        admin,
        provider,
        id,
    } = company;
    drop(provider);
    // Another process, which knows nothing of the provider yet.
    let other = app
        .replica_with(|options| options.egress.allowed = vec!["127.0.0.0/8".parse().unwrap()])
        .await;
    let provider = Provider::start().await;
    let company = Company {
        app: other,
        admin,
        provider,
        id,
    };
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    let started = company.try_start(|_| {}).await;
    assert_eq!(started["userErrors"][0]["code"], "SIGN_IN_FAILED");
    let message = "the identity provider can't be reached: try again later";
    assert_eq!(started["userErrors"][0]["message"], message);
}
