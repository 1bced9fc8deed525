//! The server on a real socket: clients that are silent, don't read, come by the thousand, or are connected at
//! shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use handover::http;
use handover::http::listener::{Bounds, Times, serve};
use handover::runtime::metrics::labels::Listener;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::drive::{drive_of, upload};
use crate::support::TestApp;
use crate::support::web_socket::{Received, WebSocket};

/// Short timeouts for tests.
const TIMES: Times = Times {
    head: Duration::from_millis(400),
    idle: Duration::from_millis(1_200),
    write: Duration::from_millis(600),
    shutdown: Duration::from_millis(1_500),
};
/// Slack for a busy machine.
const SLACK: Duration = Duration::from_secs(4);
const LIVEZ: &str = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

pub struct Server {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

impl Server {
    async fn start(router: Router, connections: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let bounds = Bounds {
            connections,
            per_address: None,
            times: TIMES,
            listener: Listener::Public,
        };
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::task::spawn_local(serve(listener, router, bounds, async move {
            stopped.await.ok();
        }));
        Self { address, stop, ended }
    }

    pub async fn of(app: &TestApp, connections: u32) -> Self {
        Self::start(http::router(Arc::clone(&app.app)), connections).await
    }

    pub async fn connect(&self, text: &str) -> TcpStream {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        socket.write_all(text.as_bytes()).await.unwrap();
        socket
    }

    /// Sends a request and returns the first chunk of the response.
    async fn ask(&self, text: &str) -> String {
        answer(&mut self.connect(text).await).await
    }

    /// Shuts it down and returns the time that took.
    async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.send(()).unwrap();
        self.ended.await.unwrap();
        began.elapsed()
    }
}

