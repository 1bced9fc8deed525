//! GraphQL over HTTP: queries by GET and POST, mutations by POST, and any operation as a stream of events.
//!
//! The form is that of the GraphQL-over-HTTP specification; for `text/event-stream` that of the distinct
//! connections of GraphQL over Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;
use async_graphql::{Extensions, Request, Response as GraphQLResponse, ServerError, Variables};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::documents::Unidentified;
use super::execute::{Caller, execute, execute_stream, is_unauthenticated, try_later};
use super::json;
use crate::app::App;
use crate::concurrency::Permit;
use crate::error::Error;
use crate::http::write_quota;
use crate::limits::RateLimitKey;
use crate::live::{self, CutOff};

/// The media type of GraphQL over HTTP.
const GRAPHQL_JSON: &str = "application/graphql-response+json";
/// The media type of events.
const EVENTS: &str = "text/event-stream";
/// How often a stream of events says that it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(12);

/// What a request says.
#[derive(Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
    extensions: Option<Extensions>,
}

/// What the address of a request says.
#[derive(Deserialize)]
pub struct GetParameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// A request that is not executed.
struct Refused(StatusCode, &'static str, String);

impl Refused {
    fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message.into())
    }
}

/// Answers a query or a mutation that was sent by POST.
pub async fn post(app: Arc<App>, headers: HeaderMap, caller: Caller, body: &[u8]) -> Response {
    match read_body(&headers, body).and_then(|parameters| parameters.into_request(&app)) {
        Ok(request) => answer(app, headers, caller, request).await,
        Err(refused) => refuse(&headers, &refused),
    }
}

/// Answers a query that was sent by GET.
pub async fn get(app: Arc<App>, parameters: GetParameters, headers: HeaderMap, caller: Caller) -> Response {
    let read = parameters.read();
    let mut request = match read.and_then(|parameters| parameters.into_request(&app)) {
        Ok(request) => request,
        Err(refused) => return refuse(&headers, &refused),
    };
    if !is_harmless(&app, &mut request, accepts(&headers, EVENTS)) {
        let message = "only queries can be sent by GET: send mutations by POST".to_owned();
        let refused = Refused(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message);
        let mut response = refuse(&headers, &refused);
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
        return response;
    }
    answer(app, headers, caller, request).await
}

fn read_body(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, Refused> {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let mut parts = kind.unwrap_or_default().split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|part| match part.to_ascii_lowercase().strip_prefix("charset=") {
        Some(charset) => charset.trim_matches('"') == "utf-8",
        None => true,
    });
    if !json || !utf8 {
        let message = "send the request as application/json in UTF-8".to_owned();
        return Err(Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        ));
    }
    serde_json::from_slice(body)
        .map_err(|_| Refused::bad("the body is not a GraphQL request: a JSON object with a query"))
}

impl GetParameters {
    /// Whether there is nothing to be executed.
    pub fn asks_nothing(&self) -> bool {
        self.query.is_none() && self.extensions.is_none()
    }

    fn read(self) -> Result<Parameters, Refused> {
        Ok(Parameters {
            query: self.query,
            operation_name: self.operation_name.filter(|name| !name.is_empty()),
            variables: object(self.variables, "variables")?,
            extensions: object(self.extensions, "extensions")?,
        })
    }
}

fn object<T: DeserializeOwned>(text: Option<String>, name: &str) -> Result<Option<T>, Refused> {
    match text.as_deref() {
        None | Some("") => Ok(None),
        Some(text) => {
            serde_json::from_str(text).map_err(|_| Refused::bad(format!("`{name}` is not a JSON object")))
        }
    }
}

impl Parameters {
    fn into_request(self, app: &App) -> Result<Request, Refused> {
        let extensions = self.extensions.unwrap_or_default();
        if self.query.is_none() && extensions.is_empty() {
            return Err(Refused::bad("`query` is missing"));
        }
        let mut request = Request::new(self.query.unwrap_or_default());
        request.operation_name = self.operation_name;
        if let Some(variables) = self.variables {
            request.variables = Variables::from_json(Value::Object(variables));
        }
        request.extensions = extensions;
        match app.documents.identify(&mut request) {
            Ok(()) => Ok(request),
            Err(Unidentified::NotFound) => {
                let message = Unidentified::NotFound.to_string();
                Err(Refused(StatusCode::OK, Unidentified::NotFound.code(), message))
            }
            Err(wrong) => Err(Refused::bad(wrong.to_string())),
        }
    }
}

/// Whether the operation that would run is a query, or a subscription that is asked for as events. A document that is
/// refused, or has no such operation, may pass: it is refused again, with the reason.
fn is_harmless(app: &App, request: &mut Request, events: bool) -> bool {
    let Ok(read) = app.documents.open(request) else {
        return true;
    };
    match read.operation(request.operation_name.as_deref()) {
        Err(_) => true,
        Ok(operation) => match operation.kind {
            OperationType::Query => true,
            OperationType::Subscription => events,
            OperationType::Mutation => false,
        },
    }
}

