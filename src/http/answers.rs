//! Responses shared by all endpoints: errors and rate limit headers.

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::domain::limits::Quota;
use crate::error::{Code, Error, Refusal};
use crate::graphql::execute::{Response as GraphQLResponse, try_later};
use crate::graphql::kit::user_error::UserErrorCode;
use crate::runtime::metrics::{labels::Door, rate_limited};

/// Writes the remaining quota into the commonly used rate limit headers (an earlier form of
/// draft-ietf-httpapi-ratelimit-headers).
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

/// The error response of an endpoint other than GraphQL, in the format of a GraphQL error.
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

/// An error with its own status and code.
pub fn told(status: StatusCode, code: &str, message: &str) -> Response {
    let errors = json!([{ "message": message, "extensions": { "code": code } }]);
    (status, Json(json!({ "errors": errors }))).into_response()
}

/// The response of such an endpoint when a rule refuses the request: each error with its code and field.
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

/// Counts an answer inside of a stream if a limit has refused the operation.
pub fn count_refused_operation(door: Door, answer: &GraphQLResponse) {
    if let Some(Error::RateLimited(_)) = try_later(answer) {
        rate_limited(door);
    }
}
