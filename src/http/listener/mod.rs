//! Accepts connections and serves HTTP/1.1 on them, within limits: the number of connections, the time for a request
//! head, for a pause between two requests and for a client that does not read, and the time for shutdown.
//!
//! One client can't keep others out: when all slots are taken, a new connection evicts the one that has been waiting
//! longest for its client to send a request or to read a response.

mod connections;
mod stream;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::uri::Authority;
use axum::http::{Request, Response, StatusCode, Version, header};
use axum::response::IntoResponse;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use self::connections::{Activity, Busy, Connections, Slot};
use self::stream::Stream;
use crate::http::held_body::HeldBody;
use crate::runtime::metrics::{self, labels::Listener};

/// Maximum size of a request head, and of a single read of a body, in bytes. Longer heads get status 431.
const BUFFER: usize = 64 * 1024;
/// How long accepting pauses after the system has refused to accept a connection.
const PAUSE: Duration = Duration::from_millis(100);
/// Minimum interval between log entries for the same problem.
const LOG_EVERY: Duration = Duration::from_secs(60);

/// Timeouts.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// For a request head, from its first byte; for the first one, from the beginning of the connection.
    pub head: Duration,
    /// For the pause between two requests. Longer than the 60 seconds for which proxies usually keep a connection, so
    /// that the proxy closes it: otherwise a request can collide with the close.
    pub idle: Duration,
    /// For a client that does not read its response. A client that reads less than a kibibyte per second is closed as
    /// well.
    pub write: Duration,
    /// For requests in progress when the process shuts down.
    pub shutdown: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}

/// The limits of a server.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Maximum number of connections.
    pub connections: u32,
    /// Maximum number of connections from one address (for IPv6, from one /64 network); `None` behind a proxy, from
    /// where all of them come.
    pub per_address: Option<u32>,
    /// Timeouts.
    pub times: Times,
    /// How its connections are counted.
    pub listener: Listener,
}

impl Bounds {
    /// Limits for this number of connections, of which one address may have half.
    pub fn new(connections: u32, behind_proxy: bool) -> Self {
        Self {
            connections,
            per_address: (!behind_proxy).then_some((connections / 2).max(1)),
            times: Times::default(),
            listener: Listener::Public,
        }
    }
}

/// Serves until `stop` is ready; then accepts no more connections, closes idle ones at once, and those in progress
/// after [`Times::shutdown`] at the latest.
pub async fn serve(listener: TcpListener, router: Router, bounds: Bounds, stop: impl Future<Output = ()>) {
    let connections = Connections::new(bounds.connections, bounds.per_address, bounds.listener);
    let service = TowerToHyperService::new(router);
    let (closing, _) = watch::channel(false);
    // Tasks spawned here end here: the set is drained, or aborted, before this function returns.
    let mut tasks = JoinSet::new();
    let (mut failures, mut refusals) = (RareLog::default(), RareLog::default());
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, peer)) => match connections.admit(peer.ip()).await {
                    Some(slot) => {
                        let connection = Connection {
                            peer,
                            times: bounds.times,
                            closing: closing.subscribe(),
                        };
                        tasks.spawn(connection.serve(socket, slot, service.clone()));
                    }
                    None => {
                        metrics::connection_refused(bounds.listener);
                        refusals.warn(&"all places are taken", "a connection was refused");
                    }
                },
                // The client disconnected before it was accepted.
                Err(cause) if cause.raw_os_error().is_none() || is_the_clients(&cause) => {}
                Err(cause) => {
                    failures.warn(&cause, "a connection could not be accepted");
                    connections.evict(None);
                    sleep(PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    closing.send_replace(true);
    if timeout(bounds.times.shutdown, connections.all_closed())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = connections.open(),
            "closed while requests were under way"
        );
    }
    tasks.shutdown().await;
}

fn is_the_clients(cause: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        cause.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Logs frequent problems at most once a minute.
#[derive(Default)]
struct RareLog {
    last: Option<Instant>,
    times: u64,
}

impl RareLog {
    fn warn(&mut self, cause: &dyn std::fmt::Display, what: &str) {
        self.times += 1;
        if self.last.is_none_or(|last| last.elapsed() >= LOG_EVERY) {
            tracing::warn!(%cause, times = self.times, "{what}");
            *self = Self {
                last: Some(Instant::now()),
                times: 0,
            };
        }
    }
}

/// An accepted connection.
struct Connection {
    peer: SocketAddr,
    times: Times,
    closing: watch::Receiver<bool>,
}

impl Connection {
    async fn serve(
        mut self,
        socket: tokio::net::TcpStream,
        slot: Slot,
        service: TowerToHyperService<Router>,
    ) {
        let activity = Arc::clone(slot.activity());
        // A response is one or two writes; neither has to wait for the acknowledgement of the other.
        if let Err(cause) = socket.set_nodelay(true) {
            tracing::debug!(%cause, "TCP_NODELAY could not be set");
        }
        let io = TokioIo::new(Stream::new(socket, slot, self.times.write));
        let handler = service_fn(|request| answer(&service, self.peer, &activity, request));
        let mut builder = http1::Builder::new();
        // The timeouts of heads and pauses are enforced below: hyper has one timeout for both.
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(None)
            .max_buf_size(BUFFER);
        let mut http = pin!(builder.serve_connection(io, handler).with_upgrades());
        let mut check = pin!(sleep_until(Instant::now() + self.times.head));
        let mut closing = false;
        loop {
            tokio::select! {
                biased;
                served = http.as_mut() => {
                    if let Err(cause) = served {
                        tracing::debug!(%cause, peer = %self.peer, "a connection ended");
                    }
                    return;
                }
                () = activity.evicted() => if activity.makes_room() {
                    return;
                },
                () = &mut check => match activity.deadline(&self.times) {
                    Some(deadline) if deadline <= Instant::now() => return,
                    Some(deadline) => check.as_mut().reset(deadline),
                    // A head that begins later can't time out earlier.
                    None => check.as_mut().reset(Instant::now() + self.times.head),
                },
                _ = self.closing.wait_for(|closing| *closing), if !closing => {
                    closing = true;
                    if activity.is_waiting() {
                        return;
                    }
                    http.as_mut().graceful_shutdown();
                }
            }
        }
    }
}

/// Serves one request.
async fn answer(
    service: &TowerToHyperService<Router>,
    peer: SocketAddr,
    activity: &Arc<Activity>,
    mut request: Request<Incoming>,
) -> Result<Response<HeldBody<Option<Busy>>>, Infallible> {
    let busy = Activity::begin(activity);
    let response = if names_its_host(&request) {
        request.extensions_mut().insert(ConnectInfo(peer));
        service.call(request.map(Body::new)).await?
    } else {
        (
            StatusCode::BAD_REQUEST,
            "exactly one valid Host header is required",
        )
            .into_response()
    };
    // A connection that was upgraded never waits for a request again.
    let busy = match response.status() {
        StatusCode::SWITCHING_PROTOCOLS => {
            busy.for_ever();
            None
        }
        _ => Some(busy),
    };
    // The connection is busy until the whole response has been handed over.
    Ok(response.map(|body| HeldBody::new(body, busy)))
}

/// RFC 9112, section 3.2: exactly one `Host`, which is required in HTTP/1.1. If there are two or none, programs may
/// disagree on the host, which an attacker can exploit.
fn names_its_host(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() < Version::HTTP_11,
        (Some(host), None) => {
            host.is_empty()
                || (!host.as_bytes().contains(&b'@') && Authority::try_from(host.as_bytes()).is_ok())
        }
        (Some(_), Some(_)) => false,
    }
}
