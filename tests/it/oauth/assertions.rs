//! Signed assertions and public keys.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use axum::http::StatusCode;
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use entity::used_assertion;
use handover::clock::Clock;
use handover::domain::auth::secret::hex_digest;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use super::{PATH, SERVER, form, post, status};
use crate::integrations::{add, create};
use crate::support::{Person, TestApp};

/// An RSA key of 1024 bits, and a key on another curve.
const REFUSED_KEYS: [&str; 2] = [
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCZWNJj+NsSaeT3AM5EaqyaB8hFQSoHPieHYFRjoPzAcf2EXb5eatc+dGjsD4VW/gFzaF+gXdE8Awhp6BlPO59H25fcdIa9Bthy9sT9Ew+z11J2B4uq25dIew18Uh3KhYD0hPFFgUqSnsEpcrJK8MGV+4TB+NE3p706j3oXQcWP+QIDAQAB",
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEPiITsKXckk7EUjnvAQAtQVUGjOhcBbisQqSD9GECpM+K9Qqt2LKUAf962K+yviU4K6fZrhr+irWWwCSj6FdPBbnvOmtV6tWnoPr+IHHJvOlkyTf7Rdgc88kAz97Biskb",
];

/// Signs assertions.
pub struct Signer {
    key: EncodingKey,
    algorithm: Algorithm,
    pub pem: String,
}

impl Signer {
    fn new(key: EncodingKey, algorithm: Algorithm, public: &PublicKeyX509Der<'_>) -> Self {
        let pem = pem(public.as_ref());
        Self { key, algorithm, pem }
    }

    pub fn ed() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let private = pair.to_pkcs8().unwrap();
        let key = EncodingKey::from_ed_der(private.as_ref());
        Self::new(key, Algorithm::EdDSA, &pair.public_key().as_der().unwrap())
    }

    fn ec() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let private = pair.to_pkcs8v1().unwrap();
        let key = EncodingKey::from_ec_der(private.as_ref());
        Self::new(key, Algorithm::ES256, &pair.public_key().as_der().unwrap())
    }

    fn rsa() -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // PKCS #1 is what follows the head of PKCS #8.
        let key = EncodingKey::from_rsa_der(&private.as_ref()[26..]);
        Self::new(key, Algorithm::RS256, &pair.public_key().as_der().unwrap())
    }

    pub fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Header::new(self.algorithm), claims, &self.key).unwrap()
    }
}

fn pem(der: &[u8]) -> String {
    let base64 = BASE64_STANDARD.encode(der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    )
}

/// Adds a public key; returns the payload.
pub async fn add_key(app: &TestApp, by: &Person, id: &str, pem: &str) -> Value {
    let input = json!({ "integrationId": id, "kind": "PUBLIC_KEY", "publicKey": pem });
    app.run(by, "addIntegrationSecret", input, "secret { id kind hint } value")
        .await
}

pub fn claims(app: &TestApp, client: &str, id: &str) -> Value {
    let now = app.db().clock().now().timestamp();
    json!({ "iss": client, "sub": client, "aud": SERVER, "exp": now + 120, "iat": now, "jti": id })
}

pub async fn assert_with(app: &TestApp, assertion: &str, more: &[(&str, &str)]) -> (StatusCode, Value) {
    let pairs = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion),
    ];
    let (status, _, answer) = post(app, None, form(&[&pairs, more].concat())).await;
    (status, answer)
}

#[tokio::test]
async fn signed_assertions_get_access_tokens_once() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, _) = create(&app, &admin, json!({ "name": "x", "scopes": ["READ_EVENTS"] })).await;
    let mut signers = vec![Signer::ed(), Signer::ec(), Signer::rsa()];
    for signer in &signers {
        let added = add_key(&app, &admin, &id, &signer.pem).await;
        assert_eq!(
            (&added["value"], &added["secret"]["kind"]),
            (&Value::Null, &json!("PUBLIC_KEY"))
        );
        let der = signer
            .pem
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect::<String>();
        let hash = hex_digest(&BASE64_STANDARD.decode(der).unwrap());
        assert_eq!(added["secret"]["hint"], hash[60..]);
    }
    let rsa = signers.pop().unwrap();
    signers.push(Signer {
        key: rsa.key.clone(),
        algorithm: Algorithm::PS256,
        pem: String::new(),
    });
    signers.push(rsa);
    for (n, signer) in signers.iter().enumerate() {
        let assertion = signer.sign(&claims(&app, &id, &format!("{n}")));
        let (answered, answer) = assert_with(&app, &assertion, &[("client_id", &id)]).await;
        assert_eq!(answered, StatusCode::OK, "{:?}: {answer}", signer.algorithm);
        assert_eq!(answer["expires_in"], 3600);
        let token = answer["access_token"].as_str().unwrap();
        assert_eq!(status(&app, token).await, StatusCode::OK);
        let (answered, answer) = assert_with(&app, &assertion, &[]).await;
        assert_eq!(
            (answered, &answer["error"]),
            (StatusCode::UNAUTHORIZED, &json!("invalid_client")),
            "a second time"
        );
    }
    assert_eq!(used_assertion::Entity::find().count(app.raw()).await.unwrap(), 4);
    // The token endpoint as the audience, in a list.
    let mut other = claims(&app, &id, "list");
    other["aud"] = json!([format!("{SERVER}{PATH}")]);
    assert_eq!(
        assert_with(&app, &signers[0].sign(&other), &[]).await.0,
        StatusCode::OK
    );
    app.sound().await;
}

