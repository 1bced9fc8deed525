//! GraphQL over WebSocket, with the `graphql-transport-ws` protocol: any operation, several at a time.
//!
//! <https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md>
//!
//! A connection belongs to one caller: it is closed within a second after they are locked out or lose a permission.
//! Each operation authenticates the caller again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use futures_util::SinkExt;
use futures_util::future::{AbortHandle, BoxFuture, FutureExt};
use futures_util::stream::{self, BoxStream, SelectAll, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::{authenticate, reauthenticate};
use crate::domain::limits::RateLimitKey;
use crate::domain::live;
use crate::domain::live::Termination;
use crate::error::Error;
use crate::graphql::execute::{Caller, execute_stream};
use crate::graphql::execute::{Request, Response as GraphQLResponse, ServerError};
use crate::graphql::kit::fast::json;
use crate::graphql::kit::fast::json::was_refused;
use crate::graphql::kit::user_error::coded;
use crate::http::answers::{count_refused_operation, failure};
use crate::http::app::App;
use crate::runtime::concurrency::Permit;
use crate::runtime::metrics::{labels::Door, rate_limited};

/// Seconds after which a client that was refused for lack of capacity can retry.
const TRY_AGAIN: u32 = 10;
/// The name of the protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";
/// Maximum size of a message, in bytes.
const MESSAGE: usize = 1 << 20;
/// Messages longer than this, in bytes, cost a point before they are parsed.
const LONG_MESSAGE: usize = 8 * 1024;
/// Maximum number of concurrent operations on one connection.
const OPERATIONS: usize = 50;
/// Maximum length of an operation id, in bytes.
const ID: usize = 255;
/// Maximum size of the payload of a ping, in bytes as JSON: it is sent back.
const PING_PAYLOAD: usize = 1_024;
/// Maximum number of messages of a client that is not authenticated yet, and their maximum size in bytes.
const FIRST_MESSAGES: u32 = 8;
const FIRST_MESSAGE: usize = 16 * 1024;
/// Size of the read buffer of each connection, in bytes.
const READ_BUFFER: usize = 8 * 1024;
/// How long a client may take to authenticate.
const INTRODUCTION: Duration = Duration::from_secs(10);
/// How long a client may take to read a message. A client that does not read is disconnected: nothing is buffered for
/// it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Interval of the pings, and how long a connection may then be silent.
const PING: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(45);

/// A message of the client.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Incoming {
    ConnectionInit { payload: Option<Value> },
    Ping { payload: Option<Value> },
    Pong,
    Subscribe { id: String, payload: Box<Request> },
    Complete { id: String },
}

