//! `/metrics` for Prometheus, on a listener of its own that serves nothing else. It has no authentication: it belongs on
//! an address that only the monitoring reaches.
//!
//! Values from the database are read when they are asked for, at most once in [`TRUSTED_FOR`] regardless of the number
//! of requests, and within [`TIME_LIMIT`]: the metrics of a process are needed most when its database doesn't answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::time::error::Elapsed;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::app::App;
use super::listener::{self, Bounds, Times};
use crate::domain::webhooks::list as webhooks;
use crate::error::Error;
use crate::runtime::metrics::{self, labels::Listener};
use crate::store::outbox;

/// The path.
pub const PATH: &str = "/metrics";

/// How long values from the database are used again.
const TRUSTED_FOR: Duration = Duration::from_secs(5);
/// Timeout of the queries.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// Interval at which recorded times are sorted into buckets, so that they take no memory while nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);
/// Maximum number of connections.
const CONNECTIONS: u32 = 64;
/// The text format of Prometheus.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where the values come from.
struct Source {
    app: Arc<App>,
    handle: PrometheusHandle,
    /// When values were last read from the database.
    last_read: Mutex<Option<Instant>>,
}

/// Serves the metrics until the process shuts down.
pub async fn serve(socket: TcpListener, app: Arc<App>, handle: PrometheusHandle) {
    let bounds = Bounds {
        connections: CONNECTIONS,
        per_address: None,
        times: Times {
            shutdown: Duration::from_secs(1),
            ..Times::default()
        },
        listener: Listener::Metrics,
    };
    let mut stop = app.stop.subscribe();
    let upkeep = handle.clone();
    let router = router(app, handle);
    let served = listener::serve(socket, router, bounds, async move {
        // It fails if the sender is gone, which also means that the process ends.
        let _stopped = stop.wait_for(|stop| *stop).await;
    });
    let mut every = interval(UPKEEP);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::select! {
        () = served => {}
        () = async { loop { every.tick().await; upkeep.run_upkeep(); } } => {}
    }
}

/// The router of the listener.
fn router(app: Arc<App>, handle: PrometheusHandle) -> Router {
    Router::new()
        .route(PATH, get(render))
        .with_state(Arc::new(Source {
            app,
            handle,
            last_read: Mutex::default(),
        }))
}

async fn render(State(source): State<Arc<Source>>) -> Response {
    let (used, idle) = source.app.db.connections();
    metrics::database_connections(used, idle);
    source.read_database().await;
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, source.handle.render()).into_response()
}

impl Source {
    /// Reads the values of the database, unless they are recent. Concurrent requests wait for one query.
    async fn read_database(&self) {
        let mut last = self.last_read.lock().await;
        if last.is_some_and(|at| at.elapsed() < TRUSTED_FOR) {
            return;
        }
        fn late<T>(_: Elapsed) -> Result<T, Error> {
            Err(Error::Unavailable("the database does not respond".to_owned()))
        }
        let (backlog, oldest) = tokio::join!(
            timeout(TIME_LIMIT, outbox::backlog(&self.app.db)),
            timeout(TIME_LIMIT, webhooks::oldest_due(&self.app.db))
        );
        let (backlog, oldest) = (backlog.unwrap_or_else(late), oldest.unwrap_or_else(late));
        for cause in [backlog.as_ref().err(), oldest.as_ref().err()]
            .into_iter()
            .flatten()
        {
            tracing::warn!(?cause, "the metrics of the database could not be read");
        }
        metrics::webhook_oldest(oldest.ok().map(Option::unwrap_or_default));
        metrics::outbox(backlog.ok().map(|backlog| (backlog.due, backlog.oldest)));
        *last = Some(Instant::now());
    }
}
