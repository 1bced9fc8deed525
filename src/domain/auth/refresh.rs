//! refreshSession: a refresh token in, its successor and a new access token out.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::refresh_token::Model as RefreshToken;
use entity::user::Model as User;
use entity::{SessionId, Timestamp, refresh_token, session as sessions, user};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::secret::{LONGEST, fingerprint, new_secret, successor};
use super::session::{self, Tokens};
use crate::domain::auth::authenticator::Authenticator;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// How long after its use a refresh token still answers its successor: two tabs of a browser may refresh at the same
/// time, and a client whose connection broke asks again.
const GRACE: TimeDelta = TimeDelta::seconds(10);

/// Extends a session. Each refresh token has one successor, whoever asks for it: used again within ten seconds, and as
/// long as the successor has not been used, it answers the same successor. Any later use means that two parties hold the
/// token, and ends the session for both (RFC 9700, section 4.14.2).
///
/// # Errors
/// [`Code::TokenInvalid`] when the token is unknown or was used before, or its session has ended.
pub async fn refresh(auth: &Authenticator, token: &str) -> Outcome<Tokens> {
    if token.len() > LONGEST {
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

/// The next refresh token, unless there is none to be had: the end of a session has to be committed, so that is no refusal.
async fn renew(tx: &Tx, token: &str) -> Outcome<Option<(User, SessionId, String)>> {
    let hash = fingerprint(token);
    let Some(found) = refresh_token::Entity::find_by_id(&hash).one(&tx.conn).await? else {
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
    let Some(user) = user.filter(User::is_active) else {
        return Ok(None);
    };
    // Refreshes of one session wait for each other here.
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
    if let Some(salt) = may_repeat(&presented, tx.now) {
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

/// Makes the successor of a token that has not been used before, and forgets how the token itself was derived.
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

/// The salt of a used token that may still answer its successor: it was used a moment ago, and the successor, whose use
/// deletes the salt, has not been used.
fn may_repeat(used: &RefreshToken, now: Timestamp) -> Option<&str> {
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
        assert_eq!(may_repeat(&row(Some(at), Some("salt")), soon), Some("salt"));
        assert_eq!(may_repeat(&row(Some(at), Some("salt")), at + GRACE), None);
        assert_eq!(may_repeat(&row(Some(at), None), soon), None);
        assert_eq!(successor("salt", "token"), successor("salt", "token"));
        assert_ne!(successor("salt", "token"), successor("pepper", "token"));
        assert_ne!(successor("salt", "token"), successor("salt", "other"));
    }
}
