//! Setting a password by a one-time link, which also signs in: shared by acceptInvitation and resetPassword.

use entity::user::{self, Model as User};
use entity::{SessionId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};
use secrecy::SecretString;

use super::password::{self, Lane};
use super::secret::{MAX_SECRET_LENGTH, fingerprint};
use super::sign_in::From;
use super::{networks, session};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::limits::Network;
use crate::domain::people::create;
use crate::error::Outcome;
use crate::store::db::Tx;

/// Returns the stored hash of a link's token; `None` for a text that is too long to be one.
pub fn hash_of(token: &str) -> Option<String> {
    (token.len() <= MAX_SECRET_LENGTH).then(|| fingerprint(token))
}

/// Checks the strength of the password chosen by the person of a link, and hashes it. `None` if there is no such
/// person.
///
/// # Errors
/// [`PasswordTooWeak`](crate::error::Code::PasswordTooWeak).
pub async fn hash_password(
    auth: &Authenticator,
    person: UserId,
    password: SecretString,
    network: Network,
) -> Outcome<Option<String>> {
    let Some(person) = user::Entity::find_by_id(person).one(auth.db.read()).await? else {
        return Ok(None);
    };
    password::check_strength(&password, &person.email, "password")?;
    Ok(Some(auth.passwords.hash(Lane::Network(network), password).await?))
}

/// Returns the person of a link in their current state. Their row is locked before the link is used, in the same order
/// as a dismissal.
///
/// # Errors
/// When the database fails.
pub async fn lock_person(tx: &Tx, person: UserId) -> Outcome<Option<User>> {
    Ok(user::Entity::find_by_id(person)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?)
}

/// Opens a session for a person with a new password; returns their stored row, and the input of [`session::tokens`].
///
/// # Errors
/// When the database fails.
pub async fn open_session(tx: &Tx, person: UserId, from: From<'_>) -> Outcome<(User, SessionId, String)> {
    let (session, refresh) = session::open(tx, person, from.user_agent, from.lifetime).await?;
    networks::remember(tx, person, from.network).await?;
    let person = create::find(tx, person, "token").await?;
    Ok((person, session, refresh))
}
