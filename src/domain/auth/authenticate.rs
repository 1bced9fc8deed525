//! Token -> [`Actor`]: once for every request, with one query.

use std::time::Duration;

use entity::{SessionId, Timestamp, UserId};

use super::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::integrations;
use crate::domain::limits::{Network, RateLimitKey};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::replica::SETTLES;
use crate::store::journal;

/// What there is to know about a session that is alive.
const ALIVE: &str = "SELECT u.email, u.role, s.show_dismissed_employees, FALSE \
    FROM sessions c JOIN users u ON u.id = c.user_id CROSS JOIN settings s \
    WHERE c.id = $1 AND c.user_id = $2 AND c.ended_at IS NULL AND c.expires_at > $3 AND u.status = 'ACTIVE'";

/// How long something that lasts goes on before it is asked [`again`] whether it may.
pub const RECHECK: Duration = Duration::from_millis(500);
/// Longest token, in bytes: ours have about 400.
const LONGEST: usize = 4096;

/// The person whose token this is, or the integration, if their session and their employment still stand. It costs
/// them a point, like every request.
///
/// Nobody is asked about a token for nothing. What a signature proves to be a person's is paid for by that person before
/// the database is asked, whether their session still stands or not; a wrong signature, and a token of an integration that
/// was not right before, by the network that it comes from.
///
/// This asks the database that is written to, never a replica: what a dismissal has written must be seen.
///
/// # Errors
/// [`Error::Unauthenticated`] when anything about the token, the session or the person is not in order;
/// [`Error::RateLimited`] when whoever has to pay has no points left.
pub async fn authenticate(
    auth: &Authenticator,
    access_token: &str,
    network: Network,
) -> Result<Actor, Error> {
    let now = auth.db.clock().now();
    let limits = &auth.limits;
    if access_token.len() > LONGEST {
        limits.admit(RateLimitKey::Anonymous(network), now)?;
        return Err(Error::Unauthenticated);
    }
    if access_token.starts_with(integrations::PREFIX) {
        let check = limits.admit_token(access_token, network, now)?;
        let found = integrations::authenticate::authenticate(&auth.db, access_token).await;
        limits.note_token(&check, &found, now);
        let actor = found?;
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

/// Whether somebody who was signed in still is, and as what: for connections that last longer than a token.
///
/// # Errors
/// As [`authenticate`].
pub async fn again(db: &Db, actor: &Actor) -> Result<Actor, Error> {
    if let Some(integration) = &actor.integration {
        let secret = integration.secret.ok_or(Error::Unauthenticated)?;
        return integrations::authenticate::again(db, secret).await;
    }
    look_up(db, actor.user_id, actor.session_id, db.clock().now()).await
}

/// The person of this session, if it still stands: for addresses that carry a secret in place of a token.
///
/// # Errors
/// As [`authenticate`].
pub async fn of_session(db: &Db, user_id: UserId, session_id: SessionId) -> Result<Actor, Error> {
    look_up(db, user_id, session_id, db.clock().now()).await
}

async fn look_up(db: &Db, user_id: UserId, session_id: SessionId, now: Timestamp) -> Result<Actor, Error> {
    let rows = match db.has_replica() {
        false => db::query(db.read(), ALIVE, [session_id.into(), user_id.into(), now.into()]).await?,
        // What they change stands in the audit log, so it does not matter which process they have changed it with.
        true => {
            let sql = ALIVE.replacen(
                "FALSE",
                "NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.actor_user_id = u.id AND a.id > $4)",
                1,
            );
            let since = journal::first_id(now - SETTLES);
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
        settled: row.try_get_by_index(3)?,
        integration: None,
    })
}
