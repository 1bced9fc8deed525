//! The GraphQL playground for browsers, embedded in this binary, without third-party scripts.

use std::io::Read;

use ::console::Asset;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

/// Content security policy of the playground. It loads nothing from, and sends nothing to, other origins; the editor
/// writes styles into the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// File names contain a hash of the content, so a file never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The response to a browser when the server was built without the playground.
const WITHOUT: &str = "This is a GraphQL server: send queries by POST.\n\n\
     It was built without its page for trying queries. Install Node.js 20 with npm, and build it again.\n";

/// Whether the address was opened in a browser, instead of a query being sent to it.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepts.is_some_and(|accepts| {
        accepts
            .split(',')
            .next()
            .is_some_and(|first| first.trim().starts_with("text/html"))
    })
}

/// The page of the playground.
pub fn page(headers: &HeaderMap) -> Response {
    match console::page() {
        Some(page) => answer(page, headers, "no-cache"),
        None => (StatusCode::OK, WITHOUT).into_response(),
    }
}

/// An asset of the playground.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match console::find(&name).filter(|asset| asset.name != "page.html") {
        Some(asset) => answer(asset, &headers, FOR_EVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Redirects to the playground.
pub async fn home() -> Redirect {
    Redirect::to("/graphql")
}

fn answer(asset: &Asset, headers: &HeaderMap, caching: &'static str) -> Response {
    let accepts = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let about = [
        (header::CONTENT_TYPE, asset.media_type()),
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept-encoding"),
    ];
    if accepts.is_some_and(|accepts| accepts.contains("gzip")) {
        let mut response = (about, asset.gzipped).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        return response;
    }
    let mut bytes = Vec::new();
    match flate2::read::GzDecoder::new(asset.gzipped).read_to_end(&mut bytes) {
        Ok(_) => (about, bytes).into_response(),
        Err(cause) => {
            tracing::error!(%cause, asset.name, "a file of the page can't be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
