//! Access tokens: JSON Web Tokens signed with EdDSA, valid for ten minutes, and never sufficient by themselves: every
//! request looks the session up.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::user::Role;
use entity::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use lru::LruCache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::keys::{ACCESS_LIFETIME, KeyRing};
use crate::error::Error;

/// The `aud` of the tokens.
const AUDIENCE: &str = "handover";
/// Tolerated clock difference between processes, in seconds.
const LEEWAY: i64 = 5;

/// Maximum number of cached tokens.
const MAX_CACHED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    role: String,
    exp: i64,
    iat: i64,
    /// Not before (RFC 7519, section 4.1.5). Tokens issued here have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    jti: String,
}

/// Claims of a token with a verified signature.
#[derive(Clone)]
struct VerifiedClaims {
    kid: String,
    user: UserId,
    session: SessionId,
    /// Not valid before.
    begins: i64,
    ends: i64,
}

/// Issues and verifies tokens. Verified signatures are cached by the hash of the token: clients send the same one for
/// ten minutes, and the signature is its most expensive part. What can change is checked each time: the expiry, the
/// key, and, by the caller, the session.
pub struct Tokens {
    keys: KeyRing,
    issuer: String,
    known: Mutex<LruCache<[u8; 32], VerifiedClaims>>,
}

impl Tokens {
    /// Creates an instance for tokens of this issuer.
    pub fn new(keys: KeyRing, issuer: String) -> Self {
        Self {
            keys,
            issuer,
            known: Mutex::new(LruCache::new(MAX_CACHED)),
        }
    }

    /// Signs an access token; returns it and its expiry.
    ///
    /// # Errors
    /// When the database has no key to sign with.
    pub async fn issue(
        &self,
        user: (UserId, Role),
        session: SessionId,
        now: Timestamp,
        id: uuid::Uuid,
    ) -> Result<(String, Timestamp), Error> {
        let (kid, key) = self.keys.signing().await?;
        let ends = now + ACCESS_LIFETIME;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: user.0.to_string(),
            sid: session.to_string(),
            role: match user.1 {
                Role::Administrator => "ADMINISTRATOR",
                Role::Employee => "EMPLOYEE",
            }
            .to_owned(),
            exp: ends.timestamp(),
            iat: now.timestamp(),
            nbf: None,
            jti: id.to_string(),
        };
        let header = Header {
            kid: Some(kid),
            ..Header::new(Algorithm::EdDSA)
        };
        Ok((
            jsonwebtoken::encode(&header, &claims, &key).map_err(Error::internal)?,
            ends,
        ))
    }

    /// Verifies an access token: signature, algorithm, issuer, audience and time. Returns its person and session; the
    /// caller must still check both in the database.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if anything about it is invalid.
    pub async fn verify(&self, token: &str, now: Timestamp) -> Result<(UserId, SessionId), Error> {
        let hash = Sha256::digest(token.as_bytes()).into();
        let known = self.lock().get(&hash).cloned();
        let known = match known {
            Some(known) if self.keys.verifying(&known.kid).await?.is_some() => known,
            _ => {
                let read = self.read(token).await?;
                self.lock().put(hash, read.clone());
                read
            }
        };
        if known.ends + LEEWAY <= now.timestamp() || known.begins > now.timestamp() + LEEWAY {
            return Err(Error::Unauthenticated);
        }
        Ok((known.user, known.session))
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<[u8; 32], VerifiedClaims>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn read(&self, token: &str) -> Result<VerifiedClaims, Error> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?;
        if header.alg != Algorithm::EdDSA || names_what_is_critical(token) {
            return Err(Error::Unauthenticated);
        }
        let kid = header.kid.ok_or(Error::Unauthenticated)?;
        let key = self.keys.verifying(&kid).await?.ok_or(Error::Unauthenticated)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // Expiry is checked with the injected clock.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules)
            .map_err(|_| Error::Unauthenticated)?
            .claims;
        Ok(VerifiedClaims {
            kid,
            user: claims.sub.parse().map_err(|_| Error::Unauthenticated)?,
            session: claims.sid.parse().map_err(|_| Error::Unauthenticated)?,
            begins: claims.nbf.map_or(claims.iat, |nbf| nbf.max(claims.iat)),
            ends: claims.exp,
        })
    }
}

/// Returns whether the header names critical extensions (RFC 7515, section 4.1.11): none is supported.
pub fn names_what_is_critical(token: &str) -> bool {
    let header = token.split('.').next().unwrap_or_default();
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).ok();
    let header = header.and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok());
    header.is_none_or(|header| header.get("crit").is_some())
}
