//! Client assertions: JSON Web Tokens with which a client proves that it has a private key (RFC 7523, section 2.2).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::{IntegrationId, IntegrationSecretId, Timestamp};
use jsonwebtoken::{Algorithm, Validation};
use serde::Deserialize;

use super::public_key::{PublicKey, decoy};
use crate::domain::auth::secret::fingerprint;
use crate::domain::auth::token::names_what_is_critical;

/// Maximum length of an assertion, in bytes.
const MAX_LENGTH: usize = 8 << 10;
/// Maximum length of a `jti`, in bytes.
const MAX_ID: usize = 255;
/// Maximum time between now and the `exp`, in seconds.
const MAX_LIFETIME: i64 = 300;
/// Tolerated difference between the clocks of client and server, in seconds.
const LEEWAY: i64 = 10;
/// How long an accepted assertion is remembered: longer than any could be accepted again.
pub const REMEMBERED: TimeDelta = TimeDelta::seconds(MAX_LIFETIME + 2 * LEEWAY + 1);

/// Claims of an assertion; all but `nbf` and `iat` are required.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Audience,
    exp: f64,
    nbf: Option<f64>,
    iat: Option<f64>,
    jti: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// An accepted assertion.
pub struct Accepted {
    /// The public key that verified it.
    pub key: IntegrationSecretId,
    /// The stored form of the client and the `jti`.
    pub hash: String,
}

/// Returns the client that an assertion names; nothing about it is verified.
pub fn named_client(assertion: &str) -> Option<IntegrationId> {
    #[derive(Deserialize)]
    struct Named {
        sub: String,
    }
    let claims = assertion
        .split('.')
        .nth(1)
        .filter(|_| assertion.len() <= MAX_LENGTH)?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?;
    serde_json::from_slice::<Named>(&claims).ok()?.sub.parse().ok()
}

/// Verifies an assertion of a client with these keys: the signature, an algorithm of the key's type, that `iss` and
/// `sub` are the client, that `aud` names nobody but this server, and `exp`, `nbf` and `iat`. `None` if anything is
/// wrong. That its `jti` is new is for the caller to check.
pub fn verify(
    assertion: &str,
    client: IntegrationId,
    keys: &[(IntegrationSecretId, PublicKey)],
    audiences: &[String],
    now: Timestamp,
) -> Option<Accepted> {
    if assertion.len() > MAX_LENGTH {
        return None;
    }
    let algorithm = jsonwebtoken::decode_header(assertion).ok()?.alg;
    let fitting = keys
        .iter()
        .filter(|(_, key)| key.algorithms().contains(&algorithm));
    let fitting: Vec<_> = fitting.map(|(id, key)| (Some(*id), key.verifying())).collect();
    let keys = match fitting.is_empty() {
        true => vec![(None, decoy(algorithm)?)],
        false => fitting,
    };
    let rules = signature_rules(algorithm);
    let (key, claims) = keys.iter().find_map(|(id, key)| {
        let read = jsonwebtoken::decode::<Claims>(assertion, key, &rules).ok()?;
        Some(((*id)?, read.claims))
    })?;
    let name = client.to_string();
    let is_right = claims.iss == name
        && claims.sub == name
        && claims.aud.is_among(audiences)
        && claims.is_timely(now)
        && !claims.jti.is_empty()
        && claims.jti.len() <= MAX_ID
        && !names_what_is_critical(assertion);
    is_right.then(|| Accepted {
        key,
        hash: fingerprint(&format!("{name} {}", claims.jti)),
    })
}

/// The library verifies the signature alone: it would take the time from the system clock, with a leeway of a minute,
/// ignore `nbf`, and accept an `aud` that names others too.
fn signature_rules(algorithm: Algorithm) -> Validation {
    let mut rules = Validation::new(algorithm);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_aud = false;
    rules
}

impl Audience {
    fn is_among(&self, ours: &[String]) -> bool {
        match self {
            Self::One(name) => ours.contains(name),
            Self::Several(names) => !names.is_empty() && names.iter().all(|name| ours.contains(name)),
        }
    }
}

impl Claims {
    fn is_timely(&self, now: Timestamp) -> bool {
        let (now, leeway) = (now.timestamp() as f64, LEEWAY as f64);
        let has_begun = |at: Option<f64>| at.is_none_or(|at| at <= now + leeway);
        self.exp > now - leeway
            && self.exp <= now + MAX_LIFETIME as f64 + leeway
            && has_begun(self.nbf)
            && has_begun(self.iat)
    }
}
