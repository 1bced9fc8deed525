//! Responses while PostgreSQL is unavailable: immediate, with a retry time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::support::{Backend, TestApp};

/// A TCP proxy to a server that can be switched off.
struct Way {
    address: SocketAddr,
    open: watch::Sender<bool>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, watched) = watch::channel(true);
        #[expect(clippy::disallowed_methods, reason = "the way stays beside the test")]
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let (server, mut watched) = (server.clone(), watched.clone());
                tokio::spawn(async move {
                    if !*watched.borrow() {
                        return;
                    }
                    let mut there = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut client, &mut there) => {}
                        _ = watched.wait_for(|open| !open) => {}
                    }
                });
            }
        });
        Self { address, open }
    }
}

#[tokio::test]
async fn requests_are_answered_within_two_seconds_while_postgres_is_away() {
    let Backend::Postgres(_) = Backend::here() else {
        return;
    };
    let there = TestApp::new().await;
    let admin = there.administrator().await;
    let (before, path) = there.url.rsplit_once('/').unwrap();
    let (user, server) = before.rsplit_once('@').unwrap();
    let way = Way::to(server.to_owned()).await;
    let url = format!("{user}@{}/{path}", way.address);
    let app = there
        .replica_with(move |options| options.database_url = url)
        .await;
    let app = Arc::new(app);
    let ask = |request: Request<Body>| {
        let app = Arc::clone(&app);
        async move {
            let began = Instant::now();
            let (status, headers, body) = app.bytes(request).await;
            let told = String::from_utf8(body).unwrap();
            (
                status,
                headers.get(header::RETRY_AFTER).cloned(),
                began.elapsed(),
                told,
            )
        }
    };
    let read = || TestApp::request(Some(&admin.token), "{ viewer { user { name } } }", json!({}));
    let write = || {
        let create = "mutation { createCalendar(input: {name: \"x\"}) { userErrors { code } } }";
        TestApp::request(Some(&admin.token), create, json!({}))
    };
    let sign_in = || {
        let sign_in = "mutation { signIn(input: {email: \"admin@example.com\", password: \"wrong wrong wrong\"}) { userErrors { code } } }";
        TestApp::request(None, sign_in, json!({}))
    };
    let file = || {
        Request::get("/drive/file_00000000000000000000000000.zip")
            .header(header::AUTHORIZATION, format!("Bearer {}", admin.token))
            .body(Body::empty())
            .unwrap()
    };
    assert_eq!(ask(read()).await.0, StatusCode::OK);
    way.open.send_replace(false);
    let asked = futures_util::future::join_all((0..40).map(|n| match n % 4 {
        0 => ask(read()),
        1 => ask(write()),
        2 => ask(sign_in()),
        _ => ask(file()),
    }));
    for (n, (status, after, took, told)) in asked.await.into_iter().enumerate() {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{n}: {took:?} {told}");
        assert!(after.is_some(), "{n}: {took:?} {told}");
        assert!(took < Duration::from_secs(2), "{n}: {took:?}");
    }
    way.open.send_replace(true);
    let back = Instant::now();
    while ask(read()).await.0 != StatusCode::OK {
        assert!(back.elapsed() < Duration::from_secs(5));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(ask(write()).await.0, StatusCode::OK);
}
