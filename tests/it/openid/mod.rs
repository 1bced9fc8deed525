//! Signing in with an identity provider, and being signed out by it.

mod callbacks;
mod console;
mod links;
mod logout;
mod manage;
mod passwords;
pub mod provider;
mod revocation;
mod taking_over;
mod tokens;

use entity::{audit_entry, identity, pending_sign_in, session, user};
use handover::clock::Clock;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use self::provider::{CLIENT, Provider, REDIRECT, coded};
use crate::support::{Person, TestApp};

/// What the client keeps.
pub const BINDING: &str = "kept by the client";

/// An application that may send requests to this machine.
pub async fn app() -> TestApp {
    TestApp::with(|options| options.egress.allowed = vec!["127.0.0.0/8".parse().unwrap()]).await
}

/// A company with an identity provider for example.com.
pub struct Company {
    pub app: TestApp,
    pub admin: Person,
    pub provider: Provider,
    /// Id of the provider.
    pub id: String,
}

/// A sign-in that has begun.
pub struct Started {
    pub state: String,
    pub nonce: String,
    pub url: Url,
}

impl Company {
    pub async fn new() -> Self {
        Self::with(json!({ "emailDomains": ["Example.com"] })).await
    }

    /// With fields of the input of `createIdentityProvider`.
    pub async fn with(input: Value) -> Self {
        Self::of(app().await, input).await
    }

    /// With a clock that the test moves.
    pub async fn at(clock: Clock) -> Self {
        let allow = |options: &mut handover::server::Options| {
            options.egress.allowed = vec!["127.0.0.0/8".parse().unwrap()];
        };
        let app = TestApp::opened(allow, clock).await;
        Self::of(app, json!({ "emailDomains": ["Example.com"] })).await
    }

    pub async fn of(app: TestApp, input: Value) -> Self {
        let admin = app.administrator().await;
        let provider = Provider::start().await;
        let id = provider.register(&app, &admin, input).await;
        Self {
            app,
            admin,
            provider,
            id,
        }
    }

    /// Begins a sign-in; returns the payload.
    pub async fn try_start(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut input = json!({
            "providerId": self.id,
            "bindingHash": coded(&Sha256::digest(BINDING)),
            "redirectUri": REDIRECT,
        });
        change(&mut input);
        let query = "mutation($input: StartSignInWithInput!) {
            startSignInWith(input: $input) { url userErrors { code field message } } }";
        let (_, answer) = self.app.ask(None, query, json!({ "input": input })).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["startSignInWith"].clone()
    }

    pub async fn start(&self) -> Started {
        let started = self.try_start(|_| {}).await;
        let url = started["url"].as_str().unwrap_or_else(|| panic!("{started}"));
        let url = Url::parse(url).unwrap();
        let get = |name: &str| {
            let found = url.query_pairs().find(|(key, _)| key == name);
            found.unwrap().1.into_owned()
        };
        Started {
            state: get("state"),
            nonce: get("nonce"),
            url,
        }
    }

    /// Claims of a valid ID token, with more or other ones; null removes one.
    pub fn claims(&self, nonce: &str, more: &Value) -> Value {
        let now = self.app.db().clock().now().timestamp();
        let mut claims = json!({
            "iss": self.provider.issuer, "aud": CLIENT, "sub": "subject", "nonce": nonce,
            "iat": now, "exp": now + 300,
        });
        for (name, value) in more.as_object().unwrap() {
            match value.is_null() {
                true => claims.as_object_mut().unwrap().remove(name),
                false => claims
                    .as_object_mut()
                    .unwrap()
                    .insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    pub async fn complete(&self, input: Value) -> Value {
        let query = "mutation($input: CompleteSignInWithInput!) { completeSignInWith(input: $input) {
            accessToken refreshToken expiresAt user { id email } userErrors { code field message } } }";
        let (_, answer) = self.app.ask(None, query, json!({ "input": input })).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["completeSignInWith"].clone()
    }

    /// Completes a sign-in with an ID token.
    pub async fn complete_with(&self, started: &Started, token: &str) -> Value {
        self.provider.grant("code", token);
        let input = json!({ "state": started.state, "code": "code", "binding": BINDING });
        self.complete(input).await
    }

    /// Signs in with claims beyond the usual ones.
    pub async fn sign_in(&self, claims: Value) -> Value {
        let started = self.start().await;
        let token = self.provider.key.sign(&self.claims(&started.nonce, &claims));
        self.complete_with(&started, &token).await
    }

    /// Signs in with a verified address; the `sub` is the part before the @.
    pub async fn sign_in_as(&self, email: &str) -> Value {
        let subject = email.split('@').next();
        self.sign_in(json!({ "sub": subject, "email": email, "email_verified": true }))
            .await
    }

    /// Links an account to somebody who is signed in; it has their address, unless the claims say otherwise.
    pub async fn link(&self, person: &Person, more: Value) -> Value {
        let started = self.start().await;
        let mut claims = json!({ "email": person.email, "email_verified": true });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let token = self.provider.key.sign(&self.claims(&started.nonce, &claims));
        self.provider.grant("link", &token);
        let query = "mutation($input: CompleteSignInWithInput!) { linkIdentity(input: $input) {
            user { id identities { id subject linkedBy provider { name } } } userErrors { code field message } } }";
        let input = json!({ "state": started.state, "code": "link", "binding": BINDING });
        let data = self.app.data(person, query, json!({ "input": input })).await;
        data["linkIdentity"].clone()
    }

    /// What is in the database: people, links, sessions, pending sign-ins.
    pub async fn rows(&self) -> [u64; 4] {
        let raw = self.app.raw();
        [
            user::Entity::find().count(raw).await.unwrap(),
            identity::Entity::find().count(raw).await.unwrap(),
            session::Entity::find().count(raw).await.unwrap(),
            pending_sign_in::Entity::find().count(raw).await.unwrap(),
        ]
    }

    /// The data of the audit entries of an action, oldest first.
    pub async fn audited(&self, action: &str) -> Vec<Value> {
        let rows = audit_entry::Entity::find()
            .filter(audit_entry::Column::Action.eq(action))
            .order_by_asc(audit_entry::Column::Id)
            .all(self.app.raw())
            .await
            .unwrap();
        rows.iter()
            .map(|row| serde_json::from_str(&row.data).unwrap())
            .collect()
    }
}

/// Whether a payload has tokens and no errors.
pub fn is_in(payload: &Value) -> bool {
    payload["accessToken"].is_string() && payload["userErrors"] == json!([])
}

/// Checks that a sign-in was refused without telling why.
pub fn assert_refused(payload: &Value, why: &str) {
    assert!(
        payload["accessToken"].is_null() && payload["user"].is_null(),
        "{why}: {payload}"
    );
    let message = "signing in with the identity provider failed: try again, or ask an administrator";
    let errors = json!([{ "code": "SIGN_IN_FAILED", "field": null, "message": message }]);
    assert_eq!(payload["userErrors"], errors, "{why}");
}
