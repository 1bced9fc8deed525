//! Exchanges a code for tokens (RFC 6749, section 4.1.3).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use entity::identity_provider::Model as Provider;
use hyper::HeaderMap;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::jwt::Refused;
use super::metadata::{ClientAuthentication, Metadata};
use crate::egress::Egress;

/// Maximum size of an answer, in bytes.
const MAX_ANSWER: usize = 64 << 10;
/// What is encoded in Basic credentials: all but what is unreserved (RFC 3986, section 2.3), so that servers that don't
/// decode them understand the usual ones too.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The tokens of an answer.
pub struct Tokens {
    /// The ID token.
    pub id_token: SecretString,
    /// The access token, which is not used.
    pub access_token: Option<SecretString>,
}

/// Exchanges a code.
///
/// # Errors
/// Why there are no tokens, for the log.
pub async fn exchange(
    egress: &Egress,
    metadata: &Metadata,
    provider: &Provider,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<Tokens, Refused> {
    #[derive(Deserialize)]
    struct Answer {
        id_token: String,
        access_token: Option<String>,
    }
    let (headers, body) = request(metadata, provider, code, redirect_uri, verifier)?;
    let answer = egress.post(&metadata.token_endpoint, headers, body, MAX_ANSWER);
    let answer = answer.await.map_err(|_| "the token endpoint can't be reached")?;
    if answer.status != 200 {
        let told: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        return Err(reason(told["error"].as_str()));
    }
    let read: Answer = serde_json::from_slice(&answer.body).map_err(|_| "the answer has no ID token")?;
    Ok(Tokens {
        id_token: read.id_token.into(),
        access_token: read.access_token.map(SecretString::from),
    })
}

fn request(
    metadata: &Metadata,
    provider: &Provider,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Result<(HeaderMap, Vec<u8>), Refused> {
    let mut headers = HeaderMap::new();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, form);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    let mut body = Serializer::new(String::new());
    body.append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code_verifier", verifier);
    match (&provider.client_secret, metadata.authentication) {
        (Some(secret), ClientAuthentication::Basic) => {
            let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
            let pair = format!("{}:{}", encode(&provider.client_id), encode(secret));
            let value = format!("Basic {}", BASE64_STANDARD.encode(pair));
            let mut value = HeaderValue::from_str(&value).map_err(|_| "the client secret can't be sent")?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        (Some(secret), ClientAuthentication::Post) => {
            body.append_pair("client_id", &provider.client_id)
                .append_pair("client_secret", secret);
        }
        (None, _) => {
            body.append_pair("client_id", &provider.client_id);
        }
    }
    Ok((headers, body.finish().into_bytes()))
}

/// The error of an answer (RFC 6749, section 5.2), without the texts of the provider.
fn reason(error: Option<&str>) -> Refused {
    match error {
        Some("invalid_client") => "the token endpoint answers invalid_client: check client ID and secret",
        Some("invalid_grant") => "the token endpoint answers invalid_grant",
        Some("unauthorized_client") => "the token endpoint answers unauthorized_client",
        Some("invalid_request") => "the token endpoint answers invalid_request",
        _ => "the token endpoint answers with an error",
    }
}
