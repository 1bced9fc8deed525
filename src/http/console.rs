//! The pages for browsers, embedded in this binary: the console at every address that is not an endpoint, and the GraphQL
//! playground at `/graphql`. Both load nothing from, and send nothing to, other origins.

use std::io::Read;

use ::console::Asset;
use axum::Json;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::headers::text;

/// Content security policy of the console.
const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; require-trusted-types-for 'script'; trusted-types 'none'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Content security policy of the playground: its editor writes styles into the page.
const PLAYGROUND_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src 'self'; \
     frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// The console uses none of these.
const PERMISSIONS_POLICY: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
/// File names contain a hash of the content, so a file never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// The response to a browser when the server was built without its pages.
const WITHOUT: &str = "This is a GraphQL server: send queries by POST to /graphql.\n\n\
     It was built without its pages for browsers. Install Node.js 20 with npm, and build it again.\n";

/// Whether the address was opened in a browser, instead of a query being sent to it.
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let accepts = text(headers, header::ACCEPT);
    accepts.is_some_and(|accepts| {
        accepts
            .split(',')
            .next()
            .is_some_and(|first| first.trim().starts_with("text/html"))
    })
}

/// The page of the playground.
pub fn playground(headers: &HeaderMap) -> Response {
    page(console::playground(), headers, PLAYGROUND_POLICY)
}

/// The page of the console for a browser, at every address that nothing else answers; 404 for other clients.
pub async fn fallback(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let is_page = method == Method::GET && is_wanted(&headers) && !uri.path().starts_with("/console/");
    match is_page {
        true => page(console::console(), &headers, CONSOLE_POLICY),
        false => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The build of the pages: one that was loaded before an upgrade finds out that it is out of date.
pub async fn version() -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store")];
    (headers, Json(json!({ "build": console::BUILD }))).into_response()
}

/// An asset of the pages.
pub async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match console::find(&name).filter(|asset| !asset.name.ends_with(".html")) {
        Some(asset) => answer(asset, &headers, FOR_EVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(page: Option<&'static Asset>, headers: &HeaderMap, policy: &'static str) -> Response {
    let Some(page) = page else {
        return (StatusCode::OK, WITHOUT).into_response();
    };
    let mut response = answer(page, headers, "no-cache");
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn answer(asset: &Asset, headers: &HeaderMap, caching: &'static str) -> Response {
    let accepts = text(headers, header::ACCEPT_ENCODING).unwrap_or_default();
    let accepts = |encoding: &str| {
        accepts
            .split([',', ';', ' '])
            .any(|accepted| accepted == encoding)
    };
    let about = [
        (header::CONTENT_TYPE, asset.media_type()),
        (header::CACHE_CONTROL, caching),
        (header::VARY, "accept-encoding"),
    ];
    for (encoding, bytes) in [("br", asset.brotli), ("gzip", asset.gzipped)] {
        if accepts(encoding) {
            let mut response = (about, bytes).into_response();
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            return response;
        }
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
