//! Sessions of browsers. The refresh token is in a cookie that no script can read and that is sent to `/session` alone;
//! the access token is returned, and kept in memory by the page. No other endpoint reads cookies.
//!
//! `POST /session` signs in, `POST /session/with` completes a sign-in with an identity provider, `POST /session/refresh`
//! returns a new access token, `POST /session/end` signs out. Requests are JSON and have to come from a page of this server: a cross-origin request with this content type needs a preflight,
//! which is not granted, and its `Sec-Fetch-Site` or `Origin` gives it away.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::answers::{failure, told};
use super::app::App;
use super::headers::{is_json, text};
use super::peer;
use crate::domain::auth::secret::fingerprint;
use crate::domain::auth::session::{Lifetime, Tokens};
use crate::domain::auth::{refresh, sign_in, sign_out};
use crate::domain::limits::{Network, RateLimitKey, points};
use crate::domain::openid::callback::Callback;
use crate::domain::openid::{complete, end_session};
use crate::error::{Error, Failure, Outcome};
use crate::graphql::kit::user_error::UserErrorCode;
use crate::graphql::points::CHECKING;

/// The path of the cookie, and of the first endpoint.
pub const PATH: &str = "/session";
/// Completes a sign-in with an identity provider.
pub const WITH_PATH: &str = "/session/with";
/// Exchanges the cookie for a new access token.
pub const REFRESH_PATH: &str = "/session/refresh";
/// Ends the session of the cookie.
pub const END_PATH: &str = "/session/end";

/// Maximum size of a body, in bytes.
const BODY: usize = 16 << 10;

#[derive(Deserialize)]
struct SignIn {
    email: String,
    password: String,
    /// Keeps the session when the browser is closed.
    #[serde(default)]
    keep: bool,
}

/// Signs in with e-mail address and password.
pub async fn open(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = network(&app, &request);
    let (headers, body) = match receive(&app, request, network).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    let message = "the body is a JSON object with `email`, `password` and `keep`";
    let wanted: SignIn = match read(&body, message) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    let lifetime = match wanted.keep {
        true => Lifetime::Long,
        false => Lifetime::Short,
    };
    let from = sign_in::From {
        user_agent: text(&headers, header::USER_AGENT),
        network,
        lifetime,
    };
    let password = SecretString::from(wanted.password);
    let tokens = sign_in::sign_in(app.auth(), &wanted.email, password, from).await;
    answer(&app, tokens, lifetime)
}

#[derive(Deserialize)]
struct SignInWith {
    state: String,
    code: String,
    iss: Option<String>,
    binding: String,
}

/// Completes a sign-in with an identity provider, which `startSignInWith` has begun.
pub async fn open_with(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = network(&app, &request);
    let (headers, body) = match receive(&app, request, network).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    let message = "the body is a JSON object with `state`, `code`, `iss` and `binding`";
    let wanted: SignInWith = match read(&body, message) {
        Ok(wanted) => wanted,
        Err(response) => return *response,
    };
    let key = RateLimitKey::Anonymous(network);
    let cost = points(CHECKING);
    if let Err(error) = app.limits.reserve(key, cost, app.db.clock().now()) {
        return failure(&error);
    }
    let lifetime = Lifetime::Short;
    let from = sign_in::From {
        user_agent: text(&headers, header::USER_AGENT),
        network,
        lifetime,
    };
    let callback = Callback {
        state: wanted.state,
        code: wanted.code,
        iss: wanted.iss,
        binding: wanted.binding,
    };
    let tokens = complete::complete(app.auth(), app.providers(), &callback, from).await;
    if tokens.is_ok() {
        app.limits.give_back(key, cost, app.db.clock().now());
    }
    answer(&app, tokens, lifetime)
}

/// Returns a new access token for the session of the cookie.
pub async fn renew(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = network(&app, &request);
    let (headers, _) = match receive(&app, request, network).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    let Some((lifetime, token)) = cookie(&app, &headers) else {
        return failure(&Error::Unauthenticated);
    };
    let key = RateLimitKey::Anonymous(network);
    let cost = points(CHECKING);
    if let Err(error) = app.limits.reserve(key, cost, app.db.clock().now()) {
        return failure(&error);
    }
    let tokens = refresh::refresh(app.auth(), &token).await;
    if tokens.is_ok() {
        app.limits.give_back(key, cost, app.db.clock().now());
    }
    answer(&app, tokens, lifetime)
}

/// Ends the session of the cookie, and removes the cookie. Returns the URL to open to sign out of the identity provider
/// too, if there is one.
pub async fn end(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = network(&app, &request);
    let (headers, _) = match receive(&app, request, network).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    let mut body = json!({});
    if let Some((_, token)) = cookie(&app, &headers) {
        match sign_out::by_refresh_token(&app.db, &token).await {
            Ok(Some(provider)) => match end_session::url(&app.db, app.providers(), provider).await {
                Ok(Some(url)) => body["endSessionUrl"] = url.into(),
                Ok(None) => {}
                Err(error) => return failure(&error),
            },
            Ok(None) | Err(Failure::Refused(_)) => {}
            Err(Failure::Broken(error)) => return failure(&error),
        }
    }
    with_cookie(&app, Lifetime::Short, None, body)
}

