//! OAuth 2.0: access tokens for integrations by the client credentials grant (RFC 6749, section 4.4), and the metadata
//! of the authorization server (RFC 8414) and of the protected resource (RFC 9728).

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::answers::failure;
use super::app::App;
use super::form::{self, Form, decode};
use super::peer;
use crate::domain::integrations::issue_access_token::{
    Credentials, Issued, NotIssued, TokenRequest, issue_access_token,
};
use crate::domain::integrations::public_key::ALGORITHMS;
use crate::domain::integrations::scope;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;

/// The token endpoint.
pub const TOKEN_PATH: &str = "/oauth/token";
/// Metadata of the authorization server.
pub const SERVER_PATH: &str = "/.well-known/oauth-authorization-server";
/// Metadata of the protected resource.
pub const RESOURCE_PATH: &str = "/.well-known/oauth-protected-resource";

/// Maximum size of a body, in bytes.
const BODY: usize = 16 << 10;
/// The only kind of assertion (RFC 7523, section 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Named where a client is asked to authenticate.
const CHALLENGE: &str = "Basic realm=\"handover\", charset=\"UTF-8\"";
/// How long metadata may be cached.
const METADATA_CACHE: &str = "public, max-age=300";

/// Why a request is refused (RFC 6749, section 5.2): the error, and a description of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refused(&'static str, &'static str);

const fn invalid_request(why: &'static str) -> Refused {
    Refused("invalid_request", why)
}

/// Issues an access token.
pub async fn token(State(app): State<Arc<App>>, request: Request) -> Response {
    let network = Network::of_request(app.behind_proxy, request.headers(), peer(&request));
    let key = RateLimitKey::Anonymous(network);
    if let Err(error) = app.limits.admit(key, app.db.clock().now()) {
        return failed(&error);
    }
    let (parts, body) = request.into_parts();
    if !form::is_form(&parts.headers) {
        return refused(invalid_request(
            "send the parameters as application/x-www-form-urlencoded",
        ));
    }
    let Ok(body) = axum::body::to_bytes(body, BODY).await else {
        return refused(invalid_request("the body is too large or broke off"));
    };
    let request = match read(&parts.headers, &body) {
        Ok(request) => request,
        Err(why) => return refused(why),
    };
    if let Some(client) = request.credentials.client() {
        let admitted = app
            .limits
            .admit_token_request(client, network, app.db.clock().now());
        if let Err(error) = admitted {
            return failed(&error);
        }
    }
    let audiences = [issuer(&app), format!("{}{TOKEN_PATH}", issuer(&app))];
    match issue_access_token(&app.db, &audiences, &request).await {
        Ok(issued) => {
            app.limits.give_back(key, 1, app.db.clock().now());
            told(&issued, request.scope.as_deref())
        }
        Err(NotIssued::InvalidClient) => {
            refused(Refused("invalid_client", "the client is not authenticated"))
        }
        Err(NotIssued::InvalidScope) => {
            let why = "a scope is unknown, or the integration does not have its permission";
            refused(Refused("invalid_scope", why))
        }
        Err(NotIssued::Failed(error)) => failed(&error),
    }
}

/// Metadata of the authorization server (RFC 8414, section 2).
pub async fn server_metadata(State(app): State<Arc<App>>) -> Response {
    let issuer = issuer(&app);
    metadata(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}{TOKEN_PATH}"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "grant_types_supported": ["client_credentials"],
        // Required, but there is no authorization endpoint.
        "response_types_supported": [],
        "scopes_supported": scopes(),
    }))
}

/// Metadata of the protected resource (RFC 9728, section 2).
pub async fn resource_metadata(State(app): State<Arc<App>>) -> Response {
    let issuer = issuer(&app);
    metadata(json!({
        "resource": issuer,
        "resource_name": "Handover",
        "authorization_servers": [issuer],
        "scopes_supported": scopes(),
        "bearer_methods_supported": ["header"],
    }))
}

/// The issuer: the public address, which is also the `iss` of the tokens of people.
fn issuer(app: &App) -> String {
    app.public_url.trim_end_matches('/').to_owned()
}

fn scopes() -> Vec<&'static str> {
    scope::NAMES.iter().map(|(name, _)| *name).collect()
}

fn metadata(body: Value) -> Response {
    ([(header::CACHE_CONTROL, METADATA_CACHE)], Json(body)).into_response()
}

