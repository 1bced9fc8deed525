//! `/scim/v2`: directories provision people and groups by SCIM 2.0 (RFC 7644). This door authenticates, and translates
//! requests and responses; [`protocol`] has the rest.
//!
//! Every response here is a message of SCIM, also where the request never gets that far: see [`answer_in_scim`].

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use entity::directory::Model as Directory;

use super::app::App;
use super::headers::{bearer, content_type, text};
use super::oauth::RESOURCE_PATH;
use super::peer;
use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::authenticate_integration;
use crate::domain::directory;
use crate::domain::directory::discovery::MAX_BODY;
use crate::domain::directory::patch::MAX_OPERATIONS;
use crate::domain::directory::protocol::{self, Context, PREFIX};
use crate::domain::directory::refusals::{self, Refused};
use crate::domain::integrations::id_of;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;

/// Its routes.
pub const ROUTES: [&str; 3] = ["/scim/v2", "/scim/v2/", "/scim/v2/{*path}"];

/// Media type of all messages.
const MEDIA_TYPE: &str = "application/scim+json";

/// Answers a request.
pub async fn handle(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = Network::of_request(app.behind_proxy, request.headers(), peer(&request));
    let token = bearer(request.headers()).to_owned();
    let (actor, directory) = match admit(&app, &token, network).await {
        Ok(admitted) => admitted,
        Err(error) => return failed(&app, &error),
    };
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let received = match receive(request).await {
        Ok(received) => received,
        Err(response) => return respond(response),
    };
    let answered = answer(&app, &actor, &directory, &method, &received).await;
    let response = match answered {
        Ok(response) => response,
        Err(error) => return failed(&app, &error),
    };
    if !matches!(method, Method::GET | Method::HEAD) {
        let asked = (method.as_str(), path.as_str());
        keep_refused(&app, &actor, &directory, asked, &response, received.body.bytes()).await;
    }
    respond(response)
}

/// Keeps what was refused for the administrator. That it can't be kept changes nothing about the answer.
async fn keep_refused(
    app: &App,
    actor: &Actor,
    directory: &Directory,
    (method, path): (&str, &str),
    response: &protocol::Response,
    body: &[u8],
) {
    if response.refused.is_empty() {
        return;
    }
    let attributes = refusals::names(body);
    for refused in &response.refused {
        let (method, path) = match &refused.operation {
            Some((method, path)) => (method.clone(), path.clone()),
            None => (method.to_owned(), path.to_owned()),
        };
        let kept = Refused {
            method,
            path,
            status: refused.status,
            detail: refused.detail.clone(),
            attributes: attributes.clone(),
            by_rule: refused.by_rule,
        };
        if let Err(cause) = refusals::keep(&app.db, actor, directory, &kept).await {
            tracing::error!(?cause, "a refused request of a directory could not be kept");
        }
    }
}

/// Authenticates the directory, and charges one point.
async fn admit(app: &App, token: &str, network: Network) -> Result<(Actor, Directory), Error> {
    let actor = authenticate_integration(app.auth(), token, network).await?;
    charge(app, &actor, 1)?;
    let directory = directory::of_actor(app.db.read(), &actor).await?;
    refusals::note_request(&app.db, &directory).await?;
    Ok((actor, directory))
}

/// Charges points of the door, one for each request and each operation.
fn charge(app: &App, actor: &Actor, points: u32) -> Result<(), Error> {
    match id_of(actor) {
        Some(integration) if points > 0 => {
            app.limits
                .admit_directory(integration, points, app.db.clock().now())
        }
        _ => Ok(()),
    }
}