/// A message about an operation.
fn message(kind: &str, id: &str, payload: Option<&[u8]>) -> String {
    let mut out = format!(r#"{{"type":"{kind}","id":"#).into_bytes();
    json::write_any(id, &mut out);
    if let Some(payload) = payload {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
    }
    out.push(b'}');
    json::into_string(out)
}

/// Why a connection is closed: a code and a reason.
struct Close(u16, &'static str);

/// The caller has lost permissions since an operation began. Clients reconnect after 4403, unlike after 4401, and each
/// operation is then authorized again.
const RIGHTS_LOST: Close = Close(4403, "Forbidden");
/// A limit has refused a message.
const TOO_MANY_REQUESTS: Close = Close(4429, "Too many requests");

/// Accepts the upgrade to a WebSocket connection; `actor` is the caller authenticated by the request's header, if any.
pub fn upgrade(app: Arc<App>, upgrade: WebSocketUpgrade, caller: Caller) -> Response {
    // An unauthenticated connection counts for its address.
    let Some(place) = app.lasting.connection(caller.key()) else {
        return failure(&Error::RateLimited(TRY_AGAIN));
    };
    upgrade
        .protocols([PROTOCOL])
        .read_buffer_size(READ_BUFFER)
        .max_message_size(MESSAGE)
        .max_frame_size(MESSAGE)
        .on_upgrade(move |socket| Connection::new(app, socket, caller, place).serve())
}

/// An event of an operation: its id, and a result or its end.
type Event = (String, Option<GraphQLResponse>);

struct Connection {
    app: Arc<App>,
    socket: WebSocket,
    caller: Caller,
    introduced: bool,
    /// Messages received before authentication.
    first_messages: u32,
    /// The permit of the connection, counted for its caller.
    place: Permit<RateLimitKey>,
    running: HashMap<String, (AbortHandle, Permit<RateLimitKey>)>,
    events: SelectAll<BoxStream<'static, Event>>,
    cut: BoxFuture<'static, Termination>,
}

impl Connection {
    fn new(app: Arc<App>, socket: WebSocket, caller: Caller, place: Permit<RateLimitKey>) -> Self {
        let cut = live::wait_until_revoked(Arc::clone(&app.live), caller.actor.as_ref()).boxed();
        Self {
            app,
            socket,
            caller,
            introduced: false,
            first_messages: 0,
            place,
            running: HashMap::new(),
            events: SelectAll::new(),
            cut,
        }
    }

    async fn serve(mut self) {
        if self.socket.protocol().is_none_or(|protocol| protocol != PROTOCOL) {
            return self.close(Close(4406, "Subprotocol not acceptable")).await;
        }
        let began = Instant::now();
        let mut heard = began;
        let mut ping = tokio::time::interval_at(began + PING, PING);
        loop {
            let turn = tokio::select! {
                biased;
                why = &mut self.cut => Err(Some(match why {
                    Termination::LockedOut => Close(4401, "Unauthorized"),
                    Termination::RightsLost => RIGHTS_LOST,
                    Termination::Stopping => Close(1001, "Going away"),
                })),
                message = self.socket.recv() => {
                    heard = Instant::now();
                    match message {
                        Some(Ok(message)) => self.hear(message).await,
                        Some(Err(_)) | None => Err(None),
                    }
                }
                Some((id, result)) = self.events.next() => self.tell(id, result).await,
                () = tokio::time::sleep_until(began + INTRODUCTION), if !self.introduced => {
                    Err(Some(Close(4408, "Connection initialisation timeout")))
                }
                _ = ping.tick() => {
                    if heard.elapsed() > SILENCE {
                        Err(None)
                    } else {
                        self.send(Message::Ping(Default::default())).await
                    }
                }
            };
            match turn {
                Ok(()) => {}
                Err(Some(close)) => return self.close(close).await,
                Err(None) => return,
            }
        }
    }

    async fn close(mut self, Close(code, reason): Close) {
        if code == TOO_MANY_REQUESTS.0 {
            rate_limited(Door::WebSocket);
        }
        let frame = CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        };
        // If the close frame can't be sent, the connection is gone anyway.
        let _gone = timeout(PATIENCE, self.socket.send(Message::Close(Some(frame)))).await;
    }

    async fn send(&mut self, message: Message) -> Result<(), Option<Close>> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(None),
        }
    }

    async fn say(&mut self, message: &Value) -> Result<(), Option<Close>> {
        self.send(Message::Text(message.to_string().into())).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), Option<Close>> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Some(Close(4400, "Send messages as text"))),
            Message::Close(_) => {
                // The library writes the response; it is sent with the next flush.
                let _gone = timeout(PATIENCE, self.socket.flush()).await;
                return Err(None);
            }
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        if !self.introduced {
            self.first_messages += 1;
            if self.first_messages > FIRST_MESSAGES || text.len() > FIRST_MESSAGE {
                return Err(Some(Close(4400, "Too much before the connection is initialised")));
            }
        }
        // A long message costs a point before it is parsed.
        let now = self.app.db.clock().now();
        if text.len() > LONG_MESSAGE && self.app.limits.admit(self.caller.key(), now).is_err() {
            return Err(Some(TOO_MANY_REQUESTS));
        }
        let Ok(message) = serde_json::from_str(&text) else {
            return Err(Some(Close(4400, "Invalid message received")));
        };
        match message {
            Incoming::ConnectionInit { payload } => self.introduce(payload).await,
            Incoming::Ping { payload: Some(_) } if text.len() > PING_PAYLOAD => {
                Err(Some(Close(4400, "The payload of a ping is too large")))
            }
            Incoming::Subscribe { id, .. } | Incoming::Complete { id } if id.len() > ID => {
                Err(Some(Close(4400, "The id of an operation is too long")))
            }
            Incoming::Ping { payload: None } => self.say(&json!({ "type": "pong" })).await,
            Incoming::Ping { payload } => self.say(&json!({ "type": "pong", "payload": payload })).await,
            Incoming::Pong => Ok(()),
            Incoming::Complete { id } => {
                if let Some((operation, _)) = self.running.remove(&id) {
                    operation.abort();
                }
                Ok(())
            }
            Incoming::Subscribe { .. } if !self.introduced => Err(Some(Close(4401, "Unauthorized"))),
            Incoming::Subscribe { id, .. } if self.running.contains_key(&id) => {
                Err(Some(Close(4409, "Subscriber already exists")))
            }
            Incoming::Subscribe { id, .. } if self.running.len() >= OPERATIONS => {
                let error = coded("too many operations on one connection", "TOO_MANY");
                self.say(&json!({ "id": id, "type": "error", "payload": [error] }))
                    .await
            }
            Incoming::Subscribe { id, payload } => self.start(id, *payload).await,
        }
    }

    /// Authenticates the caller: by the header of the request, or else by the payload in the same format.
    async fn introduce(&mut self, payload: Option<Value>) -> Result<(), Option<Close>> {
        if self.introduced {
            return Err(Some(Close(4429, "Too many initialisation requests")));
        }
        let written = ["Authorization", "authorization"].iter().find_map(|name| {
            let value = payload.as_ref()?.get(name)?.as_str()?;
            let (scheme, token) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim().to_owned())
        });
        if let Some(token) = written {
            match authenticate(self.app.auth(), &token, self.caller.network).await {
                Ok(actor) => {
                    self.cut = live::wait_until_revoked(Arc::clone(&self.app.live), Some(&actor)).boxed();
                    self.caller.actor = Some(actor);
                    match self.app.lasting.connection(self.caller.key()) {
                        Some(place) => self.place = place,
                        None => return Err(Some(Close(1013, "Too many connections"))),
                    }
                }
                Err(Error::Unauthenticated) => return Err(Some(Close(4403, "Forbidden"))),
                Err(Error::RateLimited(_)) => return Err(Some(TOO_MANY_REQUESTS)),
                Err(cause) => {
                    tracing::error!(?cause, "the caller could not be looked up");
                    return Err(Some(Close(4500, "Internal server error")));
                }
            }
        }
        if self.caller.actor.is_none() {
            return Err(Some(Close(4403, "Forbidden")));
        }
        self.introduced = true;
        self.say(&json!({ "type": "connection_ack" })).await
    }

    /// Sends the errors of an operation that is not executed.
    async fn refuse(&mut self, id: &str, error: &ServerError) -> Result<(), Option<Close>> {
        self.say(&json!({ "id": id, "type": "error", "payload": [error] }))
            .await
    }

    async fn start(&mut self, id: String, mut request: Request) -> Result<(), Option<Close>> {
        let admitted = self
            .app
            .limits
            .admit(self.caller.key(), self.app.db.clock().now());
        if let Err(error) = admitted {
            rate_limited(Door::WebSocket);
            return self.refuse(&id, &coded(&error.to_string(), error.code())).await;
        }
        let actor: Actor = match &self.caller.actor {
            Some(actor) => match reauthenticate(&self.app.db, actor).await {
                // Running operations began with permissions that are lost now.
                Ok(now) if !now.rights().cover(&actor.rights()) => return Err(Some(RIGHTS_LOST)),
                Ok(now) => now,
                Err(Error::Unauthenticated) => return Err(Some(Close(4401, "Unauthorized"))),
                Err(cause) => {
                    tracing::error!(?cause, "the caller could not be looked up");
                    return Err(Some(Close(4500, "Internal server error")));
                }
            },
            None => return Err(Some(Close(4401, "Unauthorized"))),
        };
        if self.caller.actor.as_ref().map(Actor::rights) != Some(actor.rights()) {
            // The caller has more permissions than before: losing one of these ends the connection, too.
            self.cut = live::wait_until_revoked(Arc::clone(&self.app.live), Some(&actor)).boxed();
        }
        self.caller.actor = Some(actor);
        if let Err(error) = self.app.api.documents.identify(&mut request) {
            return self.refuse(&id, &coded(&error.to_string(), error.code())).await;
        }
        let caller = self.caller.clone();
        let Some(place) = self.app.lasting.operation(caller.key()) else {
            return self
                .refuse(&id, &coded("too many operations at a time", "TOO_MANY"))
                .await;
        };
        let request_id = self.app.db.clock().new_id().to_string();
        let results = execute_stream(&self.app.api, request, caller, request_id);
        let (results, handle) = stream::abortable(results);
        let (result_id, end_id) = (id.clone(), id.clone());
        let stopped = handle.clone();
        let events = results
            .map(move |result| (result_id.clone(), Some(result)))
            .chain(stream::iter([(end_id, None)]))
            // No results are sent after the client has completed the operation.
            .take_while(move |_| std::future::ready(!stopped.is_aborted()));
        self.events.push(events.boxed());
        self.running.insert(id, (handle, place));
        Ok(())
    }

    async fn tell(&mut self, id: String, result: Option<GraphQLResponse>) -> Result<(), Option<Close>> {
        let message = match result {
            None => {
                // If the operation was refused, it has ended already.
                if self.running.remove(&id).is_none() {
                    return Ok(());
                }
                message("complete", &id, None)
            }
            Some(answer) if was_refused(&answer) => {
                count_refused_operation(Door::WebSocket, &answer);
                self.running.remove(&id);
                let mut errors = Vec::new();
                json::write_any(&answer.errors, &mut errors);
                message("error", &id, Some(&errors))
            }
            Some(answer) => message("next", &id, Some(&json::answer(&answer))),
        };
        self.send(Message::Text(message.into())).await
    }
}
