//! What an identity provider sends to revoke everything of a person (draft-parecki-oauth-global-token-revocation, as
//! Universal Logout of Okta sends it): a signed token, and a body that names the person.

use entity::Timestamp;

use super::claims::Claims;
use super::jwt::{LEEWAY, Refused, Token, check_times};

/// The `typ` of the token.
const KIND: &str = "global-token-revocation+jwt";
/// Maximum age of the token, and the longest time until it expires, in seconds.
const MAX_AGE: f64 = 300.0;

/// Whom a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// By an e-mail address.
    Email(String),
    /// By issuer and `sub`.
    Account {
        /// The issuer.
        issuer: String,
        /// The `sub`.
        subject: String,
    },
    /// In a way that is not supported.
    Unsupported,
}

/// Reads the body of a request: a Subject Identifier (RFC 9493) as `sub_id`. `None` if it is malformed.
pub fn read_subject(body: &[u8]) -> Option<Subject> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    let id = body.get("sub_id")?.to_string();
    let id = Claims::read(id.as_bytes())?;
    let owned = |name: &str| id.name(name).map(str::to_owned);
    match id.text("format")? {
        "email" => Some(Subject::Email(owned("email")?)),
        "iss_sub" => Some(Subject::Account {
            issuer: owned("iss")?,
            subject: owned("sub")?,
        }),
        _ => Some(Subject::Unsupported),
    }
}

/// Checks a token whose issuer and client are known: the type, that it is for this address alone, the times; returns its
/// `jti`, if it has one.
///
/// # Errors
/// The first thing that is wrong.
pub fn check<'a>(token: &'a Token<'_>, audience: &str, now: Timestamp) -> Result<Option<&'a str>, Refused> {
    let claims = &token.claims;
    if token.kind.as_deref() != Some(KIND) {
        return Err("the token is no token for revocation");
    }
    if claims.audiences().is_none_or(|all| all != [audience]) {
        return Err("the token is for another address");
    }
    check_times(claims, now, MAX_AGE, true)?;
    let latest = now.timestamp() as f64 + MAX_AGE + LEEWAY;
    if claims.time("exp").is_none_or(|at| at > latest) {
        return Err("the token is valid for too long");
    }
    match claims.get("jti") {
        None => Ok(None),
        Some(_) => claims.name("jti").map(Some).ok_or("the jti of the token is odd"),
    }
}
