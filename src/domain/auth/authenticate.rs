//! Authenticates an access token: one query per request.

use std::time::Duration;

use entity::{SessionId, Timestamp, UserId};

use super::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::integrations;
use crate::domain::integrations::authenticate::Credential;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::replica::READ_PRIMARY_FOR;
use crate::store::journal;

/// Reads an active session, with everything an [`Actor`] needs.
const ALIVE: &str = "SELECT u.email, u.role, s.show_dismissed_employees, FALSE \
    FROM sessions c JOIN users u ON u.id = c.user_id CROSS JOIN settings s \
    WHERE c.id = $1 AND c.user_id = $2 AND c.ended_at IS NULL AND c.expires_at > $3 AND u.status = 'ACTIVE'";

/// Interval at which long-lived requests check [`reauthenticate`] that they are still authorized.
pub const RECHECK_INTERVAL: Duration = Duration::from_millis(500);
/// Maximum length of a token, in bytes: ours have about 400.
const MAX_TOKEN_LENGTH: usize = 4096;

/// Returns the person or the integration with this token, if their session and their employment are active. Costs one
/// point, like every request.
///
/// No token is checked for free. A token with a valid signature is charged to its person before the database is
/// queried, whether their session is active or not; an invalid signature, or an integration's token not known to be
/// valid, to the network it comes from.
///
/// Reads from the primary, never from a replica: it must see every committed dismissal.
///
/// # Errors
/// [`Error::Unauthenticated`] if anything about the token, the session or the person is invalid; [`Error::RateLimited`]
/// if whoever is charged has no points left.
pub async fn authenticate(
    auth: &Authenticator,
    access_token: &str,
    network: Network,
) -> Result<Actor, Error> {
    let now = auth.db.clock().now();
    let limits = &auth.limits;
    if access_token.len() > MAX_TOKEN_LENGTH {
        limits.admit(RateLimitKey::Anonymous(network), now)?;
        return Err(Error::Unauthenticated);
    }
    if integrations::is_token(access_token) {
        let actor = check_integration(auth, access_token, network, now).await?;
        limits.admit(RateLimitKey::of(Some(&actor), network), now)?;
        return Ok(actor);
    }
    let verified = auth.tokens.verify(access_token, now).await;
    if let Err(Error::Unauthenticated) = verified {
        limits.admit(RateLimitKey::Anonymous(network), now)?;
    }
    let (user_id, session_id) = verified?;
    limits.admit(RateLimitKey::Person(user_id), now)?;
    look_up(&auth.db, user_id, session_id, now).await
}

/// As [`authenticate`], for integrations alone and without the point for the request: for endpoints with a limit of
/// their own, which the caller charges.
///
/// # Errors
/// As [`authenticate`]; [`Error::Unauthenticated`] for the token of a person.
pub async fn authenticate_integration(
    auth: &Authenticator,
    token: &str,
    network: Network,
) -> Result<Actor, Error> {
    let now = auth.db.clock().now();
    if token.len() > MAX_TOKEN_LENGTH || !integrations::is_token(token) {
        auth.limits.admit(RateLimitKey::Anonymous(network), now)?;
        return Err(Error::Unauthenticated);
    }
    check_integration(auth, token, network, now).await
}

async fn check_integration(
    auth: &Authenticator,
    token: &str,
    network: Network,
    now: Timestamp,
) -> Result<Actor, Error> {
    let check = auth.limits.admit_token(token, network, now)?;
    let found = integrations::authenticate::authenticate(&auth.db, token).await;
    auth.limits.record_token_check(&check, &found, now);
    found
}

/// Re-authenticates an actor: for connections that outlive a token.
///
/// # Errors
/// As [`authenticate`].
pub async fn reauthenticate(db: &Db, actor: &Actor) -> Result<Actor, Error> {
    if let Some(integration) = &actor.integration {
        let credential = Credential::of(integration).ok_or(Error::Unauthenticated)?;
        return integrations::authenticate::reauthenticate(db, credential).await;
    }
    look_up(db, actor.user_id, actor.session_id, db.clock().now()).await
}

/// Returns the person of an active session: for URLs with a secret instead of a token.
///
/// # Errors
/// As [`authenticate`].
pub async fn of_session(db: &Db, user_id: UserId, session_id: SessionId) -> Result<Actor, Error> {
    look_up(db, user_id, session_id, db.clock().now()).await
}

async fn look_up(db: &Db, user_id: UserId, session_id: SessionId, now: Timestamp) -> Result<Actor, Error> {
    let rows = match db.has_replica() {
        false => db::query(db.read(), ALIVE, [session_id.into(), user_id.into(), now.into()]).await?,
        // Writes are recorded in the audit log, so those of other processes count too.
        true => {
            let sql = ALIVE.replacen(
                "FALSE",
                "NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.actor_user_id = u.id AND a.id > $4)",
                1,
            );
            let since = journal::min_id_at(now - READ_PRIMARY_FOR);
            let values = [session_id.into(), user_id.into(), now.into(), since.into()];
            db::query(db.read(), &sql, values).await?
        }
    };
    let row = rows.first().ok_or(Error::Unauthenticated)?;
    Ok(Actor {
        user_id,
        session_id,
        role: row.try_get_by_index(1)?,
        email: row.try_get_by_index(0)?,
        dismissed_shown: row.try_get_by_index(2)?,
        may_read_replica: row.try_get_by_index(3)?,
        integration: None,
    })
}
