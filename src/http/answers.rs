//! Answers that every address has: errors, and what is left to the caller.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::domain::limits::Quota;
use crate::error::{Code, Error, Refusal};
use crate::graphql::kit::user_error::UserErrorCode;

/// Says what is left, in the headers of draft-ietf-httpapi-ratelimit-headers as most programs know them.
pub fn write_quota(response: &mut Response, quota: Quota) {
    for (name, value) in [
        ("ratelimit-limit", quota.limit),
        ("ratelimit-remaining", quota.remaining),
        ("ratelimit-reset", quota.reset),
    ] {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value.into());
    }
}

/// What an address beside GraphQL answers when it can't do what it should: the error in the form that GraphQL has for it.
pub fn failure(error: &Error) -> Response {
    let status = match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::NotFound(_) => StatusCode::NOT_FOUND,
        Error::BadInput(_) => StatusCode::BAD_REQUEST,
        Error::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
        Error::Conflict => StatusCode::CONFLICT,
        Error::Unavailable(cause) => {
            tracing::error!(cause, "the database can't be reached");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Error::Database(_) | Error::Internal(_) => {
            tracing::error!(cause = ?error, "a request failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let mut response = told(status, error.code(), &error.to_string());
    let headers = response.headers_mut();
    if let Error::Unauthenticated = error {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if let Some(seconds) = error.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// An error that has a status and a code of its own.
pub fn told(status: StatusCode, code: &str, message: &str) -> Response {
    let errors = json!([{ "message": message, "extensions": { "code": code } }]);
    (status, Json(json!({ "errors": errors }))).into_response()
}

/// What such an address answers when a rule says no: each reason with its code and what it is about.
pub fn refusal(reasons: &[Refusal]) -> Response {
    let tell = |reason: &Refusal| {
        let code = UserErrorCode::from(reason.code);
        json!({ "message": reason.message, "extensions": { "code": code.name(), "field": reason.field } })
    };
    let missing = reasons.iter().any(|reason| reason.code == Code::NotFound);
    let status = if missing {
        StatusCode::NOT_FOUND
    } else {
        StatusCode::BAD_REQUEST
    };
    let errors: Vec<_> = reasons.iter().map(tell).collect();
    (status, Json(json!({ "errors": errors }))).into_response()
}
