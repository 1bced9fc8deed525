//! Abusive WebSocket clients: memory per connection and connections per client are limited.

use serde_json::{Value, json};

use crate::server::{Server, locally};
use crate::support::TestApp;
use crate::support::web_socket::{Received, WebSocket};

const STATUSES: &str = "subscription { userStatusChanged { email } }";

fn acknowledged() -> Received {
    Received::Message(json!({ "type": "connection_ack" }))
}

fn pong() -> Received {
    Received::Message(json!({ "type": "pong" }))
}

#[tokio::test]
async fn unauthenticated_web_sockets_are_limited() {
    let app = TestApp::new().await;
    locally(async {
        let server = Server::of(&app, 1_000).await;
        let ping = |size: usize| json!({ "type": "ping", "payload": { "x": "x".repeat(size) } });
        let mut socket = WebSocket::open(server.address).await.unwrap();
        socket.send(&ping(100)).await;
        let echo = json!({ "type": "pong", "payload": { "x": "x".repeat(100) } });
        assert_eq!(socket.receive().await, Received::Message(echo));
        socket.send(&ping(500_000)).await;
        assert_eq!(socket.receive().await, Received::Closed(4400));

        let mut socket = WebSocket::open(server.address).await.unwrap();
        for _ in 0..8 {
            socket.send(&json!({ "type": "ping" })).await;
            assert_eq!(socket.receive().await, pong());
        }
        socket.send(&json!({ "type": "ping" })).await;
        assert_eq!(socket.receive().await, Received::Closed(4400));

        // Limited by address; these tests have none, so all share one limit.
        let mut strangers = Vec::new();
        let refused = loop {
            match WebSocket::open(server.address).await {
                Ok(socket) => strangers.push(socket),
                Err(status) => break status,
            }
            assert!(strangers.len() < 200);
        };
        assert!(refused.contains(" 429 "), "{refused}");
        strangers.clear();
    })
    .await;
}

#[tokio::test]
async fn connections_and_operations_per_person_are_limited() {
    let app = TestApp::new().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    locally(async {
        let server = Server::of(&app, 1_000).await;
        let mut sockets = Vec::new();
        let refused = loop {
            let (socket, answer) = WebSocket::initialised(server.address, &ann.token).await;
            match answer {
                Received::Message(_) => sockets.push(socket),
                Received::Closed(code) => break code,
            }
            assert!(sockets.len() < 100);
        };
        assert_eq!((refused, sockets.len()), (1013, 32));
        let (mut other, answer) = WebSocket::initialised(server.address, &bob.token).await;
        assert_eq!(answer, acknowledged(), "another person is not affected");

        let long = "x".repeat(256);
        other.subscribe(&long, STATUSES).await;
        assert_eq!(other.receive().await, Received::Closed(4400));

        // Across all connections.
        for socket in &mut sockets[..4] {
            for n in 0..50 {
                socket.subscribe(&n.to_string(), STATUSES).await;
            }
        }
        // Messages are processed in order: after this answer, all have been.
        for socket in &mut sockets[..4] {
            socket.send(&json!({ "type": "ping" })).await;
            assert_eq!(socket.receive().await, pong());
        }
        sockets[4].subscribe("one too many", STATUSES).await;
        let refused = match sockets[4].receive().await {
            Received::Message(message) => message,
            closed => panic!("{closed:?}"),
        };
        let code: &Value = &refused["payload"][0]["extensions"]["code"];
        assert_eq!(code, "TOO_MANY", "{refused}");
        // Completed operations free their slot.
        drop(sockets.remove(0));
        let mut socket = loop {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            let (socket, answer) = WebSocket::initialised(server.address, &ann.token).await;
            if answer == acknowledged() {
                break socket;
            }
        };
        socket.subscribe("1", STATUSES).await;
        socket.send(&json!({ "type": "ping" })).await;
        assert_eq!(socket.receive().await, pong());
    })
    .await;
}
