//! GraphQL over HTTP: queries by GET and POST, mutations by POST, and any operation as a stream of events.
//!
//! JSON responses follow the GraphQL-over-HTTP specification, `text/event-stream` the distinct connections mode of
//! GraphQL over Server-Sent Events. The [`Accept`] header and the operation decide which of them is used.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::accept::{Accept, Form, Json};
use super::compress::compress;
use super::headers::{content_type, is_json};
use crate::error::Error;
use crate::graphql::documents::{Audience, Unidentified};
use crate::graphql::execute::OperationType;
use crate::graphql::execute::{Caller, execute, has, try_later};
use crate::graphql::execute::{
    Extensions, Request, Response as GraphQLResponse, Value as GraphQLValue, Variables,
};
use crate::graphql::kit::fast::json;
use crate::graphql::kit::user_error::coded;
use crate::http::answers::write_quota;
use crate::http::app::App;
use crate::http::events as over_events;
use crate::runtime::{compute, metrics};

/// Maximum length of a body that is parsed on a thread that serves requests, in bytes.
const SHORT_BODY: usize = 16 << 10;

/// Parameters of a request body.
#[derive(Deserialize)]
struct Parameters {
    query: Option<String>,
    #[serde(rename = "operationName")]
    operation_name: Option<String>,
    variables: Option<Variables>,
    extensions: Option<Extensions>,
}

/// Parameters of a request URL.
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
    fn broken(cause: &Error) -> Self {
        tracing::error!(?cause, "a body could not be read");
        Self::failed(StatusCode::INTERNAL_SERVER_ERROR, cause)
    }

    fn failed(status: StatusCode, error: &Error) -> Self {
        Self(status, error.code(), error.to_string())
    }

    fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message.into())
    }
}

/// Executes a query or a mutation sent by POST.
pub async fn post(app: Arc<App>, headers: HeaderMap, caller: Caller, body: Bytes) -> Response {
    let read = match check_headers(&headers) {
        Ok(()) if body.len() <= SHORT_BODY => read_body(&body),
        Ok(()) => compute::run(move || read_body(&body))
            .await
            .unwrap_or_else(|cause| Err(Refused::broken(&cause))),
        Err(refused) => Err(refused),
    };
    match read.and_then(|parameters| parameters.into_request(&app)) {
        Ok(request) => Box::pin(answer(app, Method::POST, headers, caller, request)).await,
        Err(refused) => refuse(&headers, &refused),
    }
}

/// Executes a query sent by GET.
pub async fn get(app: Arc<App>, parameters: GetParameters, headers: HeaderMap, caller: Caller) -> Response {
    let read = parameters.read();
    match read.and_then(|parameters| parameters.into_request(&app)) {
        Ok(request) => Box::pin(answer(app, Method::GET, headers, caller, request)).await,
        Err(refused) => refuse(&headers, &refused),
    }
}

/// Checks that the body is JSON and not encoded.
fn check_headers(headers: &HeaderMap) -> Result<(), Refused> {
    let utf8 =
        content_type(headers)
            .skip(1)
            .all(|part| match part.to_ascii_lowercase().strip_prefix("charset=") {
                Some(charset) => charset.trim_matches('"') == "utf-8",
                None => true,
            });
    if !is_json(headers) || !utf8 {
        let message = "send the request as application/json in UTF-8".to_owned();
        return Err(Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        ));
    }
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    if encodings.into_iter().any(|encoding| encoding != "identity") {
        let message = "send the request as it is: without `content-encoding`".to_owned();
        return Err(Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        ));
    }
    Ok(())
}

fn read_body(body: &[u8]) -> Result<Parameters, Refused> {
    // A byte order mark may be ignored (RFC 8259, section 8.1).
    serde_json::from_slice(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body))
        .map_err(|_| Refused::bad("the body is not a GraphQL request: a JSON object with a query"))
}

impl GetParameters {
    /// Whether the request contains no operation.
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
        request.variables = self.variables.unwrap_or_default();
        request.extensions = extensions;
        match app.api.documents.identify(&mut request) {
            Ok(()) => Ok(request),
            Err(Unidentified::NotFound) => {
                let message = Unidentified::NotFound.to_string();
                Err(Refused(StatusCode::OK, Unidentified::NotFound.code(), message))
            }
            Err(wrong) => Err(Refused::bad(wrong.to_string())),
        }
    }
}

/// What decides, before execution, whether and in which form an operation is answered.
struct About {
    kind: OperationType,
    audience: Audience,
}

impl About {
    /// A document that is refused, or lacks the operation, has no properties here: execution refuses it with the
    /// reason.
    async fn operation(app: &App, request: &mut Request) -> Option<Self> {
        let read = app.api.documents.open(request).await.ok()?;
        let operation = read.operation(request.operation_name.as_deref()).ok()?;
        Some(Self {
            kind: operation.kind,
            audience: operation.audience,
        })
    }
}

