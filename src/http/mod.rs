//! The HTTP endpoints: GraphQL, calendars and files, access tokens, public keys, and operations; and the limits shared by all of them.

pub mod accept;
pub mod answers;
pub mod app;
pub mod calendar;
pub mod client_address;
pub mod compress;
pub mod console;
pub mod download;
pub mod download_link;
pub mod events;
pub mod export;
pub mod form;
pub mod graphql;
pub mod headers;
pub mod held_body;
pub mod lasting;
pub mod listener;
pub mod meter;
pub mod metrics;
pub mod oauth;
pub mod openid;
pub mod scim;
pub mod session;
pub mod transfer;
pub mod upload;
pub mod websocket;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any, get, post};
use axum::{Extension, Router};
use tokio::sync::{Semaphore, SemaphorePermit};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use self::answers::{failure, write_quota};
use self::download as drive;
use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::authenticate;
use crate::domain::auth::keys;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;
use crate::graphql::execute::{Caller, TIMEOUT};
use crate::http::app::App;
use crate::http::download_link as download_links;
use crate::http::held_body::HeldBody;
use crate::http::{graphql as over_http, websocket as over_websocket};

/// Maximum size of the body of a GraphQL request, in bytes.
const BODY: usize = 1 << 20;
/// Maximum size of the body of an unauthenticated GraphQL request: such a caller can do little but sign in.
const MAX_ANONYMOUS_BODY: usize = 64 << 10;
/// Mebibytes of bodies above [`MAX_ANONYMOUS_BODY`] that are received and processed at the same time.
const BODIES: usize = 128;

/// Default headers of every response.
static ALWAYS: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-site"),
    ),
];

/// The router of a process.
pub fn router(app: Arc<App>) -> Router {
    let operators = Router::new()
        .route("/livez", get(|| async { (NOT_KEPT, "ok") }))
        .route("/readyz", get(ready).layer(Extension(Readiness::default())))
        .route("/.well-known/jwks.json", get(jwks))
        // Served by a listener of its own; the pages of the console must not answer in its place.
        .route(metrics::PATH, any(|| async { (StatusCode::NOT_FOUND, NOT_KEPT) }));
    let admitted = |handlers: MethodRouter<Arc<App>>| {
        handlers.route_layer(from_fn_with_state(Arc::clone(&app), admit_plain))
    };
    let graphql = get(graphql_get)
        .post(graphql_post)
        .route_layer(from_fn_with_state(Arc::clone(&app), admit_graphql));
    let scim = scim::ROUTES.iter().fold(Router::new(), |router, path| {
        router.route(path, any(scim::handle))
    });
    Router::new()
        .merge(scim)
        .route("/graphql", graphql.clone())
        .route("/graphql/", graphql)
        .route("/console/version", get(console::version))
        .route("/console/{name}", get(console::asset))
        .route(session::PATH, post(session::open))
        .route(session::WITH_PATH, post(session::open_with))
        .route(session::REFRESH_PATH, post(session::renew))
        .route(session::END_PATH, post(session::end))
        .route(openid::LOGOUT_PATH, post(openid::back_channel_logout))
        .route(openid::REVOCATION_PATH, post(openid::revoke))
        .route(oauth::TOKEN_PATH, post(oauth::token))
        .route(oauth::SERVER_PATH, get(oauth::server_metadata))
        .route(oauth::RESOURCE_PATH, get(oauth::resource_metadata))
        .fallback(console::fallback)
        .route(calendar::PATH, admitted(get(calendar::get)))
        .route(calendar::FEED_PATH, admitted(get(calendar::get_feed)))
        .route(download_links::PATH, admitted(get(download_links::get)))
        .route(drive::PATH, admitted(get(drive::get)))
        .route(export::PATH, admitted(get(export::get)))
        .merge(operators)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        // A large file may take long: its limits are in `upload`.
        .route(drive::PATH, admitted(post(upload::post)))
        .layer(CatchPanicLayer::new())
        .layer(cors(&app))
        .layer(from_fn(meter::meter))
        .layer(map_response(async |mut response: Response| {
            for (name, value) in &ALWAYS {
                response.headers_mut().entry(name).or_insert_with(|| value.clone());
            }
            response
        }))
        .with_state(app)
}

/// CORS: pages of the configured origins may call with a token that they have; cookies are for pages of this server, see
/// [`session`].
fn cors(app: &App) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(app.cors_origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::RANGE,
            header::IF_RANGE,
            header::IF_NONE_MATCH,
            // Sent automatically by tracing tools and by clients of other servers.
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
            HeaderName::from_static("baggage"),
            HeaderName::from_static("sentry-trace"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("apollo-require-preflight"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            header::CONTENT_DISPOSITION,
            header::CONTENT_RANGE,
            header::ETAG,
            header::LOCATION,
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
            HeaderName::from_static("x-request-id"),
        ])
        .max_age(Duration::from_secs(3_600))
}

/// Headers of responses that must not be cached.
const NOT_KEPT: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

/// Whether the database responds, checked at most once a second regardless of the number of requests.
#[derive(Clone, Default)]
struct Readiness(Arc<tokio::sync::Mutex<Option<(Instant, bool)>>>);

impl Readiness {
    const TRUSTED_FOR: Duration = Duration::from_secs(1);

    async fn is_ready(&self, app: &App) -> bool {
        let mut last = self.0.lock().await;
        if let Some((at, ready)) = *last
            && at.elapsed() < Self::TRUSTED_FOR
        {
            return ready;
        }
        let answer = app.db.ping().await;
        if let Err(cause) = &answer {
            tracing::error!(%cause, "the database does not respond");
        }
        *last = Some((Instant::now(), answer.is_ok()));
        answer.is_ok()
    }
}

