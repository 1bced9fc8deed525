//! resetPassword: the link of `issuePasswordReset` sets a new password.

use std::sync::Arc;

use entity::{password_reset, user};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::SecretString;
use serde_json::json;

use super::password::{self, Lane};
use super::secret::{LONGEST, fingerprint};
use super::session::{self, Tokens};
use super::sign_in::From;
use super::{links, networks};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::people::create;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Sets the password of the person whose link this is, ends all their sessions and opens a new one.
///
/// # Errors
/// [`Code::TokenInvalid`] when the link is unknown, used, replaced or too old, when the person is not active any more,
/// and when the one who issued it is no administrator any more; [`Code::PasswordTooWeak`].
pub async fn reset_password(
    auth: &Authenticator,
    token: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    if token.len() > LONGEST {
        return invalid();
    }
    let hash = &fingerprint(token);
    let now = auth.db.clock().now();
    let found = password_reset::Entity::find_by_id(hash)
        .one(auth.db.read())
        .await?;
    let Some(found) = &found.filter(|link| link.expires_at > now) else {
        return invalid();
    };
    let Some(person) = &user::Entity::find_by_id(found.user_id)
        .one(auth.db.read())
        .await?
    else {
        return invalid();
    };
    password::check_strength(&password, &person.email, "password")?;
    let password_hash = &auth.passwords.hash(Lane::Network(from.network), password).await?;

    let (user, session, refresh) = auth
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let person = user::Entity::find_by_id(person.id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let used = password_reset::Entity::delete_many()
                .filter(password_reset::Column::Hash.eq(hash))
                .filter(password_reset::Column::ExpiresAt.gt(tx.now))
                .exec(&tx.conn)
                .await?;
            let Some(person) = person.filter(|person| used.rows_affected == 1 && person.is_active()) else {
                return invalid();
            };
            if !links::is_administrator(tx, found.issued_by_id).await? {
                return invalid();
            }
            user::Entity::update_many()
                .col_expr(user::Column::PasswordHash, Expr::value(password_hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(person.id))
                .exec(&tx.conn)
                .await?;
            session::end_all(tx, person.id, None).await?;
            let author = Author::Person(person.id, person.email.clone());
            let data = json!({ "issuedBy": found.issued_by_id.to_string() });
            let subject = Some(person.id.into());
            journal::record(tx, &author, Action::PasswordReset, subject, data).await?;
            let (session, refresh) = session::open(tx, person.id, from.user_agent).await?;
            networks::remember(tx, person.id, from.network).await?;
            let user = create::find(tx, person.id, "token").await?;
            Ok((user, session, refresh))
        })
        .await?;
    session::tokens(auth, user, session, refresh).await
}

fn invalid<T>() -> Outcome<T> {
    refuse(
        Code::TokenInvalid,
        "token",
        "this link is unknown, used, replaced or too old: ask an administrator for a new one",
    )
}
