//! An identity provider on loopback, with keys and answers that the test decides on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::support::{Person, TestApp};

pub const CLIENT: &str = "handover";
pub const SECRET: &str = "s~cret & more";
pub const REDIRECT: &str = "https://app.example/signed-in";

/// A signing key, with its public part as a JWK.
#[derive(Clone)]
pub struct Key {
    pub algorithm: Algorithm,
    pub name: &'static str,
    encoding: EncodingKey,
    pub jwk: Value,
}

impl Key {
    pub fn ec(id: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref().to_vec();
        let encoding = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
        let (x, y) = (coded(&point[1..33]), coded(&point[33..]));
        let jwk = json!({ "kty": "EC", "crv": "P-256", "kid": id, "use": "sig", "x": x, "y": y });
        Self {
            algorithm: Algorithm::ES256,
            name: "ES256",
            encoding,
            jwk,
        }
    }

    pub fn ed(id: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let encoding = EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref());
        let x = coded(pair.public_key().as_ref());
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": id, "x": x });
        Self {
            algorithm: Algorithm::EdDSA,
            name: "EdDSA",
            encoding,
            jwk,
        }
    }

    pub fn rsa(id: &str) -> Self {
        use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let private: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        // PKCS #1 is what follows the head of PKCS #8.
        let encoding = EncodingKey::from_rsa_der(&private.as_ref()[26..]);
        let public = pair.public_key();
        let n = coded(public.modulus().big_endian_without_leading_zero());
        let e = coded(public.exponent().big_endian_without_leading_zero());
        let jwk = json!({ "kty": "RSA", "kid": id, "use": "sig", "n": n, "e": e });
        Self {
            algorithm: Algorithm::RS256,
            name: "RS256",
            encoding,
            jwk,
        }
    }

    /// The key for the other signatures of RSA.
    pub fn pss(self) -> Self {
        Self {
            algorithm: Algorithm::PS256,
            name: "PS256",
            ..self
        }
    }

    pub fn header(&self) -> Value {
        json!({ "alg": self.name, "kid": self.jwk["kid"] })
    }

    /// Signs claims given as text, with any header.
    pub fn sign_text(&self, header: &Value, claims: &str) -> String {
        let message = format!(
            "{}.{}",
            coded(header.to_string().as_bytes()),
            coded(claims.as_bytes())
        );
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &self.encoding, self.algorithm).unwrap();
        format!("{message}.{signature}")
    }

    pub fn sign(&self, claims: &Value) -> String {
        self.sign_text(&self.header(), &claims.to_string())
    }

    pub fn sign_as(&self, kind: &str, claims: &Value) -> String {
        let mut header = self.header();
        header["typ"] = kind.into();
        self.sign_text(&header, &claims.to_string())
    }
}

pub fn coded(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// What the provider answers, and what it was asked.
#[derive(Default)]
pub struct Answers {
    /// Members of the discovery document that are different.
    pub document: Value,
    pub keys: Vec<Value>,
    /// The `Cache-Control` of both.
    pub cache: Option<&'static str>,
    /// By code: status and body.
    pub tokens: HashMap<String, (u16, Value)>,
    /// The answer of the UserInfo endpoint.
    pub user_info: Value,
    /// How long the token endpoint takes.
    pub delay: Duration,
    pub documents_read: usize,
    pub keys_read: usize,
    /// The last request at the token endpoint: `Authorization`, and the body.
    pub asked: Option<(Option<String>, String)>,
}

pub struct Provider {
    pub issuer: String,
    pub key: Key,
    answers: Arc<Mutex<Answers>>,
    _stop: oneshot::Sender<()>,
}

#[derive(Clone)]
struct Served {
    issuer: String,
    answers: Arc<Mutex<Answers>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let issuer = format!("http://{}/tenant", listener.local_addr().unwrap());
        let key = Key::ec("first");
        let answers = Arc::new(Mutex::new(Answers {
            keys: vec![json!({ "kty": "unknown" }), key.jwk.clone()],
            ..Answers::default()
        }));
        let served = Served {
            issuer: issuer.clone(),
            answers: Arc::clone(&answers),
        };
        let router = Router::new()
            .route("/tenant/.well-known/openid-configuration", get(document))
            .route("/tenant/keys", get(keys))
            .route("/tenant/token", post(token))
            .route("/tenant/me", post(user_info))
            .with_state(served);
        let (stop, stopped) = oneshot::channel::<()>();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let served = axum::serve(listener, router);
                tokio::select! {
                    ended = served => ended.unwrap(),
                    _ = stopped => {}
                }
            });
        });
        Self {
            issuer,
            key,
            answers,
            _stop: stop,
        }
    }

    pub fn answers(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap()
    }

    /// Registers the provider at the application, with more fields of the input; returns its id.
    pub async fn register(&self, app: &TestApp, by: &Person, more: Value) -> String {
        let mut input = json!({
            "name": "Company", "issuer": self.issuer, "clientId": CLIENT, "clientSecret": SECRET,
            "redirectUris": [REDIRECT, "http://127.0.0.1:5000/"],
        });
        for (name, value) in more.as_object().unwrap() {
            input[name] = value.clone();
        }
        let made = app
            .run(by, "createIdentityProvider", input, "provider { id }")
            .await;
        made["provider"]["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{made}"))
            .to_owned()
    }

    /// Lets a code be exchanged for an ID token.
    pub fn grant(&self, code: &str, id_token: &str) {
        let body = json!({ "id_token": id_token, "access_token": "opaque", "token_type": "Bearer" });
        self.answers().tokens.insert(code.to_owned(), (200, body));
    }
}

fn kept(answers: &Answers, body: Value) -> axum::response::Response {
    let cache = answers.cache.unwrap_or("no-store");
    ([(header::CACHE_CONTROL, cache)], Json(body)).into_response()
}

async fn document(State(served): State<Served>) -> axum::response::Response {
    let mut answers = served.answers.lock().unwrap();
    answers.documents_read += 1;
    let issuer = &served.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
        "end_session_endpoint": format!("{issuer}/logout"),
        "id_token_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
    });
    for (name, value) in answers.document.as_object().into_iter().flatten() {
        document[name] = value.clone();
    }
    kept(&answers, document)
}

async fn keys(State(served): State<Served>) -> axum::response::Response {
    let mut answers = served.answers.lock().unwrap();
    answers.keys_read += 1;
    let body = json!({ "keys": answers.keys });
    kept(&answers, body)
}

async fn user_info(State(served): State<Served>, headers: HeaderMap) -> axum::response::Response {
    assert_eq!(headers[header::AUTHORIZATION], "Bearer opaque");
    Json(served.answers.lock().unwrap().user_info.clone()).into_response()
}

async fn token(State(served): State<Served>, headers: HeaderMap, body: String) -> axum::response::Response {
    let delay = served.answers.lock().unwrap().delay;
    tokio::time::sleep(delay).await;
    let mut answers = served.answers.lock().unwrap();
    let authorization = headers
        .get(header::AUTHORIZATION)
        .map(|value| value.to_str().unwrap().to_owned());
    let code = url::form_urlencoded::parse(body.as_bytes())
        .find(|(name, _)| name == "code")
        .map(|(_, value)| value.into_owned());
    answers.asked = Some((authorization, body));
    let answer = code.and_then(|code| answers.tokens.remove(&code));
    let (status, body) = answer.unwrap_or((400, json!({ "error": "invalid_grant" })));
    (StatusCode::from_u16(status).unwrap(), Json(body)).into_response()
}
