//! signIn: exchanges e-mail address and password for a session.

use std::sync::Arc;

use entity::{UserId, user, user::email_key};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use uuid::Uuid;

use super::networks;
use super::password::{self, Lane};
use super::password_policy;
use super::session::{self, Lifetime, Tokens};
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::limits::Network;
use crate::domain::limits::attempts::SignInAttempt;
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::runtime::metrics;
use crate::runtime::metrics::labels::{SignInMethod, SignInOutcome};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Maximum length of an e-mail address, in bytes (RFC 5321, section 4.5.3.1.3).
const EMAIL_LENGTH: usize = 254;

/// Origin of a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    /// User agent, as declared by the client.
    pub user_agent: Option<&'a str>,
    /// Network of the client.
    pub network: Network,
    /// How long the session lasts.
    pub lifetime: Lifetime,
}

/// Opens a session.
///
/// # Errors
/// [`Code::WrongCredentials`], indistinguishable, also by timing, for an unknown address, a wrong password, an invited
/// person and a dismissed one; [`Error::RateLimited`] after too many of these; [`Code::SignInFailed`] for the right
/// password of somebody who has to use an identity provider.
pub async fn sign_in(
    auth: &Authenticator,
    email: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    let outcome = check_and_open(auth, email.trim(), password, from).await;
    let counted = match &outcome {
        Ok(_) => SignInOutcome::Succeeded,
        Err(Failure::Refused(_)) => SignInOutcome::Refused,
        Err(Failure::Broken(Error::RateLimited(_))) => SignInOutcome::RateLimited,
        Err(Failure::Broken(_)) => SignInOutcome::Failed,
    };
    metrics::signed_in(SignInMethod::Password, counted);
    outcome
}

async fn check_and_open(
    auth: &Authenticator,
    email: &str,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    if email.len() > EMAIL_LENGTH || password.expose_secret().len() > password::MAX_LENGTH {
        return wrong();
    }
    let key = email_key(email);
    // PostgreSQL refuses to search for NUL, which no address contains.
    let found = match key.contains('\0') {
        true => None,
        false => {
            let by_address = user::Entity::find().filter(user::Column::EmailKey.eq(&key));
            by_address.one(auth.db.read()).await?
        }
    };
    // Also done for an unknown address, so that it takes as long.
    let id = found.as_ref().map_or(UserId(Uuid::nil()), |user| user.id);
    let now = auth.db.clock().now();
    let known = networks::is_known(&auth.db, id, from.network, now).await?;
    let attempt = SignInAttempt {
        account: &key,
        network: from.network,
        known,
    };
    let attempts = &auth.limits.attempts;
    attempts.take_sign_in(attempt, now)?;
    let lane = match known {
        true => Lane::Person(id),
        false => Lane::Network(from.network),
    };
    let outcome = open_session(auth, lane, found, password, from).await;
    match &outcome {
        Ok(_) => attempts.sign_in_succeeded(attempt, auth.db.clock().now()),
        Err(Failure::Refused(_)) => {}
        Err(Failure::Broken(_)) => attempts.refund_sign_in(attempt, auth.db.clock().now()),
    }
    outcome
}

async fn open_session(
    auth: &Authenticator,
    lane: Lane,
    found: Option<user::Model>,
    password: SecretString,
    from: From<'_>,
) -> Outcome<Tokens> {
    let hash = found.as_ref().and_then(|user| user.password_hash.clone());
    let right = auth.passwords.verify(lane, password, hash).await?;
    let Some(found) = found.filter(|user| right && user.is_active()) else {
        return wrong();
    };
    let found = &found;

    let (user, session, refresh) = auth
        .db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            // Hashing took a while: the person may have been dismissed, or have a new password, by now.
            let user = user::Entity::find_by_id(found.id)
                .lock(LockType::Share)
                .one(&tx.conn)
                .await?;
            let Some(user) = user.filter(|u| u.is_active() && u.password_hash == found.password_hash) else {
                return wrong();
            };
            if !password_policy::allows(tx, &user).await? {
                return Err(password_policy::refusal().into());
            }
            let (session, refresh) = session::open(tx, user.id, from.user_agent, from.lifetime).await?;
            networks::remember(tx, user.id, from.network).await?;
            let author = Author::Person(user.id, user.email.clone());
            journal::record(tx, &author, Action::SignedIn, Some(session.into()), json!({})).await?;
            Ok((user, session, refresh))
        })
        .await?;
    session::tokens(auth, user, session, refresh).await
}

fn wrong<T>() -> Outcome<T> {
    refuse(
        Code::WrongCredentials,
        "",
        "the e-mail address or the password is wrong",
    )
}
