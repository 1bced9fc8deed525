//! refreshSession: a refresh token in, the next one and a new access token out.

use std::sync::Arc;

use entity::{refresh_token, session as sessions, user};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::secret::{LONGEST, fingerprint};
use super::session::{self, Tokens};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Outcome, refuse};
use crate::journal::{self, Action, Author};

/// Prolongs a session. A refresh token is good once: whoever presents one a second time, the thief or the
/// robbed, ends the session for both (RFC 9700, section 4.14.2).
///
/// # Errors
/// [`Code::TokenInvalid`] when the token is unknown, used, or its session is over.
pub async fn refresh(app: &App, token: &str) -> Outcome<Tokens> {
    if token.len() > LONGEST {
        return invalid();
    }
    let hash = &fingerprint(token);
    let renewed = app
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let Some(row) = refresh_token::Entity::find_by_id(hash).one(&tx.conn).await? else {
                return Ok(None);
            };
            let Some(open) = sessions::Entity::find_by_id(row.session_id).one(&tx.conn).await? else {
                return Ok(None);
            };
            let user = user::Entity::find_by_id(open.user_id)
                .lock(LockType::Share)
                .one(&tx.conn)
                .await?;
            let Some(user) = user.filter(|user| user.is_active()) else {
                return Ok(None);
            };
            if open.ended_at.is_some() || open.expires_at <= tx.now {
                return Ok(None);
            }
            let used = refresh_token::Entity::update_many()
                .col_expr(refresh_token::Column::UsedAt, Expr::value(tx.now))
                .filter(refresh_token::Column::Hash.eq(hash))
                .filter(refresh_token::Column::UsedAt.is_null())
                .exec(&tx.conn)
                .await?;
            if used.rows_affected == 0 {
                let author = Author::Person(user.id, user.email.clone());
                session::end(tx, open.id).await?;
                journal::record(
                    tx,
                    &author,
                    Action::RefreshTokenReused,
                    Some(open.id.into()),
                    json!({}),
                )
                .await?;
                return Ok(None);
            }
            sessions::Entity::update_many()
                .col_expr(sessions::Column::LastUsedAt, Expr::value(tx.now))
                .filter(sessions::Column::Id.eq(open.id))
                .exec(&tx.conn)
                .await?;
            Ok(Some((
                user,
                open.id,
                session::add_refresh_token(tx, open.id).await?,
            )))
        })
        .await?;
    match renewed {
        Some((user, session, refresh)) => session::tokens(app, user, session, refresh).await,
        None => invalid(),
    }
}

fn invalid<T>() -> Outcome<T> {
    refuse(
        Code::TokenInvalid,
        "refreshToken",
        "this refresh token is unknown, used or over: sign in",
    )
}
