//! refreshSession: exchanges a refresh token for its successor and a new access token.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::refresh_token::Model as RefreshToken;
use entity::user::Model as User;
use entity::{SessionId, Timestamp, refresh_token, session as sessions, user};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::secret::{MAX_SECRET_LENGTH, fingerprint, new_secret, successor};
use super::session::{self, Tokens};
use crate::domain::auth::authenticator::Authenticator;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// How long a used refresh token still returns its successor: two tabs of a browser may refresh concurrently, and a
/// client retries after a lost connection.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Extends a session. Each refresh token has one successor: reused within ten seconds, and before the successor was
/// used, it returns the same successor. Any later reuse means that two parties hold the token, and ends the session for
/// both (RFC 9700, section 4.14.2).
///
/// # Errors
/// [`Code::TokenInvalid`] if the token is unknown or was used before, or its session has ended.
pub async fn refresh(auth: &Authenticator, token: &str) -> Outcome<Tokens> {
    if token.len() > MAX_SECRET_LENGTH {
        return invalid();
    }
    let renewed = auth
        .db
        .write(move |tx: Arc<Tx>| async move { renew(&tx, token).await })
        .await?;
    match renewed {
        Some((user, session, refresh)) => session::tokens(auth, user, session, refresh).await,
        None => invalid(),
    }
}

/// Returns the next refresh token, or `None`: no refusal, because ending a session has to be committed.
async fn renew(tx: &Tx, token: &str) -> Outcome<Option<(User, SessionId, String)>> {
    let hash = fingerprint(token);
    let Some((id, user)) = owner(tx, &hash).await? else {
        return Ok(None);
    };
    if !user.is_active() {
        return Ok(None);
    }
    // Serializes the refreshes of one session.
    let open = sessions::Entity::update_many()
        .col_expr(sessions::Column::LastUsedAt, Expr::value(tx.now))
        .filter(sessions::Column::Id.eq(id))
        .filter(sessions::Column::EndedAt.is_null())
        .filter(sessions::Column::ExpiresAt.gt(tx.now))
        .exec(&tx.conn)
        .await?;
    if open.rows_affected == 0 {
        return Ok(None);
    }
    let Some(presented) = refresh_token::Entity::find_by_id(&hash).one(&tx.conn).await? else {
        return Ok(None);
    };
    if presented.used_at.is_none() {
        return Ok(Some((user, id, replace(tx, presented, token).await?)));
    }
    if let Some(salt) = repeatable_salt(&presented, tx.now) {
        return Ok(Some((user, id, successor(salt, token))));
    }
    let author = Author::Person(user.id, user.email.clone());
    session::end(tx, id).await?;
    journal::record(
        tx,
        &author,
        Action::RefreshTokenReused,
        Some(id.into()),
        json!({}),
    )
    .await?;
    Ok(None)
}

/// Returns the session of a refresh token, used or not, and its person, locked against a dismissal.
pub(super) async fn owner(tx: &Tx, hash: &str) -> Outcome<Option<(SessionId, User)>> {
    let Some(found) = refresh_token::Entity::find_by_id(hash).one(&tx.conn).await? else {
        return Ok(None);
    };
    let id = found.session_id;
    let Some(of) = sessions::Entity::find_by_id(id).one(&tx.conn).await? else {
        return Ok(None);
    };
    let user = user::Entity::find_by_id(of.user_id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    Ok(user.map(|user| (id, user)))
}

/// Creates the successor of an unused token, and deletes the salt that the token itself was derived with.
async fn replace(tx: &Tx, presented: RefreshToken, token: &str) -> Outcome<String> {
    let salt = new_secret()?;
    let next = successor(&salt, token);
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::SuccessorSalt, Expr::value(None::<String>))
        .filter(refresh_token::Column::SessionId.eq(presented.session_id))
        .filter(refresh_token::Column::SuccessorSalt.is_not_null())
        .exec(&tx.conn)
        .await?;
    refresh_token::Entity::update_many()
        .col_expr(refresh_token::Column::UsedAt, Expr::value(tx.now))
        .col_expr(refresh_token::Column::SuccessorSalt, Expr::value(salt))
        .filter(refresh_token::Column::Hash.eq(presented.hash))
        .exec(&tx.conn)
        .await?;
    session::add_refresh_token(tx, presented.session_id, &next).await?;
    Ok(next)
}

/// Returns the salt of a used token that may still return its successor: used within the grace period, and the
/// successor, whose use deletes the salt, is unused.
fn repeatable_salt(used: &RefreshToken, now: Timestamp) -> Option<&str> {
    let recently = used.used_at.is_some_and(|at| now < at + GRACE);
    used.successor_salt.as_deref().filter(|_| recently)
}

fn invalid<T>() -> Outcome<T> {
    refuse(
        Code::TokenInvalid,
        "refreshToken",
        "this refresh token is unknown, used or expired: sign in",
    )
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_used_token_repeats_its_answer_for_ten_seconds_while_its_successor_is_unused() {
        let at = Timestamp::UNIX_EPOCH;
        let row = |used_at: Option<Timestamp>, salt: Option<&str>| RefreshToken {
            hash: String::new(),
            session_id: SessionId(Uuid::nil()),
            issued_at: at,
            used_at,
            successor_salt: salt.map(str::to_owned),
        };
        let soon = at + GRACE - TimeDelta::microseconds(1);
        assert_eq!(repeatable_salt(&row(Some(at), Some("salt")), soon), Some("salt"));
        assert_eq!(repeatable_salt(&row(Some(at), Some("salt")), at + GRACE), None);
        assert_eq!(repeatable_salt(&row(Some(at), None), soon), None);
        assert_eq!(successor("salt", "token"), successor("salt", "token"));
        assert_ne!(successor("salt", "token"), successor("pepper", "token"));
        assert_ne!(successor("salt", "token"), successor("salt", "other"));
    }
}
