//! Access tokens: JSON Web Tokens signed with EdDSA, good for ten minutes, and never enough by themselves:
//! every request looks the session up again.

use chrono::TimeDelta;
use entity::user::Role;
use entity::{SessionId, Timestamp, UserId};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::keys::KeyRing;
use crate::error::Error;

/// How long an access token lives.
pub const ACCESS_LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// The `aud` of the tokens.
const AUDIENCE: &str = "handover";
/// How far the clocks of two replicas may be apart, in seconds.
const LEEWAY: i64 = 5;

/// What an access token says.
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    role: String,
    exp: i64,
    iat: i64,
    jti: String,
}

/// Signs an access token; answers it and when it ends.
///
/// # Errors
/// When the database has no key to sign with.
pub async fn issue(
    keys: &KeyRing,
    issuer: &str,
    user: (UserId, Role),
    session: SessionId,
    now: Timestamp,
    id: uuid::Uuid,
) -> Result<(String, Timestamp), Error> {
    let (kid, key) = keys.signing().await?;
    let ends = now + ACCESS_LIFETIME;
    let claims = Claims {
        iss: issuer.to_owned(),
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

/// Reads an access token: signature, algorithm, issuer, audience and time. Answers whose it is and of which
/// session; the caller still has to ask the database whether both are still good.
///
/// # Errors
/// [`Error::Unauthenticated`] when anything about it is wrong.
pub async fn verify(
    keys: &KeyRing,
    issuer: &str,
    token: &str,
    now: Timestamp,
) -> Result<(UserId, SessionId), Error> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Unauthenticated)?;
    if header.alg != Algorithm::EdDSA {
        return Err(Error::Unauthenticated);
    }
    let kid = header.kid.ok_or(Error::Unauthenticated)?;
    let key = keys.verifying(&kid).await?.ok_or(Error::Unauthenticated)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The time is checked below, by the clock that everything else goes by.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules)
        .map_err(|_| Error::Unauthenticated)?
        .claims;
    if claims.exp + LEEWAY <= now.timestamp() || claims.iat > now.timestamp() + LEEWAY {
        return Err(Error::Unauthenticated);
    }
    let user = claims.sub.parse().map_err(|_| Error::Unauthenticated)?;
    let session = claims.sid.parse().map_err(|_| Error::Unauthenticated)?;
    Ok((user, session))
}