pub async fn answer(socket: &mut TcpStream) -> String {
    let mut bytes = vec![0; 1 << 16];
    let count = tokio::time::timeout(SLACK, socket.read(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

/// The time until the server closes a connection.
async fn closed(socket: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut bytes = vec![0; 1 << 16];
    let end = async { while socket.read(&mut bytes).await.is_ok_and(|count| count > 0) {} };
    tokio::time::timeout(TIMES.idle + TIMES.head + SLACK, end)
        .await
        .unwrap_or_else(|_| panic!("still open after {:?}", began.elapsed()));
    began.elapsed()
}

/// Runs a test with tasks on the current thread.
pub async fn locally<T>(test: impl Future<Output = T>) -> T {
    tokio::task::LocalSet::new().run_until(test).await
}

fn big() -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/big", get(|| async { vec![0_u8; 64 << 20] }))
        .route("/never", get(std::future::pending::<()>))
}

#[tokio::test]
async fn silent_clients_are_disconnected() {
    locally(async {
        let server = Server::start(big(), 100).await;
        for (begun, least) in [
            ("", TIMES.head),
            ("GET /livez HT", TIMES.head),
            ("GET /livez HTTP/1.1\r\nHost: x\r\n", TIMES.head),
        ] {
            let mut socket = server.connect(begun).await;
            let took = closed(&mut socket).await;
            assert!(
                took >= least / 2 && took < least * 2 + SLACK,
                "{begun:?}: {took:?}"
            );
        }
        // The idle timeout between requests is longer and does not count against the next request.
        let mut socket = server.connect(LIVEZ).await;
        for _ in 0..3 {
            assert!(answer(&mut socket).await.starts_with("HTTP/1.1 200"));
            tokio::time::sleep(TIMES.head).await;
            socket.write_all(LIVEZ.as_bytes()).await.unwrap();
        }
        assert!(closed(&mut socket).await >= TIMES.idle / 2);
        // Occasional bytes do not extend the timeout of the head.
        let mut socket = server.connect("GET /livez HTTP/1.1\r\n").await;
        let began = Instant::now();
        while socket.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            assert!(began.elapsed() < TIMES.head * 2 + SLACK);
        }
    })
    .await;
}

#[tokio::test]
async fn incomplete_request_heads_do_not_exhaust_connections() {
    locally(async {
        let server = Server::start(big(), 100).await;
        let mut held = Vec::new();
        for n in 0..2_000 {
            held.push(server.connect("GET /livez HTTP/1.1\r\nX: ").await);
            if n % 200 == 0 {
                assert!(server.ask(LIVEZ).await.starts_with("HTTP/1.1 200"), "{n}");
            }
        }
        assert!(server.ask(LIVEZ).await.starts_with("HTTP/1.1 200"));
        // Requests in flight keep their connections.
        let mut busy = Vec::new();
        for _ in 0..100 {
            busy.push(server.connect("GET /never HTTP/1.1\r\nHost: x\r\n\r\n").await);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        let mut refused = server.connect(LIVEZ).await;
        assert!(refused.read(&mut [0; 100]).await.map_or(true, |count| count == 0));
        drop(busy.pop());
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(server.ask(LIVEZ).await.starts_with("HTTP/1.1 200"));
    })
    .await;
}

#[tokio::test]
async fn clients_that_do_not_read_are_disconnected() {
    locally(async {
        let server = Server::start(big(), 1).await;
        let mut slow = server.connect("GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await;
        tokio::time::sleep(TIMES.write + Duration::from_secs(1)).await;
        // Its slot is free again, although it is still connected.
        assert!(server.ask(LIVEZ).await.starts_with("HTTP/1.1 200"));
        let mut bytes = vec![0; 1 << 20];
        let mut got = 0;
        while let Ok(count @ 1..) = slow.read(&mut bytes).await {
            got += count;
        }
        assert!(got < 64 << 20, "{got}");
        // Clients that read get everything.
        let mut good = server
            .connect("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .await;
        let mut all = Vec::new();
        good.read_to_end(&mut all).await.unwrap();
        assert!(all.len() > 64 << 20);
    })
    .await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_idle_clients() {
    locally(async {
        let nothing = TIMES.shutdown / 2;
        for (held, most) in [
            ("", nothing),
            ("GET /livez HTTP/1.1\r\nHost:", nothing),
            (LIVEZ, nothing),
            (
                "GET /big HTTP/1.1\r\nHost: x\r\n\r\n",
                TIMES.write.max(TIMES.shutdown) + Duration::from_secs(1),
            ),
            (
                "GET /never HTTP/1.1\r\nHost: x\r\n\r\n",
                TIMES.shutdown + Duration::from_secs(1),
            ),
        ] {
            let server = Server::start(big(), 100).await;
            let _socket = server.connect(held).await;
            tokio::time::sleep(Duration::from_millis(150)).await;
            let took = server.stop().await;
            assert!(took < most, "{held:?}: {took:?}");
        }
        // Requests in flight are answered completely.
        let server = Server::start(big(), 100).await;
        let mut socket = server.connect("GET /big HTTP/1.1\r\nHost: x\r\n\r\n").await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut all = Vec::new();
        let (took, read) = tokio::join!(server.stop(), socket.read_to_end(&mut all));
        assert!(read.is_ok() && all.len() > 64 << 20, "{took:?}");
    })
    .await;
}

#[tokio::test]
async fn a_request_must_have_exactly_one_host() {
    locally(async {
        let server = Server::start(big(), 100).await;
        for (head, good) in [
            ("GET /livez HTTP/1.1\r\nHost: x\r\n", true),
            ("GET /livez HTTP/1.1\r\nHost: [::1]:8000\r\n", true),
            ("GET /livez HTTP/1.1\r\nHost:\r\n", true),
            ("GET /livez HTTP/1.0\r\n", true),
            ("GET /livez HTTP/1.1\r\n", false),
            ("GET /livez HTTP/1.1\r\nHost: x\r\nHost: x\r\n", false),
            ("GET /livez HTTP/1.0\r\nHost: x\r\nHost: y\r\n", false),
            ("GET /livez HTTP/1.1\r\nHost: x y\r\n", false),
            ("GET /livez HTTP/1.1\r\nHost: me@x\r\n", false),
            ("GET /livez HTTP/1.1\r\nHost: x/y\r\n", false),
        ] {
            let answer = server.ask(&format!("{head}\r\n")).await;
            let expected = if good { " 200 " } else { " 400 " };
            assert!(
                answer.lines().next().unwrap().contains(expected),
                "{head:?}: {answer}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn web_sockets_outlive_request_timeouts() {
    let app = TestApp::new().await;
    let ann = app.employee("ann").await;
    let file = upload(&app, &ann, &drive_of(&ann), "note.txt", &[b'n'; 3_000]).await;
    locally(async {
        let server = Server::of(&app, 100).await;
        let request = format!(
            "GET /drive/{file} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
            ann.token
        );
        let answer = server.ask(&request).await;
        assert!(answer.ends_with(&"n".repeat(3_000)), "{answer}");

        let (mut socket, answer) = WebSocket::initialised(server.address, &ann.token).await;
        assert_eq!(answer, Received::Message(json!({ "type": "connection_ack" })));
        // Request timeouts do not apply to it.
        let silent = tokio::time::timeout(TIMES.idle + TIMES.head * 2, socket.receive()).await;
        assert!(silent.is_err(), "{silent:?}");
        app.app.stop.send_replace(true);
        assert!(server.stop().await < TIMES.shutdown, "closed at shutdown");
    })
    .await;
}

#[tokio::test]
async fn operational_endpoints_are_not_cached() {
    let app = TestApp::new().await;
    for (path, expected) in [
        ("/livez", "no-store"),
        ("/readyz", "no-store"),
        ("/.well-known/jwks.json", "public, max-age=30"),
    ] {
        let request = axum::http::Request::get(path)
            .body(axum::body::Body::empty())
            .unwrap();
        let (_, headers, _) = app.bytes(request).await;
        assert_eq!(headers[axum::http::header::CACHE_CONTROL], expected, "{path}");
    }
}