fn network(app: &App, request: &Request) -> Network {
    Network::of_request(app.behind_proxy, request.headers(), peer(request))
}

/// Checks where the request comes from and takes its point, before its body is read.
async fn receive(app: &App, request: Request, network: Network) -> Result<(HeaderMap, Bytes), Box<Response>> {
    check_origin(app, request.headers())?;
    let key = RateLimitKey::Anonymous(network);
    let admitted = app.limits.admit(key, app.db.clock().now());
    admitted.map_err(|error| Box::new(failure(&error)))?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY).await.map_err(|_| {
        let message = "the body is too large or broke off";
        Box::new(told(StatusCode::PAYLOAD_TOO_LARGE, "BAD_USER_INPUT", message))
    })?;
    Ok((parts.headers, body))
}

/// Refuses what is not sent by a page of this server.
fn check_origin(app: &App, headers: &HeaderMap) -> Result<(), Box<Response>> {
    if !is_json(headers) {
        let message = "send the request as application/json";
        return Err(Box::new(told(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        )));
    }
    let same = match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        // Browsers leave it out on plain HTTP.
        None => text(headers, header::ORIGIN).is_some_and(|origin| is_own(app, headers, origin)),
    };
    match same {
        true => Ok(()),
        false => {
            let message = "this endpoint is for pages of this server: use the mutation signIn";
            Err(Box::new(told(StatusCode::FORBIDDEN, "FORBIDDEN", message)))
        }
    }
}

/// Whether an origin is that of this server: by its public URL, or as the request addresses it.
fn is_own(app: &App, headers: &HeaderMap, origin: &str) -> bool {
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let public = app.public_url.split_once("://").map_or("", |(_, rest)| rest);
    let public = public.split('/').next().unwrap_or_default();
    !host.is_empty() && (host == public || text(headers, header::HOST) == Some(host))
}

fn read<T: DeserializeOwned>(body: &[u8], message: &str) -> Result<T, Box<Response>> {
    serde_json::from_slice(body)
        .map_err(|_| Box::new(told(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)))
}

/// The access token with the person, and the cookie; a refused one is 401.
fn answer(app: &App, tokens: Outcome<Tokens>, lifetime: Lifetime) -> Response {
    match tokens {
        Ok(tokens) => {
            let body = json!({
                "accessToken": tokens.access,
                "expiresAt": tokens.expires_at,
                "user": {
                    "id": tokens.user.id.to_string(),
                    "name": tokens.user.name(),
                    "email": tokens.user.email,
                },
            });
            with_cookie(app, lifetime, Some(&tokens.refresh), body)
        }
        Err(Failure::Broken(error)) => failure(&error),
        Err(Failure::Refused(reasons)) => {
            let errors = reasons.iter().map(|reason| {
                let code = UserErrorCode::from(reason.code);
                json!({ "message": reason.message, "extensions": { "code": code.name() } })
            });
            let body = json!({ "errors": errors.collect::<Vec<_>>() });
            (StatusCode::UNAUTHORIZED, Json(body)).into_response()
        }
    }
}

/// The name of the cookie. Cookies ignore ports: the address is in the name, so that two servers on one host don't
/// replace each other's.
fn name(app: &App) -> String {
    let hash = fingerprint(&app.public_url);
    let short: String = hash.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("__Secure-handover-{short}")
}

/// The value tells how long the session lasts, because a refresh sets the cookie anew.
fn with_cookie(app: &App, lifetime: Lifetime, token: Option<&str>, body: serde_json::Value) -> Response {
    let (mark, age) = match (token, lifetime) {
        (None, _) => ("", Some(0)),
        (Some(_), Lifetime::Long) => ("l.", Some(lifetime.seconds())),
        (Some(_), Lifetime::Short) => ("s.", None),
    };
    let age = age
        .map(|seconds| format!("; Max-Age={seconds}"))
        .unwrap_or_default();
    let cookie = format!(
        "{}={mark}{}; Path={PATH}; HttpOnly; Secure; SameSite=Strict{age}",
        name(app),
        token.unwrap_or_default()
    );
    let mut response = ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response();
    match HeaderValue::from_str(&cookie) {
        Ok(value) => {
            response.headers_mut().insert(header::SET_COOKIE, value);
            response
        }
        Err(cause) => failure(&Error::internal(cause)),
    }
}

fn cookie(app: &App, headers: &HeaderMap) -> Option<(Lifetime, String)> {
    let name = name(app);
    let all = headers.get_all(header::COOKIE).iter();
    let mut pairs = all
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(found, _)| *found == name)?;
    match value.split_once('.')? {
        ("l", token) => Some((Lifetime::Long, token.to_owned())),
        ("s", token) => Some((Lifetime::Short, token.to_owned())),
        _ => None,
    }
}
