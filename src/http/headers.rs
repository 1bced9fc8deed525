//! Reading request headers.

use axum::http::{HeaderMap, HeaderName, header};

/// The value of a header, if it is text.
pub fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The bearer token of a request; empty if there is none, or another scheme.
pub fn bearer(headers: &HeaderMap) -> &str {
    text(headers, header::AUTHORIZATION)
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or("", |(_, token)| token.trim())
}

/// The parts of the content type: the media type, and its parameters.
pub fn content_type(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let kind = text(headers, header::CONTENT_TYPE).unwrap_or_default();
    kind.split(';').map(str::trim)
}

/// Whether the body is declared to be JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let media_type = content_type(headers).next();
    media_type.is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/json"))
}