async fn answer(
    app: Arc<App>,
    method: Method,
    headers: HeaderMap,
    caller: Caller,
    mut request: Request,
) -> Response {
    let started = Instant::now();
    let request_id = app.db.clock().new_id().to_string();
    let in_flight = match app.limits.begin(caller.key()).await {
        Ok(in_flight) => in_flight,
        Err(error) => return not_admitted(&app, &headers, &error),
    };
    let accept = Accept::of(&headers);
    let about = match method == Method::GET || caller.actor.is_none() || accept.takes_events() {
        true => About::operation(&app, &mut request).await,
        false => None,
    };
    let kind = about.as_ref().map(|about| about.kind);
    let form = accept.form(kind == Some(OperationType::Subscription));
    let may_ask = caller.actor.is_some()
        || match &about {
            Some(about) => caller.is_among(about.audience),
            None => !caller.dead_token,
        };
    let by_post_alone = match kind {
        Some(OperationType::Mutation) => true,
        Some(OperationType::Subscription) => form != Form::Events,
        Some(OperationType::Query) | None => false,
    };
    let response = match form {
        _ if method == Method::GET && by_post_alone => only_by_post(&headers),
        _ if !may_ask => {
            let refused = Refused::failed(StatusCode::UNAUTHORIZED, &Error::Unauthenticated);
            refuse(&headers, &refused)
        }
        Form::Events => {
            drop(in_flight);
            match app.lasting.operation(caller.key()) {
                Some(place) => over_events::answer(&app, request, caller, request_id.clone(), place),
                None => {
                    let message = "too many operations at a time".to_owned();
                    let refused = Refused(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY", message);
                    refuse(&headers, &refused)
                }
            }
        }
        Form::Json(json) => once(&app, &headers, caller, request, &request_id, json).await,
    };
    finish(response, &request_id, started)
}

fn only_by_post(headers: &HeaderMap) -> Response {
    let message = "only queries can be sent by GET: send mutations by POST".to_owned();
    let refused = Refused(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", message);
    let mut response = refuse(headers, &refused);
    let allow = HeaderValue::from_static("POST");
    response.headers_mut().insert(header::ALLOW, allow);
    response
}

/// Executes a query or a mutation.
async fn once(
    app: &Arc<App>,
    headers: &HeaderMap,
    caller: Caller,
    request: Request,
    request_id: &str,
    json: Json,
) -> Response {
    let signed_in = caller.actor.is_some();
    let answer = execute(&app.api, request, caller, request_id).await;
    let later = try_later(&answer.response);
    let status = status(&answer.response, json, signed_in, later);
    let body = json::answer(&answer.response);
    let (body, encoding) = match answer.is_query {
        true => compress(body, headers).await,
        false => (body, None),
    };
    let mut response = respond(json, status, body);
    if answer.is_query {
        let vary = HeaderValue::from_static("accept, accept-encoding");
        response.headers_mut().insert(header::VARY, vary);
    }
    if let Some(encoding) = encoding {
        let name = HeaderValue::from_static(encoding.name());
        response.headers_mut().insert(header::CONTENT_ENCODING, name);
    }
    if let Some(seconds) = later.and_then(Error::retry_after) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some(quota) = answer.quota {
        write_quota(&mut response, quota);
    }
    response
}

/// The status is 200 for everything that was executed, even with field errors, unless an internal error leaves no data.
fn status(answer: &GraphQLResponse, json: Json, signed_in: bool, later: Option<&Error>) -> StatusCode {
    let refused = json::was_refused(answer);
    if let Some(error) = later {
        match error {
            Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::TOO_MANY_REQUESTS,
        }
    } else if (signed_in || refused) && has(answer, Error::Unauthenticated.code()) {
        // The caller was locked out during the request, or is not allowed to send it.
        StatusCode::UNAUTHORIZED
    } else if answer.data == GraphQLValue::Null && has(answer, "INTERNAL") {
        StatusCode::INTERNAL_SERVER_ERROR
    } else if refused && json == Json::Graphql {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    }
}

/// The response to a request that was not admitted.
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
    let mut response = refuse(headers, &Refused::failed(status, error));
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    finish(response, &request_id, started)
}

/// Counts the response and sets its request id.
fn finish(response: Response, request_id: &str, started: Instant) -> Response {
    metrics::request_answered(response.status().as_u16(), started.elapsed());
    with_request_id(response, request_id)
}

fn respond(json: Json, status: StatusCode, body: Vec<u8>) -> Response {
    let about = [
        (header::CONTENT_TYPE, json.content_type()),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (status, about, body).into_response();
    if status == StatusCode::UNAUTHORIZED {
        let ask = HeaderValue::from_static("Bearer");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, ask);
    }
    response
}

fn refuse(headers: &HeaderMap, Refused(status, code, message): &Refused) -> Response {
    let answer = GraphQLResponse::from_errors(vec![coded(message, code)]);
    respond(Accept::of(headers).json(), *status, json::answer(&answer))
}

fn with_request_id(mut response: Response, id: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}
