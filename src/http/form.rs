//! Reading forms: `application/x-www-form-urlencoded` bodies of OAuth and OpenID Connect.

use std::collections::HashMap;

use axum::http::HeaderMap;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::headers::content_type;

/// The media type of a body.
const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// Parameters by name; any of them may be a secret.
pub type Form = HashMap<String, SecretString>;

/// Why a form can't be read.
pub type Unreadable = &'static str;

/// Whether the body is declared to be a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let media_type = content_type(headers).next();
    media_type.is_some_and(|found| found.eq_ignore_ascii_case(MEDIA_TYPE))
}

/// Reads a form. A parameter without a value counts as missing (RFC 6749, section 3.2); none occurs twice.
///
/// # Errors
/// What is wrong, for the client.
pub fn read(body: &[u8]) -> Result<Form, Unreadable> {
    let unreadable = "the body can't be read";
    let text = std::str::from_utf8(body).map_err(|_| unreadable)?;
    let mut form = Form::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name).ok_or(unreadable)?;
        let value = decode(value).ok_or(unreadable)?;
        if !value.is_empty() && form.insert(name, value.into()).is_some() {
            return Err("a parameter is given twice");
        }
    }
    Ok(form)
}

/// Decodes a name or a value.
pub fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
