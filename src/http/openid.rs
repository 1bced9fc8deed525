//! What identity providers call: back-channel logout (OpenID Connect Back-Channel Logout 1.0) and global token
//! revocation (draft-parecki-oauth-global-token-revocation, the Universal Logout of Okta).

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde_json::json;

use super::answers::failure;
use super::app::App;
use super::form;
use super::headers::{bearer, is_json};
use super::peer;
use crate::domain::limits::{Network, RateLimitKey, points};
use crate::domain::openid::back_channel::{NotEnded, log_out};
use crate::domain::openid::revocation::read_subject;
use crate::domain::openid::revoke_sessions::{Revoked, revoke_sessions};
use crate::error::Error;
use crate::graphql::points::CHECKING;

/// Ends sessions that were opened with a provider.
pub const LOGOUT_PATH: &str = "/auth/oidc/{provider}/backchannel-logout";
/// Ends all sessions of a person.
pub const REVOCATION_PATH: &str = "/auth/revoke";

/// Maximum size of a body, in bytes.
const BODY: usize = 32 << 10;

/// Back-channel logout: a form with a `logout_token`. 200 also if there was no session.
pub async fn back_channel_logout(
    State(app): State<Arc<App>>,
    Path(provider): Path<String>,
    request: Request,
) -> Response {
    let (headers, body, key) = match receive(&app, request).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    if !form::is_form(&headers) {
        return invalid_request("send logout_token as application/x-www-form-urlencoded");
    }
    let form = match form::read(&body) {
        Ok(form) => form,
        Err(why) => return invalid_request(why),
    };
    let (Some(token), Ok(id)) = (form.get("logout_token"), provider.parse()) else {
        return invalid_request("there is no logout_token, or no such identity provider");
    };
    match log_out(&app.db, app.providers(), id, token.expose_secret()).await {
        Ok(()) => {
            give_back(&app, key);
            unstored(StatusCode::OK.into_response())
        }
        Err(NotEnded::Refused(why)) => {
            tracing::warn!(provider = %id, why, "a back-channel logout was refused");
            invalid_request(why)
        }
        Err(NotEnded::Failed(error)) => unstored(failure(&error)),
    }
}

/// Global token revocation: a JSON body with a `sub_id`, and a token signed by the provider.
pub async fn revoke(State(app): State<Arc<App>>, request: Request) -> Response {
    let (headers, body, key) = match receive(&app, request).await {
        Ok(received) => received,
        Err(response) => return *response,
    };
    let token = bearer(&headers);
    if token.is_empty() {
        return unauthenticated();
    }
    let subject = match is_json(&headers) {
        true => read_subject(&body),
        false => None,
    };
    let Some(subject) = subject else {
        return invalid_request("the body is a JSON object with a sub_id in the format email or iss_sub");
    };
    let audience = format!("{}{REVOCATION_PATH}", app.public_url.trim_end_matches('/'));
    let revoked = revoke_sessions(&app.db, app.providers(), token, &audience, &subject).await;
    if !matches!(revoked, Ok(Revoked::Unauthenticated(_)) | Err(_)) {
        give_back(&app, key);
    }
    match revoked {
        Ok(Revoked::Done) => unstored(StatusCode::NO_CONTENT.into_response()),
        Ok(Revoked::Unauthenticated(why)) => {
            tracing::warn!(why, "a global token revocation was refused");
            unauthenticated()
        }
        Ok(Revoked::Forbidden) => told(
            StatusCode::FORBIDDEN,
            "access_denied",
            "the identity provider doesn't speak for this person",
        ),
        Ok(Revoked::Unknown) => told(StatusCode::NOT_FOUND, "not_found", "there is no such person"),
        Ok(Revoked::Unsupported) => told(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unsupported_subject",
            "the formats of sub_id are email and iss_sub",
        ),
        Err(error) => unstored(failure(&error)),
    }
}

/// Takes the points of a request from its network, and reads its body. The points of checking a token are
/// [given back](give_back) if it was right.
async fn receive(app: &App, request: Request) -> Result<(HeaderMap, Bytes, RateLimitKey), Box<Response>> {
    let network = Network::of_request(app.behind_proxy, request.headers(), peer(&request));
    let (key, now) = (RateLimitKey::Anonymous(network), app.db.clock().now());
    let admitted = app.limits.admit(key, now);
    let admitted = admitted.and_then(|()| app.limits.reserve(key, points(CHECKING), now));
    admitted.map_err(|error| Box::new(unstored(failure(&error))))?;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY).await;
    let body = body.map_err(|_| Box::new(invalid_request("the body is too large or broke off")))?;
    Ok((parts.headers, body, key))
}

fn give_back(app: &App, key: RateLimitKey) {
    app.limits.give_back(key, points(CHECKING), app.db.clock().now());
}

fn invalid_request(why: &str) -> Response {
    told(StatusCode::BAD_REQUEST, "invalid_request", why)
}

fn unauthenticated() -> Response {
    let mut response = failure(&Error::Unauthenticated);
    let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    unstored(response)
}

/// An error in the format of OAuth (RFC 6749, section 5.2).
fn told(status: StatusCode, error: &str, why: &str) -> Response {
    let body = Json(json!({ "error": error, "error_description": why }));
    unstored((status, body).into_response())
}

fn unstored(mut response: Response) -> Response {
    let value = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, value);
    response
}
