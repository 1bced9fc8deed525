//! The addresses: GraphQL, calendars and files, the public keys, and what operators ask for. Limits that hold for all of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::{Request, Response as GraphQLResponse, ServerError};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::app::App;
use crate::auth::Actor;
use crate::auth::authenticate::authenticate;
use crate::calendar::download as calendar;
use crate::drive::{download as drive, upload};
use crate::error::{Code, Error, Refusal};
use crate::graphql::execute::{execute, is_unauthenticated};

/// Largest body of a GraphQL request, in bytes.
const BODY: usize = 1 << 20;
/// Longest time for an answer.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The media type of GraphQL over HTTP.
const GRAPHQL_JSON: &str = "application/graphql-response+json";

/// The router of a process.
pub fn router(app: Arc<App>, metrics: Option<PrometheusHandle>) -> Router {
    let operators = Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/.well-known/jwks.json", get(jwks))
        .route(
            "/metrics",
            get(move || async move { metrics.map(|handle| handle.render()).unwrap_or_default() }),
        );
    Router::new()
        .route("/graphql", get(graphql_get).post(graphql_post))
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
        .with_state(app)
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.db.read().ping().await {
        Ok(()) => "ok".into_response(),
        Err(cause) => {
            tracing::error!(%cause, "the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer").into_response()
        }
    }
}

async fn jwks(State(app): State<Arc<App>>) -> Response {
    match app.keys.public().await {
        Ok(keys) => (
            [(header::CONTENT_TYPE, "application/jwk-set+json")],
            keys.to_string(),
        )
            .into_response(),
        Err(cause) => {
            tracing::error!(?cause, "the public keys could not be read");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn graphql_post(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value
                .split(';')
                .next()
                .is_some_and(|kind| kind.trim() == "application/json")
        });
    if !json {
        let message = "send the request as application/json";
        return refused(
            &headers,
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        );
    }
    match serde_json::from_slice::<Request>(&body) {
        Ok(request) => answer(app, headers, request).await,
        Err(_) => {
            let message = "the body is not a GraphQL request: a JSON object with a query";
            refused(&headers, StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
        }
    }
}

#[derive(serde::Deserialize)]
struct GetParameters {
    query: String,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
}

async fn graphql_get(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    parameters: Result<Query<GetParameters>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(parameters)) = parameters else {
        return refused(
            &headers,
            StatusCode::BAD_REQUEST,
            "BAD_USER_INPUT",
            "the parameter `query` is missing",
        );
    };
    let mut request = Request::new(parameters.query);
    if let Some(name) = parameters.operation_name {
        request = request.operation_name(name);
    }
    if let Some(variables) = parameters.variables {
        let Ok(json) = serde_json::from_str(&variables) else {
            return refused(
                &headers,
                StatusCode::BAD_REQUEST,
                "BAD_USER_INPUT",
                "`variables` is not JSON",
            );
        };
        request = request.variables(async_graphql::Variables::from_json(json));
    }
    if !is_query(&mut request) {
        let message = "only queries can be sent by GET: send mutations by POST";
        let mut response = refused(
            &headers,
            StatusCode::METHOD_NOT_ALLOWED,
            "BAD_USER_INPUT",
            message,
        );
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    answer(app, headers, request).await
}

/// Whether the operation that would run is a query. A document that can't be read may pass: running it changes
/// nothing and answers what is wrong with it.
fn is_query(request: &mut Request) -> bool {
    use async_graphql::parser::types::OperationType;
    let name = request.operation_name.clone();
    match request.parsed_query() {
        Err(_) => true,
        Ok(document) => document.operations.iter().all(|(operation, definition)| {
            let meant = name
                .as_deref()
                .is_none_or(|name| operation.is_some_and(|found| found.as_str() == name));
            !meant || definition.node.ty == OperationType::Query
        }),
    }
}

async fn answer(app: Arc<App>, headers: HeaderMap, request: Request) -> Response {
    let started = Instant::now();
    let request_id = app.db.clock().new_id().to_string();
    let response = match caller(&app, &headers).await {
        Ok(actor) => {
            let signed_in = actor.is_some();
            let agent = headers
                .get(header::USER_AGENT)
                .and_then(|v| v.to_str().ok())
                .map(str::to_owned);
            let answer = execute(&app, request, actor, agent, &request_id).await;
            // Locked out while the request was under way.
            let status = if signed_in && is_unauthenticated(&answer) {
                StatusCode::UNAUTHORIZED
            } else if answer.data == async_graphql::Value::Null && wants_graphql_json(&headers) {
                StatusCode::BAD_REQUEST
            } else {
                StatusCode::OK
            };
            respond(&headers, status, &answer)
        }
        Err(error @ Error::Unauthenticated) => refused(
            &headers,
            StatusCode::UNAUTHORIZED,
            error.code(),
            &error.to_string(),
        ),
        Err(error) => {
            tracing::error!(request_id, cause = ?error, "the caller could not be looked up");
            refused(
                &headers,
                StatusCode::SERVICE_UNAVAILABLE,
                error.code(),
                &error.to_string(),
            )
        }
    };
    metrics::counter!("handover_requests_total", "status" => response.status().as_u16().to_string())
        .increment(1);
    metrics::histogram!("handover_request_seconds").record(started.elapsed().as_secs_f64());
    with_request_id(response, &request_id)
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

fn wants_graphql_json(headers: &HeaderMap) -> bool {
    let accepts = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accepts.contains(GRAPHQL_JSON)
}

fn respond(headers: &HeaderMap, status: StatusCode, answer: &GraphQLResponse) -> Response {
    let kind = if wants_graphql_json(headers) {
        GRAPHQL_JSON
    } else {
        "application/json"
    };
    let body = serde_json::to_string(answer)
        .unwrap_or_else(|_| r#"{"errors":[{"message":"internal error"}]}"#.into());
    let mut response = (
        status,
        [(header::CONTENT_TYPE, format!("{kind}; charset=utf-8"))],
        body,
    )
        .into_response();
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn refused(headers: &HeaderMap, status: StatusCode, code: &str, message: &str) -> Response {
    let mut error = ServerError::new(message, None);
    error
        .extensions
        .get_or_insert_with(Default::default)
        .set("code", code);
    respond(headers, status, &GraphQLResponse::from_errors(vec![error]))
}

fn with_request_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