/// Reads a request for a token.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<TokenRequest, Refused> {
    let mut form = form::read(body).map_err(invalid_request)?;
    match form.get("grant_type").map(|grant| grant.expose_secret()) {
        Some("client_credentials") => {}
        Some(_) => {
            return Err(Refused(
                "unsupported_grant_type",
                "the only grant type is client_credentials",
            ));
        }
        None => return Err(invalid_request("grant_type is missing")),
    }
    let scope = form.remove("scope").map(|scope| scope.expose_secret().to_owned());
    let credentials = read_credentials(headers, form)?;
    Ok(TokenRequest { credentials, scope })
}

/// Reads how the client authenticates: in exactly one way (RFC 6749, section 2.3).
fn read_credentials(headers: &HeaderMap, mut form: Form) -> Result<Credentials, Refused> {
    let named = form
        .remove("client_id")
        .map(|client| client.expose_secret().to_owned());
    let assertion_type = form.remove("client_assertion_type");
    let basic = headers.get(header::AUTHORIZATION);
    match (
        basic,
        form.remove("client_secret"),
        form.remove("client_assertion"),
    ) {
        (Some(value), None, None) if assertion_type.is_none() => {
            let unreadable = Refused("invalid_client", "the Authorization header is no valid Basic");
            let (client, secret) = read_basic(value).ok_or(unreadable)?;
            if named.is_some_and(|named| named != client) {
                return Err(invalid_request("two different clients are named"));
            }
            Ok(Credentials::Secret { client, secret })
        }
        (None, Some(secret), None) if assertion_type.is_none() => {
            let client = named.ok_or(invalid_request("client_id is missing"))?;
            Ok(Credentials::Secret { client, secret })
        }
        (None, None, Some(assertion)) => match assertion_type.as_ref().map(|kind| kind.expose_secret()) {
            Some(JWT_BEARER) => Ok(Credentials::Assertion {
                client: named,
                assertion,
            }),
            Some(_) => Err(Refused(
                "invalid_client",
                "this client_assertion_type is not supported",
            )),
            None => Err(invalid_request("client_assertion_type is missing")),
        },
        (None, None, None) if assertion_type.is_some() => Err(invalid_request("client_assertion is missing")),
        (None, None, None) => Err(Refused("invalid_client", "the client does not authenticate")),
        _ => Err(invalid_request("the client authenticates in more than one way")),
    }
}

/// Reads Basic credentials, both parts of which are encoded as in a form (RFC 6749, section 2.3.1).
fn read_basic(value: &HeaderValue) -> Option<(String, SecretString)> {
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    let credentials = BASE64_STANDARD.decode(credentials.trim()).ok()?;
    let credentials = String::from_utf8(credentials).ok()?;
    let (client, secret) = credentials.split_once(':')?;
    let (client, secret) = (decode(client)?, decode(secret)?);
    scheme
        .eq_ignore_ascii_case("basic")
        .then(|| (client, secret.into()))
}

/// The answer with a token. It names the scopes if some were requested: without, the token has all permissions of the
/// integration, and not all of these are scopes.
fn told(issued: &Issued, scope: Option<&str>) -> Response {
    let mut body = json!({
        "access_token": issued.token.expose_secret(),
        "token_type": "Bearer",
        "expires_in": issued.expires_in.num_seconds(),
    });
    if let Some(scope) = scope {
        body["scope"] = scope.into();
    }
    unstored(Json(body).into_response())
}

fn refused(Refused(error, why): Refused) -> Response {
    let status = match error {
        "invalid_client" => StatusCode::UNAUTHORIZED,
        _ => StatusCode::BAD_REQUEST,
    };
    let body = Json(json!({ "error": error, "error_description": why }));
    let mut response = unstored((status, body).into_response());
    if status == StatusCode::UNAUTHORIZED {
        // Required of every 401 (RFC 9110, section 15.5.2).
        let challenge = HeaderValue::from_static(CHALLENGE);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// An error that is not the client's, or a limit, with the status and the headers of other endpoints.
fn failed(error: &Error) -> Response {
    let (mut parts, _) = failure(error).into_parts();
    let name = match error {
        Error::Internal(_) | Error::Database(_) => "server_error",
        _ => "temporarily_unavailable",
    };
    let body = json!({ "error": name, "error_description": error.to_string() });
    parts.headers.remove(header::CONTENT_LENGTH);
    unstored(Response::from_parts(parts, Body::from(body.to_string())))
}

/// Neither tokens nor errors are kept by caches (RFC 6749, section 5.1).
fn unstored(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
