//! resetPassword: sets a new password with the link of `issuePasswordReset`.

use std::sync::Arc;

use entity::password_reset;
use entity::user::{self, Model as User};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use super::session::{self, Tokens};
use super::sign_in::From;
use super::{by_link, links, password_policy};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::openid::identities;
use crate::error::{Code, Outcome, Refusal};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Sets the password of the person of a link, ends all their sessions, unlinks the accounts that they have linked
/// themselves, and opens a new session.
///
/// # Errors
/// [`Code::TokenInvalid`] if the link is unknown, used, replaced or expired, the person is no longer active, or the
/// issuer is no longer an administrator; [`Code::PasswordTooWeak`]; [`Code::SignInFailed`] if the person may not sign in
/// with a password.
pub async fn reset_password(
    auth: &Authenticator,
    token: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    let hash = &by_link::hash_of(token).ok_or_else(invalid)?;
    let now = auth.db.clock().now();
    let link = password_reset::Entity::find_by_id(hash)
        .one(auth.db.read())
        .await?;
    let link = &link.filter(|link| link.expires_at > now).ok_or_else(invalid)?;
    let password_hash = &by_link::hash_password(auth, link.user_id, password, from.network)
        .await?
        .ok_or_else(invalid)?;

    let (user, session, refresh) = auth
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let person = use_link(tx, link).await?;
            if !password_policy::allows(tx, &person).await? {
                return Err(password_policy::refusal().into());
            }
            user::Entity::update_many()
                .col_expr(user::Column::PasswordHash, Expr::value(password_hash.clone()))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(person.id))
                .exec(&tx.conn)
                .await?;
            session::end_all(tx, person.id, None).await?;
            let author = Author::Person(person.id, person.email);
            identities::forget_own(tx, &author, person.id).await?;
            let data = json!({ "issuedBy": link.issued_by_id.to_string() });
            let subject = Some(person.id.into());
            journal::record(tx, &author, Action::PasswordReset, subject, data).await?;
            by_link::open_session(tx, person.id, from).await
        })
        .await?;
    session::tokens(auth, user, session, refresh).await
}

/// Deletes the link; returns its person if it is still valid.
async fn use_link(tx: &Tx, link: &password_reset::Model) -> Outcome<User> {
    let person = by_link::lock_person(tx, link.user_id).await?;
    let used = password_reset::Entity::delete_many()
        .filter(password_reset::Column::Hash.eq(&link.hash))
        .filter(password_reset::Column::ExpiresAt.gt(tx.now))
        .exec(&tx.conn)
        .await?;
    let person = person
        .filter(|person| used.rows_affected == 1 && person.is_active())
        .ok_or_else(invalid)?;
    match links::is_administrator(tx, link.issued_by_id).await? {
        true => Ok(person),
        false => Err(invalid().into()),
    }
}

fn invalid() -> Refusal {
    Refusal::new(
        Code::TokenInvalid,
        "token",
        "this link is unknown, used, replaced or expired: ask an administrator for a new one",
    )
}
