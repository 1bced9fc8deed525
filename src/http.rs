//! The addresses: GraphQL, calendars and files, the public keys, and what operators ask for. Limits that hold for all of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Query, State};
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::auth::Actor;
use crate::auth::authenticate::authenticate;
use crate::auth::keys;
use crate::calendar::download as calendar;
use crate::console;
use crate::drive::{download as drive, upload};
use crate::error::{Code, Error, Refusal};
use crate::graphql::execute::Caller;
use crate::graphql::{over_http, over_websocket};

/// Largest body of a GraphQL request, in bytes.
const BODY: usize = 1 << 20;
/// Longest time for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Headers of every answer that does not have them already.
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
pub fn router(app: Arc<App>, metrics: Option<PrometheusHandle>) -> Router {
    let operators = Router::new()
        .route("/livez", get(|| async { (NOT_KEPT, "ok") }))
        .route("/readyz", get(ready))
        .route("/.well-known/jwks.json", get(jwks))
        .route(
            "/metrics",
            get(move || async move {
                let text = metrics.map(|handle| handle.render()).unwrap_or_default();
                (NOT_KEPT, text)
            }),
        );
    Router::new()
        .route("/graphql", get(graphql_get).post(graphql_post))
        .route("/", get(console::home))
        .route("/console/{name}", get(console::asset))
        .route(calendar::PATH, get(calendar::get))
        .route(drive::PATH, get(drive::get))
        .merge(operators)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            TIMEOUT,
        ))
        // A large file may take its time: what limits it is in `upload`.
        .route(drive::PATH, post(upload::post))
        .layer(CatchPanicLayer::new())
        .layer(cors(&app))
        .layer(map_response(async |mut response: Response| {
            for (name, value) in &ALWAYS {
                response.headers_mut().entry(name).or_insert_with(|| value.clone());
            }
            response
        }))
        .with_state(app)
}

/// Pages of the origins that are named may call, with a token that they have; cookies play no part anywhere.
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
        ])
        .expose_headers([
            header::RETRY_AFTER,
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

/// What is only true at the moment.
const NOT_KEPT: [(HeaderName, HeaderValue); 1] =
    [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.db.ping().await {
        Ok(()) => (NOT_KEPT, "ok").into_response(),
        Err(cause) => {
            tracing::error!(%cause, "the database does not answer");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                NOT_KEPT,
                "the database does not answer",
            )
                .into_response()
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

/// A query, a page of events, or the beginning of a connection that lasts.
async fn graphql_get(
    State(app): State<Arc<App>>,
    parameters: Result<Query<over_http::GetParameters>, QueryRejection>,
    headers: HeaderMap,
    extensions: Extensions,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let address = address(&app, &headers, &extensions);
    match (upgrade, parameters) {
        (Ok(upgrade), _) => match caller(&app, &headers).await {
            Ok(actor) => over_websocket::upgrade(app, upgrade, Caller::of(actor, &headers, address)),
            Err(error) => failure(&error),
        },
        (Err(_), Ok(parameters)) if parameters.asks_nothing() && console::is_wanted(&headers) => {
            console::page(&headers)
        }
        (Err(_), Ok(parameters)) => over_http::get(app, parameters.0, headers, address).await,
        (Err(_), Err(_)) => (StatusCode::BAD_REQUEST, "the address can't be read").into_response(),
    }
}

async fn graphql_post(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    extensions: Extensions,
    body: Bytes,
) -> Response {
    let address = address(&app, &headers, &extensions);
    over_http::post(app, headers, address, &body).await
}

/// Where a request comes from. What a header says is only believed where a proxy is known to write it.
fn address(app: &App, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
    if app.behind_proxy {
        let named = headers.get_all("x-forwarded-for").iter().next_back()?;
        return named.to_str().ok()?.rsplit(',').next()?.trim().parse().ok();
    }
    let peer = extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(peer.0.ip())
}

/// Who is calling: nobody without an `Authorization` header; with one, it has to be right.
pub(crate) async fn caller(app: &App, headers: &HeaderMap) -> Result<Option<Actor>, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Error::Unauthenticated)?;
    authenticate(app, token).await.map(Some)
}

/// What an address beside GraphQL answers when it can't do what it should.
pub(crate) fn failure(error: &Error) -> Response {
    let status = match error {
        Error::Unauthenticated => {
            let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
            return (StatusCode::UNAUTHORIZED, ask, error.to_string()).into_response();
        }
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::BadInput(_) => StatusCode::BAD_REQUEST,
        Error::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Conflict => StatusCode::CONFLICT,
        Error::Database(_) | Error::Internal(_) => {
            tracing::error!(cause = ?error, "a request failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    (status, error.to_string()).into_response()
}

/// What such an address answers when a rule says no: each reason on a line, with the name of what it is about.
pub(crate) fn refusal(reasons: &[Refusal]) -> Response {
    let tell = |reason: &Refusal| format!("{}: {}", reason.field.join("."), reason.message);
    let text = reasons.iter().map(tell).collect::<Vec<_>>().join("\n");
    let missing = reasons.iter().any(|reason| reason.code == Code::NotFound);
    let status = if missing {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    (status, text).into_response()
}
