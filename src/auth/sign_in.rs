//! signIn: address and password in, a session out.

use std::net::IpAddr;
use std::sync::Arc;

use entity::{user, user::email_key};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use secrecy::SecretString;
use serde_json::json;

use super::session::{self, Tokens};
use crate::app::App;
use crate::db::Tx;
use crate::error::{Code, Failure, Outcome, refuse};
use crate::journal::{self, Action, Author};

/// From where somebody signs in.
#[derive(Debug, Clone, Copy)]
pub struct From<'a> {
    /// What the client called itself.
    pub user_agent: Option<&'a str>,
    /// Its address.
    pub address: Option<IpAddr>,
}

/// Opens a session.
///
/// # Errors
/// [`Code::WrongCredentials`], the same and after the same time for an unknown address, a wrong password, a
/// person who is invited and one who is dismissed; [`crate::error::Error::RateLimited`] after too many of these.
pub async fn sign_in(app: &App, email: &str, password: SecretString, from: From<'_>) -> Outcome<Tokens> {
    let (key, limits) = (email_key(email.trim()), &app.limits);
    limits.admit_sign_in(&key, from.address, app.db.clock().now())?;
    let outcome = attempt(app, &key, password, from).await;
    if !matches!(outcome, Err(Failure::Broken(_))) {
        limits.note_sign_in(&key, from.address, outcome.is_ok(), app.db.clock().now());
    }
    outcome
}

async fn attempt(app: &App, key: &str, password: SecretString, from: From<'_>) -> Outcome<Tokens> {
    // PostgreSQL refuses to look for NUL, which is in no address.
    let found = match key.contains('\0') {
        true => None,
        false => {
            let by_address = user::Entity::find().filter(user::Column::EmailKey.eq(key));
            by_address.one(app.db.read()).await?
        }
    };
    let hash = found.as_ref().and_then(|user| user.password_hash.clone());
    let right = app.passwords.verify(password, hash).await?;
    let Some(found) = found.filter(|user| right && user.is_active()) else {
        return wrong();
    };
    let found = &found;

    let (user, session, refresh) = app
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
            let (session, refresh) = session::open(tx, user.id, from.user_agent).await?;
            let author = Author::Person(user.id, user.email.clone());
            journal::record(tx, &author, Action::SignedIn, Some(session.into()), json!({})).await?;
            Ok((user, session, refresh))
        })
        .await?;
    session::tokens(app, user, session, refresh).await
}

fn wrong<T>() -> Outcome<T> {
    refuse(
        Code::WrongCredentials,
        "",
        "the e-mail address or the password is wrong",
    )
}
