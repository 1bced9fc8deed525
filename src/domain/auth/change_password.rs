//! changePassword, and setting a password on the command line.

use std::sync::Arc;

use entity::user::{self, email_key};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::guard::Needs;
use super::password::Lane;
use super::{Actor, links, password, session};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::openid::identities;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Changes the actor's own password and ends all their other sessions.
///
/// # Errors
/// [`Code::WrongCredentials`] if the current one is wrong, [`Code::PasswordTooWeak`] for the new one;
/// [`Error::RateLimited`] after too many wrong ones in this session.
pub async fn change_password(
    auth: &Authenticator,
    actor: &Actor,
    current: SecretString,
    new: SecretString,
) -> Outcome<()> {
    actor.require_person()?;
    password::check_strength(&new, &actor.email, "newPassword")?;
    let user = &user::Entity::find_by_id(actor.user_id)
        .one(auth.db.read())
        .await?
        .ok_or(Error::Unauthenticated)?;
    check_current(auth, actor, current, user).await?;
    let hash = &auth.passwords.hash(Lane::Person(actor.user_id), new).await?;
    auth.db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let changed = user::Entity::update_many()
                .col_expr(user::Column::PasswordHash, Expr::value(hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(actor.user_id))
                .filter(user::Column::PasswordHash.eq(user.password_hash.clone()))
                .exec(&tx.conn)
                .await?;
            if changed.rows_affected == 0 {
                return refuse(
                    Code::WrongCredentials,
                    "currentPassword",
                    "the password was changed meanwhile",
                );
            }
            session::end_all(tx, actor.user_id, Some(actor.session_id)).await?;
            links::end_for(tx, &actor.author(), actor.user_id, links::Reason::PasswordSet).await?;
            let subject = Some(actor.user_id.into());
            let recorded =
                journal::record(tx, &actor.author(), Action::PasswordChanged, subject, json!({})).await?;
            Ok(((), recorded))
        })
        .await
}

/// Checks the current password. The attempt is taken in advance, and refunded if it was right.
async fn check_current(
    auth: &Authenticator,
    actor: &Actor,
    current: SecretString,
    user: &user::Model,
) -> Outcome<()> {
    let wrong = || {
        refuse(
            Code::WrongCredentials,
            "currentPassword",
            "the current password is wrong",
        )
    };
    if current.expose_secret().len() > password::MAX_LENGTH {
        return wrong();
    }
    let attempts = &auth.limits.attempts;
    attempts.take_current_password(actor.session_id, auth.db.clock().now())?;
    let lane = Lane::Person(actor.user_id);
    let verified = auth
        .passwords
        .verify(lane, current, user.password_hash.clone())
        .await;
    if !matches!(verified, Ok(false)) {
        attempts.refund_current_password(actor.session_id, auth.db.clock().now());
    }
    match verified? {
        true => Ok(()),
        false => wrong(),
    }
}

/// Sets the password of the person with this e-mail address, ends all their sessions, and unlinks the accounts of
/// identity providers that they have linked themselves.
///
/// # Errors
/// [`Code::NotFound`] for an unknown address, [`Code::PasswordTooWeak`].
pub async fn set_password(auth: &Authenticator, email: &str, new: SecretString) -> Outcome<()> {
    password::check_strength(&new, email, "password")?;
    let hash = &auth.passwords.hash(Lane::Program, new).await?;
    auth.db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let found = user::Entity::find()
                .filter(user::Column::EmailKey.eq(email_key(email)))
                .one(&tx.conn)
                .await?;
            let Some(found) = found else {
                return refuse(
                    Code::NotFound,
                    "email",
                    format!("there is no person with the address {email}"),
                );
            };
            user::Entity::update_many()
                .col_expr(user::Column::PasswordHash, Expr::value(hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(found.id))
                .exec(&tx.conn)
                .await?;
            session::end_all(tx, found.id, None).await?;
            let author = Author::Program("handover user set-password");
            identities::forget_own(tx, &author, found.id).await?;
            links::end_for(tx, &author, found.id, links::Reason::PasswordSet).await?;
            journal::record(
                tx,
                &author,
                Action::PasswordChanged,
                Some(found.id.into()),
                json!({}),
            )
            .await?;
            Ok(())
        })
        .await
}