#[tokio::test]
async fn wrong_assertions_are_refused() {
    let app = TestApp::at(Clock::manual(Clock::system().now(), 1)).await;
    let admin = app.administrator().await;
    let (id, _) = create(&app, &admin, json!({ "name": "x", "scopes": ["READ_EVENTS"] })).await;
    let (foreign, _) = create(&app, &admin, json!({ "name": "y", "scopes": ["READ_EVENTS"] })).await;
    let (signer, stranger) = (Signer::ec(), Signer::ec());
    add_key(&app, &admin, &id, &signer.pem).await;
    let now = app.db().clock().now().timestamp();
    let refused = async |assertion: &str, more: &[(&str, &str)], why: &str| {
        let (status, answer) = assert_with(&app, assertion, more).await;
        assert_eq!(
            (status.as_u16(), &answer["error"]),
            (401, &json!("invalid_client")),
            "{why}"
        );
    };
    for (claim, value) in [
        ("iss", json!(foreign)),
        ("sub", json!(foreign)),
        ("sub", json!("x")),
        ("aud", json!("https://other.example")),
        ("aud", json!([SERVER, "https://other.example"])),
        ("aud", json!([])),
        ("aud", json!(format!("{SERVER}/"))),
        ("exp", json!(now - 10)),
        ("exp", json!(now + 311)),
        ("exp", json!(1e300)),
        ("exp", json!("soon")),
        ("nbf", json!(now + 11)),
        ("nbf", json!("later")),
        ("iat", json!(now + 11)),
        ("jti", json!("")),
        ("jti", json!("x".repeat(256))),
    ] {
        let mut wrong = claims(&app, &id, "wrong");
        wrong[claim] = value.clone();
        refused(&signer.sign(&wrong), &[], &format!("{claim} = {value}")).await;
    }
    for missing in ["iss", "sub", "aud", "exp", "jti"] {
        let mut wrong = claims(&app, &id, "wrong");
        wrong.as_object_mut().unwrap().remove(missing);
        refused(&signer.sign(&wrong), &[], &format!("without {missing}")).await;
    }
    let right = claims(&app, &id, "right");
    refused(&stranger.sign(&right), &[], "another key").await;
    refused(&Signer::rsa().sign(&right), &[], "another type of key").await;
    refused(
        &signer.sign(&right),
        &[("client_id", &foreign)],
        "another client beside it",
    )
    .await;
    let hmac = EncodingKey::from_secret(signer.pem.as_bytes());
    let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &right, &hmac).unwrap();
    refused(&forged, &[], "the public key as a shared secret").await;
    let unsigned = signer.sign(&right);
    let parts: Vec<&str> = unsigned.split('.').collect();
    let none = BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
    refused(&format!("{none}.{}.", parts[1]), &[], "unsigned").await;
    refused(
        &format!("{}.{}.AAAA", parts[0], parts[1]),
        &[],
        "a wrong signature",
    )
    .await;
    refused(&"x".repeat(9_000), &[], "too long").await;
    // The clocks of client and server may differ a little.
    let mut early = right.clone();
    early["iat"] = json!(now + 9);
    early["nbf"] = json!(now + 9);
    early["exp"] = json!(now + 309);
    assert_eq!(
        assert_with(&app, &signer.sign(&early), &[]).await.0,
        StatusCode::OK
    );
    app.db().clock().advance(TimeDelta::minutes(6));
    refused(&signer.sign(&right), &[], "expired").await;
}

#[tokio::test]
async fn public_keys_are_checked() {
    let app = TestApp::new().await;
    let admin = app.administrator().await;
    let (id, _) = create(&app, &admin, json!({ "name": "x", "scopes": ["READ_EVENTS"] })).await;
    let refused = async |input: Value| app.refusal(&admin, "addIntegrationSecret", input).await;
    let given = |pem: &str| json!({ "integrationId": id, "kind": "PUBLIC_KEY", "publicKey": pem });
    for key in REFUSED_KEYS {
        let text = format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----");
        assert_eq!(refused(given(&text)).await, ["INVALID publicKey"]);
    }
    for text in [
        "",
        "ssh-ed25519 AAAA",
        "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----",
    ] {
        assert_eq!(refused(given(text)).await, ["INVALID publicKey"], "{text}");
    }
    let key = Signer::ed().pem;
    for kind in ["TOKEN", "CLIENT_SECRET"] {
        let input = json!({ "integrationId": id, "kind": kind, "publicKey": key });
        assert_eq!(refused(input).await, ["INVALID publicKey"]);
    }
    let input = json!({ "integrationId": id, "kind": "PUBLIC_KEY" });
    assert_eq!(refused(input).await, ["INVALID publicKey"]);
    // A key is added once, even after it was revoked.
    let added = add_key(&app, &admin, &id, &key).await;
    assert_eq!(refused(given(&key)).await, ["INVALID publicKey"]);
    let input = json!({ "secretId": added["secret"]["id"] });
    app.run(&admin, "revokeIntegrationSecret", input, "").await;
    assert_eq!(refused(given(&key)).await, ["INVALID publicKey"]);
    // All kinds count: one token, two keys and two client secrets.
    for _ in 0..2 {
        add_key(&app, &admin, &id, &Signer::ed().pem).await;
        add(
            &app,
            &admin,
            json!({ "integrationId": id, "kind": "CLIENT_SECRET" }),
        )
        .await;
    }
    assert_eq!(
        refused(given(&Signer::ed().pem)).await,
        ["TOO_MANY integrationId"]
    );
    app.sound().await;
}