async fn answer(app: Arc<App>, headers: HeaderMap, caller: Caller, request: Request) -> Response {
    let started = Instant::now();
    let request_id = app.db.clock().new_id().to_string();
    let response = if accepts(&headers, EVENTS) {
        match app.lasting.operation(caller.key()) {
            Some(place) => events(&app, request, caller, request_id.clone(), place),
            None => {
                let message = "too many operations at a time".to_owned();
                let refused = Refused(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY", message);
                refuse(&headers, &refused)
            }
        }
    } else {
        let signed_in = caller.actor.is_some();
        let _under_way = match app.limits.begin(caller.key()).await {
            Ok(under_way) => under_way,
            Err(error) => return not_admitted(&app, &headers, &error),
        };
        let (answer, quota) = execute(&app, request, caller, &request_id).await;
        let later = try_later(&answer);
        let status = if let Some(error) = later {
            match error {
                Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::TOO_MANY_REQUESTS,
            }
        } else if signed_in && is_unauthenticated(&answer) {
            // Locked out while the request was under way.
            StatusCode::UNAUTHORIZED
        } else if answer.data == async_graphql::Value::Null && accepts(&headers, GRAPHQL_JSON) {
            StatusCode::BAD_REQUEST
        } else {
            StatusCode::OK
        };
        let mut response = respond(&headers, status, &answer);
        if let Some(seconds) = later.and_then(Error::retry_after) {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(quota) = quota {
            write_quota(&mut response, quota);
        }
        response
    };
    finish(response, &request_id, started)
}

/// Answers a request that was not let in.
pub fn not_admitted(app: &App, headers: &HeaderMap, error: &Error) -> Response {
    let started = Instant::now();
    let request_id = app.db.clock().new_id().to_string();
    let status = match error {
        Error::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        cause => {
            tracing::error!(request_id, ?cause, "the caller could not be looked up");
            StatusCode::SERVICE_UNAVAILABLE
        }
    };
    let mut response = refuse(headers, &Refused(status, error.code(), error.to_string()));
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    finish(response, &request_id, started)
}

/// Counts an answer and names its request.
fn finish(response: Response, request_id: &str, started: Instant) -> Response {
    metrics::counter!("handover_requests_total", "status" => response.status().as_u16().to_string())
        .increment(1);
    metrics::histogram!("handover_request_seconds").record(started.elapsed().as_secs_f64());
    with_request_id(response, request_id)
}

fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter();
    accepts
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains(media_type))
}

fn respond(headers: &HeaderMap, status: StatusCode, answer: &GraphQLResponse) -> Response {
    let kind = if accepts(headers, GRAPHQL_JSON) {
        GRAPHQL_JSON
    } else {
        "application/json"
    };
    let about = [
        (header::CONTENT_TYPE, format!("{kind}; charset=utf-8")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let mut response = (status, about, json::answer(answer)).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

fn refuse(headers: &HeaderMap, Refused(status, code, message): &Refused) -> Response {
    let answer = GraphQLResponse::from_errors(vec![coded(message, code)]);
    respond(headers, *status, &answer)
}

/// An error with a code that programs know.
pub fn coded(message: &str, code: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    error
        .extensions
        .get_or_insert_with(Default::default)
        .set("code", code);
    error
}

fn with_request_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// The error that ends an operation whose caller may no longer do all that they might when it began.
fn rights_lost() -> ServerError {
    coded(
        "your permissions have changed: send the operation again",
        "FORBIDDEN",
    )
}

/// Answers an operation as events: `next` for each result, `complete` at the end. It ends with an error when the
/// caller is locked out or loses a permission.
fn events(
    app: &Arc<App>,
    request: Request,
    caller: Caller,
    request_id: String,
    place: Permit<RateLimitKey>,
) -> Response {
    let cut = Box::pin(live::cut_off(Arc::clone(app), caller.actor.as_ref()));
    let results = Box::pin(execute_stream(app, request, caller, request_id));
    let events = stream::unfold(Some((results, cut, place)), |state| async move {
        let (mut results, mut cut, place) = state?;
        let last = |answer: Option<GraphQLResponse>| {
            let complete = Event::default().event("complete").data("");
            let events = answer.iter().map(next).chain([complete]).collect();
            Some((events, None))
        };
        tokio::select! {
            biased;
            why = &mut cut => match why {
                CutOff::LockedOut => {
                    let error = Error::Unauthenticated;
                    last(Some(GraphQLResponse::from_errors(vec![coded(&error.to_string(), error.code())])))
                }
                CutOff::RightsLost => last(Some(GraphQLResponse::from_errors(vec![rights_lost()]))),
                CutOff::Stopping => last(None),
            },
            answer = results.next() => match answer {
                Some(answer) => Some((vec![next(&answer)], Some((results, cut, place)))),
                None => last(None),
            },
        }
    });
    let events =
        events.flat_map(|events: Vec<Event>| stream::iter(events.into_iter().map(Ok::<_, Infallible>)));
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    // Some proxies gather what comes in pieces, unless they are told not to.
    let unbuffered = (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    );
    response.headers_mut().insert(unbuffered.0, unbuffered.1);
    response
}

fn next(answer: &GraphQLResponse) -> Event {
    Event::default()
        .event("next")
        .data(json::into_string(json::answer(answer)))
}
