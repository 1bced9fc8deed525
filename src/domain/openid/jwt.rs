//! JSON Web Tokens of identity providers: taking them apart, and the checks that are common to all kinds.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::Timestamp;
use jsonwebtoken::Algorithm;

use super::claims::Claims;

/// Maximum length of a token, in bytes.
const MAX_LENGTH: usize = 16 << 10;
/// Tolerated difference between the clocks of the provider and this server, in seconds.
pub const LEEWAY: f64 = 60.0;

/// Why a token is refused: for the log, never for the caller.
pub type Refused = &'static str;

/// A signed token, taken apart. That its signature is right is for the caller to check.
pub struct Token<'a> {
    /// What is signed.
    pub message: &'a str,
    /// The signature, in base64url.
    pub signature: &'a str,
    /// How it is signed: one of RS256, PS256, ES256 and EdDSA.
    pub algorithm: Algorithm,
    /// The `kid` of the key.
    pub key_id: Option<String>,
    /// The `typ`, in lower case and without `application/`.
    pub kind: Option<String>,
    /// The claims.
    pub claims: Claims,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// If it is malformed, not signed by one of the four algorithms, or has critical extensions.
    pub fn read(text: &'a str) -> Result<Self, Refused> {
        if text.len() > MAX_LENGTH {
            return Err("the token is too long");
        }
        let (message, signature) = text.rsplit_once('.').ok_or("the token is not signed")?;
        let (header, claims) = message.split_once('.').ok_or("the token has no claims")?;
        let read = |part: &str| {
            let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
            Claims::read(&json)
        };
        let header = read(header).ok_or("the header of the token can't be read")?;
        let claims = read(claims).ok_or("the claims of the token can't be read")?;
        if header.get("crit").is_some() {
            return Err("the token has critical extensions");
        }
        let algorithm = match header.text("alg") {
            Some("RS256") => Algorithm::RS256,
            Some("PS256") => Algorithm::PS256,
            Some("ES256") => Algorithm::ES256,
            Some("EdDSA") => Algorithm::EdDSA,
            _ => return Err("the algorithm of the token is not supported"),
        };
        let text = |name: &str| match header.get(name) {
            None => Ok::<_, Refused>(None),
            Some(value) => Ok(Some(value.as_str().ok_or("the header of the token is odd")?)),
        };
        let kind = text("typ")?.map(str::to_ascii_lowercase);
        let short = |kind: String| kind.strip_prefix("application/").unwrap_or(&kind).to_owned();
        Ok(Self {
            message,
            signature,
            algorithm,
            key_id: text("kid")?.map(str::to_owned),
            kind: kind.map(short),
            claims,
        })
    }
}

/// Checks `exp`, which is required if `expires`, `nbf`, and that `iat` is at most `max_age` seconds ago.
///
/// # Errors
/// If one of them is out of range, missing or not a number.
pub fn check_times(claims: &Claims, now: Timestamp, max_age: f64, expires: bool) -> Result<(), Refused> {
    let now = now.timestamp() as f64;
    let optional = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(_) => claims.time(name).map(Some).ok_or("a time of the token is odd"),
    };
    match optional("exp")? {
        Some(at) if at <= now - LEEWAY => return Err("the token has expired"),
        None if expires => return Err("the token has no exp"),
        _ => {}
    }
    if optional("nbf")?.is_some_and(|at| at > now + LEEWAY) {
        return Err("the token is not valid yet");
    }
    let issued = optional("iat")?.ok_or("the token has no iat")?;
    if issued > now + LEEWAY || issued < now - max_age - LEEWAY {
        return Err("the token was issued too long ago, or in the future");
    }
    Ok(())
}

/// Checks that the token is by this issuer and for this client.
///
/// # Errors
/// If it is by another one, for others alone, or for several and not authorized for this one.
pub fn check_parties(claims: &Claims, issuer: &str, client: &str) -> Result<(), Refused> {
    if claims.text("iss") != Some(issuer) {
        return Err("the token is by another issuer");
    }
    let audiences = claims.audiences().ok_or("the token has no audience")?;
    if !audiences.contains(&client) {
        return Err("the token is for another client");
    }
    match claims.get("azp") {
        None if audiences.len() > 1 => Err("the token is for several clients and has no azp"),
        Some(azp) if azp.as_str() != Some(client) => Err("the token is authorized for another client"),
        _ => Ok(()),
    }
}
