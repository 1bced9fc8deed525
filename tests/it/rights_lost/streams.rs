//! Subscriptions over server-sent events and WebSocket.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use entity::user::Role;
use futures_util::{SinkExt, StreamExt};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use super::{Loss, demote, lose, role};
use crate::support::{Person, TestApp};

const SUBSCRIPTION: &str = "subscription { userStatusChanged { status email } }";
/// Timeout for a change to end a stream: a second, and one more on a busy machine.
const SOON: Duration = Duration::from_secs(2);
/// How long unaffected streams are observed.
const A_WHILE: Duration = Duration::from_millis(700);

async fn events(app: &TestApp, token: &str) -> Body {
    let request = Request::post("/graphql")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    let body = Body::from(json!({ "query": SUBSCRIPTION }).to_string());
    let mut body = app.open(request.body(body).unwrap()).await.into_body();
    // It listens after its first request; recent events may arrive.
    let _earlier = timeout(A_WHILE, body.frame()).await;
    body
}

/// Reads the stream to its end.
async fn rest(mut body: Body) -> String {
    let mut text = String::new();
    while let Some(frame) = body.frame().await {
        text += std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap();
    }
    text
}

/// Triggers a status change, which all subscribers receive.
async fn change_a_status(app: &TestApp, boss: &Person, name: &str) {
    let input = json!({ "email": format!("{name}@example.com") });
    app.run(boss, "inviteUser", input, "user { id }").await;
}

#[tokio::test]
async fn events_end_with_the_session_or_the_role() {
    let app = TestApp::new().await;
    let background = handover::server::start(&app.app);
    let boss = app.administrator().await;
    for (loss, code) in [
        (Loss::Dismissed, "UNAUTHENTICATED"),
        (Loss::SignedOut, "UNAUTHENTICATED"),
        (Loss::Demoted, "FORBIDDEN"),
    ] {
        let who = app.person(&format!("{loss:?}"), Role::Administrator).await;
        let body = events(&app, &who.token).await;
        lose(&app, loss, &boss, &who, &boss, "").await;
        let text = timeout(SOON, rest(body)).await.unwrap();
        assert!(
            text.contains(code) && text.contains("event: complete"),
            "{loss:?}: {text}"
        );
        change_a_status(&app, &boss, &format!("after.{loss:?}")).await;
    }
    app.app.stop.send_replace(true);
    background.await.unwrap();
    app.drain().await;
    app.sound().await;
}

#[tokio::test]
async fn events_of_an_integration_end_with_its_token() {
    let app = TestApp::new().await;
    let background = handover::server::start(&app.app);
    let boss = app.administrator().await;
    let input = json!({ "name": "script", "scopes": ["SEE_DISMISSED_USERS"] });
    let made = app
        .run(&boss, "createIntegration", input, "token integration { id }")
        .await;
    let body = events(&app, made["token"].as_str().unwrap()).await;
    let input = json!({ "integrationId": made["integration"]["id"] });
    app.run(&boss, "revokeIntegration", input, "integration { id }")
        .await;
    let text = timeout(SOON, rest(body)).await.unwrap();
    assert!(text.contains("UNAUTHENTICATED"), "{text}");
    app.app.stop.send_replace(true);
    background.await.unwrap();
}