async fn ready(State(app): State<Arc<App>>, Extension(readiness): Extension<Readiness>) -> Response {
    match readiness.is_ready(&app).await {
        true => (NOT_KEPT, "ok").into_response(),
        false => {
            let message = "the database does not respond";
            (StatusCode::SERVICE_UNAVAILABLE, NOT_KEPT, message).into_response()
        }
    }
}

async fn jwks(State(app): State<Arc<App>>) -> Response {
    match app.keys.public().await {
        Ok(keys) => (
            [
                (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
                (
                    header::CACHE_CONTROL,
                    format!("public, max-age={}", keys::PUBLIC_MAX_AGE),
                ),
            ],
            keys.to_string(),
        )
            .into_response(),
        Err(cause) => {
            tracing::error!(?cause, "the public keys could not be read");
            (StatusCode::SERVICE_UNAVAILABLE, NOT_KEPT).into_response()
        }
    }
}

/// A query, an event stream, or the upgrade to a WebSocket connection.
async fn graphql_get(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    parameters: Result<Query<over_http::GetParameters>, QueryRejection>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match (upgrade, parameters) {
        (Ok(upgrade), _) => over_websocket::upgrade(app, upgrade, caller),
        (Err(_), Ok(parameters)) if parameters.asks_nothing() && console::is_wanted(&headers) => {
            console::playground(&headers)
        }
        (Err(_), Ok(parameters)) => over_http::get(app, parameters.0, headers, caller).await,
        (Err(_), Err(_)) => (StatusCode::BAD_REQUEST, "the address can't be read").into_response(),
    }
}

async fn graphql_post(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    over_http::post(app, headers, caller, body).await
}

/// Admits a GraphQL request before its body is read, for one point. An invalid token must not prevent the operations
/// that get a new one, so the operation is checked first.
async fn admit_graphql(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let caller = match admit(&app, request.headers(), peer(&request)).await {
        Ok(caller) => caller,
        Err(Error::Unauthenticated) if request.method() == Method::POST => {
            let network = Network::of_request(app.behind_proxy, request.headers(), peer(&request));
            Caller {
                dead_token: true,
                ..caller_of(None, request.headers(), network)
            }
        }
        Err(error) => return over_http::not_admitted(&app, request.headers(), &error),
    };
    let most = if caller.actor.is_some() {
        BODY
    } else {
        MAX_ANONYMOUS_BODY
    };
    DefaultBodyLimit::max(most).apply(&mut request);
    request.extensions_mut().insert(caller);
    let Some(_room) = room_for_body(&request, most) else {
        return over_http::not_admitted(&app, request.headers(), &Error::RateLimited(1));
    };
    next.run(request).await
}

/// A permit for the body of a request, to be held while it is processed; `None` when large bodies use all of the
/// budget. A small one needs none.
fn room_for_body(request: &Request, most: usize) -> Option<SemaphorePermit<'static>> {
    static ROOM: Semaphore = Semaphore::const_new(BODIES);
    // A body without a declared length may be of any length.
    let length = request
        .body()
        .size_hint()
        .upper()
        .map_or(most, |length| length as usize);
    ROOM.try_acquire_many(u32::from(length > MAX_ANONYMOUS_BODY)).ok()
}

/// Admits a request to an endpoint other than GraphQL, and charges its points.
async fn admit_plain(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let caller = match admit(&app, request.headers(), peer(&request)).await {
        Ok(caller) => caller,
        Err(error) => return failure(&error),
    };
    let key = caller.key();
    let points = points_beside_graphql(request.method(), request.uri().path());
    let reserved = app.limits.reserve(key, points, app.db.clock().now());
    let mut response = match reserved {
        Ok(()) => match app.lasting.transfer(key) {
            Some(place) => {
                request.extensions_mut().insert(caller);
                let response = next.run(request).await;
                response.map(|body| Body::new(HeldBody::new(body, place)))
            }
            None => failure(&Error::RateLimited(1)),
        },
        Err(error) => failure(&error),
    };
    if let Some(quota) = app.limits.quota(key, app.db.clock().now()) {
        write_quota(&mut response, quota);
    }
    response
}

/// The points of such a request beyond the first one: more for reading many rows, and for writing.
fn points_beside_graphql(method: &Method, path: &str) -> u32 {
    match path {
        _ if method == Method::POST => 4,
        _ if path.ends_with(".zip") || path.ends_with(".csv") => 9,
        _ if path.ends_with(".ics") || path.starts_with("/download/") => 4,
        _ => 0,
    }
}

/// The peer address of the connection.
fn peer(request: &Request) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0.ip())
}

/// The caller of a request: unauthenticated without an `Authorization` header; a header must be valid. Every caller
/// pays one point.
async fn admit(app: &App, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Caller, Error> {
    let network = Network::of_request(app.behind_proxy, headers, peer);
    let actor = match headers.get(header::AUTHORIZATION) {
        None => {
            app.limits
                .admit(RateLimitKey::Anonymous(network), app.db.clock().now())?;
            None
        }
        Some(_) => Some(authenticate(app.auth(), headers::bearer(headers), network).await?),
    };
    Ok(caller_of(actor, headers, network))
}

/// The caller of a request with these headers.
fn caller_of(actor: Option<Actor>, headers: &HeaderMap, network: Network) -> Caller {
    let agent = headers::text(headers, header::USER_AGENT);
    Caller {
        actor,
        dead_token: false,
        user_agent: agent.map(str::to_owned),
        network,
    }
}