/// Reads a request.
async fn receive(request: Request) -> Result<protocol::Request, protocol::Response> {
    let error = |status, detail: &str| protocol::Response::error(status, None, detail);
    let (parts, body) = request.into_parts();
    let has_body = matches!(parts.method, Method::POST | Method::PUT | Method::PATCH);
    if has_body && !is_media_type(&parts.headers) {
        let detail = "the body must be application/scim+json or application/json";
        return Err(error(415, detail));
    }
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    let target = protocol::Request::read(target.strip_prefix(PREFIX).unwrap_or_default());
    let target = target.ok_or_else(|| error(400, "the address is not UTF-8"))?;
    let body = match has_body {
        true => to_bytes(body, MAX_BODY).await,
        false => Ok(Default::default()),
    };
    let header = |name| text(&parts.headers, name).map(str::to_owned);
    Ok(protocol::Request {
        if_match: header(header::IF_MATCH),
        if_none_match: header(header::IF_NONE_MATCH),
        body: body
            .map_err(|_| error(413, "the body can have at most 1 MiB"))?
            .to_vec()
            .into(),
        ..target
    })
}

/// Returns whether the body is said to be JSON; some clients say nothing.
fn is_media_type(headers: &HeaderMap) -> bool {
    let media_type = content_type(headers).next().unwrap_or_default();
    !headers.contains_key(header::CONTENT_TYPE)
        || [MEDIA_TYPE, "application/json"]
            .iter()
            .any(|known| media_type.eq_ignore_ascii_case(known))
}

async fn answer(
    app: &App,
    actor: &Actor,
    directory: &Directory,
    method: &Method,
    request: &protocol::Request,
) -> Result<protocol::Response, Error> {
    // More are refused, whatever they are.
    let operations = request.bulk_operations().min(MAX_OPERATIONS);
    charge(app, actor, u32::try_from(operations).unwrap_or(u32::MAX))?;
    let _in_flight = app
        .limits
        .begin(RateLimitKey::of(Some(actor), Network::UNKNOWN))
        .await?;
    let base = protocol::base(&app.public_url);
    let context = Context {
        db: &app.db,
        actor,
        directory,
        base: &base,
    };
    protocol::answer(context, protocol::Method::read(method.as_str()), request).await
}

/// The response to a request that was not carried out.
fn failed(app: &App, error: &Error) -> Response {
    if let Error::Unavailable(_) | Error::Database(_) | Error::Internal(_) = error {
        tracing::error!(cause = ?error, "a request of a directory failed");
    }
    let mut response = respond(protocol::Response::of_error(error));
    let headers = response.headers_mut();
    if let Error::Unauthenticated = error {
        headers.insert(header::WWW_AUTHENTICATE, challenge(app));
    }
    if let Some(seconds) = error.retry_after().or(retry_after(error)) {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// Asks for a token, and says where metadata tell how to get one (RFC 9728, section 5.1).
fn challenge(app: &App) -> HeaderValue {
    let base = app.public_url.trim_end_matches('/');
    let text = format!("Bearer resource_metadata=\"{base}{RESOURCE_PATH}\"");
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// A conflict with other writes is over in a moment.
fn retry_after(error: &Error) -> Option<u32> {
    matches!(error, Error::Conflict).then_some(1)
}

fn respond(response: protocol::Response) -> Response {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.body.map(|body| body.to_string()).unwrap_or_default();
    let mut answer = (status, body).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let texts = [
        (header::ETAG, response.etag),
        (header::LOCATION, response.location),
        (header::ALLOW, response.allow.map(str::to_owned)),
    ];
    for (name, value) in texts {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    answer
}

/// Turns errors of outer layers, such as a timeout, into messages of SCIM.
pub async fn answer_in_scim(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let is_message =
        response.headers().get(header::CONTENT_TYPE) == Some(&HeaderValue::from_static(MEDIA_TYPE));
    if is_message || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let reason = status.canonical_reason().unwrap_or("error");
    let message = protocol::Response::error(status.as_u16(), None, reason);
    let body = message.body.map(|body| body.to_string()).unwrap_or_default();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        parts
            .headers
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("2"));
    }
    Response::from_parts(parts, Body::from(body))
}