/// Only a loss of access ends streams, and only those of the people concerned.
#[tokio::test]
async fn events_survive_a_promotion_and_end_when_dismissed_people_are_hidden() {
    let app = TestApp::new().await;
    let background = handover::server::start(&app.app);
    let boss = app.administrator().await;
    let (ann, bob) = (app.employee("ann").await, app.employee("bob").await);
    let (mut of_ann, of_bob) = (events(&app, &ann.token).await, events(&app, &bob.token).await);
    let mut of_boss = events(&app, &boss.token).await;
    role(&app, &boss, &ann, "ADMINISTRATOR").await;
    assert!(
        timeout(A_WHILE, of_ann.frame()).await.is_err(),
        "a promotion closes nothing"
    );
    let input = json!({ "showDismissedEmployees": false });
    app.run(
        &boss,
        "updateSettings",
        input,
        "settings { showDismissedEmployees }",
    )
    .await;
    let text = timeout(SOON, rest(of_bob)).await.unwrap();
    assert!(text.contains("FORBIDDEN"), "{text}");
    assert!(
        timeout(A_WHILE, of_ann.frame()).await.is_err(),
        "administrators always see dismissed people"
    );
    // Streams started before the promotion do not need the role.
    demote(&app, &boss, &ann).await;
    let text = timeout(SOON, rest(of_ann)).await.unwrap();
    assert!(text.contains("FORBIDDEN"), "{text}");
    change_a_status(&app, &boss, "new").await;
    let frame = timeout(SOON, of_boss.frame()).await.unwrap().unwrap().unwrap();
    assert!(frame.into_data().unwrap().starts_with(b"event: next"));
    app.app.stop.send_replace(true);
    background.await.unwrap();
}

type Socket = tokio_tungstenite::WebSocketStream<tokio::net::TcpStream>;

async fn next(socket: &mut Socket) -> Option<Message> {
    loop {
        match timeout(SOON, socket.next()).await.ok()?.unwrap().unwrap() {
            Message::Ping(_) => {}
            message => return Some(message),
        }
    }
}

async fn say(socket: &mut Socket, message: Value) {
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// A connection with one subscription.
async fn connect(port: u16, token: &str) -> Socket {
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut request = format!("ws://127.0.0.1:{port}/graphql")
        .into_client_request()
        .unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await.unwrap();
    let payload = json!({ "Authorization": format!("Bearer {token}") });
    say(
        &mut socket,
        json!({ "type": "connection_init", "payload": payload }),
    )
    .await;
    assert!(
        next(&mut socket)
            .await
            .unwrap()
            .to_text()
            .unwrap()
            .contains("connection_ack")
    );
    subscribe(&mut socket, "1").await;
    socket
}

async fn subscribe(socket: &mut Socket, id: &str) {
    let payload = json!({ "query": SUBSCRIPTION });
    say(
        socket,
        json!({ "id": id, "type": "subscribe", "payload": payload }),
    )
    .await;
}

/// The close code, if the connection is closed soon. Results may arrive before.
async fn closed(socket: &mut Socket) -> Option<u16> {
    loop {
        match next(socket).await? {
            Message::Close(Some(CloseFrame { code, .. })) => return Some(code.into()),
            Message::Text(text) => assert!(text.contains(r#""type":"next""#), "{text}"),
            other => panic!("{other:?}"),
        }
    }
}

/// Clients reconnect after 4403 (demotion) but not after 4401 (lock-out).
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a server has to run beside its clients")]
async fn a_connection_ends_with_the_session_or_the_role() {
    let app = TestApp::new().await;
    let background = handover::server::start(&app.app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let router = handover::http::router(Arc::clone(&app.app));
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let boss = app.administrator().await;
    for (loss, code) in [
        (Loss::Dismissed, 4401),
        (Loss::SignedOut, 4401),
        (Loss::Demoted, 4403),
    ] {
        let who = app.person(&format!("{loss:?}"), Role::Administrator).await;
        let mut socket = connect(port, &who.token).await;
        lose(&app, loss, &boss, &who, &boss, "").await;
        assert_eq!(closed(&mut socket).await, Some(code), "{loss:?}");
    }

    // On a connection opened before a promotion, the operation started after it counts.
    let ann = app.employee("ann").await;
    let mut socket = connect(port, &ann.token).await;
    role(&app, &boss, &ann, "ADMINISTRATOR").await;
    subscribe(&mut socket, "2").await;
    assert_eq!(closed(&mut socket).await, None, "a promotion closes nothing");
    demote(&app, &boss, &ann).await;
    assert_eq!(closed(&mut socket).await, Some(4403));

    app.app.stop.send_replace(true);
    background.await.unwrap();
    server.abort();
}
