//! Somebody who receives webhooks: records what arrives, and answers as the test says.

#![expect(clippy::disallowed_methods, reason = "the receiver runs beside the test")]

use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

#[derive(Clone)]
pub struct Arrived {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Arrived {
    pub fn header(&self, name: &str) -> String {
        self.headers[name].to_str().unwrap().to_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether one of its signatures is by this secret.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let mut content = format!(
            "{}.{}.",
            self.header("webhook-id"),
            self.header("webhook-timestamp")
        );
        content.push_str(std::str::from_utf8(&self.body).unwrap());
        let signed = self.header("webhook-signature");
        signed.split(' ').any(|one| {
            let signature = BASE64_STANDARD.decode(one.strip_prefix("v1,").unwrap()).unwrap();
            hmac::verify(&key, content.as_bytes(), &signature).is_ok()
        })
    }
}

/// The answer to the request with this number, counted from zero.
type Answers = Box<dyn Fn(usize, &Arrived) -> Response + Send>;

struct Shared {
    arrived: Vec<Arrived>,
    answers: Answers,
}

#[derive(Clone)]
pub struct Receiver {
    pub url: String,
    shared: Arc<Mutex<Shared>>,
}

impl Receiver {
    pub async fn new() -> Self {
        let shared = Arc::new(Mutex::new(Shared {
            arrived: Vec::new(),
            answers: Box::new(|_, _| StatusCode::NO_CONTENT.into_response()),
        }));
        let router = Router::new().fallback(receive).with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/hook?key=of-the-receiver",
            listener.local_addr().unwrap()
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    pub fn answers(&self, answer: impl Fn(usize, &Arrived) -> Response + Send + 'static) {
        self.shared.lock().unwrap().answers = Box::new(answer);
    }

    pub fn answers_with(&self, status: u16) {
        self.answers(move |_, _| StatusCode::from_u16(status).unwrap().into_response());
    }

    /// What has arrived since it was last asked.
    pub fn take(&self) -> Vec<Arrived> {
        std::mem::take(&mut self.shared.lock().unwrap().arrived)
    }
}

async fn receive(State(shared): State<Arc<Mutex<Shared>>>, headers: HeaderMap, body: Bytes) -> Response {
    let arrived = Arrived {
        headers,
        body: body.to_vec(),
    };
    let mut shared = shared.lock().unwrap();
    let answer = (shared.answers)(shared.arrived.len(), &arrived);
    shared.arrived.push(arrived);
    answer
}
