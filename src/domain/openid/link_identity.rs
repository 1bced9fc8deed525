//! linkIdentity: a signed-in person links their account at an identity provider.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::identity::{self, LinkedBy};
use entity::session;
use entity::user::{self, Model as User};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::callback::{Callback, Redeemed, redeem};
use super::complete::link;
use super::providers::Providers;
use super::{find, list, rules};
use crate::domain::auth::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal::{self, Action, Recorded};

/// How old the session may be: a link outlives it, so a stolen session must not be enough.
const RECENT: TimeDelta = TimeDelta::minutes(10);

/// Links the account that has signed in at the provider to the actor, who has signed in within the last ten minutes: the
/// way for administrators, who are linked in no other. Idempotent.
///
/// # Errors
/// [`Code::SignInFailed`], also if the session is older, if the account is that of somebody else, or if its address is
/// not in the domains of the provider; [`Code::Invalid`] if the actor has another account at this provider.
pub async fn link_identity(
    auth: &Authenticator,
    providers: &Providers,
    actor: &Actor,
    callback: &Callback,
) -> Outcome<User> {
    actor.require_person()?;
    let redeemed = &redeem(auth, providers, callback).await?;
    let linked = auth
        .db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            check_and_link(&tx, &actor, redeemed).await
        })
        .await;
    match linked {
        Ok(Some(person)) => Ok(person),
        Ok(None) => Err(rules::failed().into()),
        // Somebody else has linked the account at the same time.
        Err(Failure::Broken(Error::Database(cause))) if crate::store::db::is_duplicate(&cause) => {
            Err(rules::failed().into())
        }
        Err(failure) => Err(failure),
    }
}

/// Links an account; `None` if it is that of somebody else, which the audit log is told.
async fn check_and_link(tx: &Tx, actor: &Actor, redeemed: &Redeemed) -> Outcome<(Option<User>, Recorded)> {
    let account = &redeemed.account;
    let provider = list::lock_active(tx, &redeemed.provider).await?;
    let Some(provider) = &provider else {
        return Err(rules::failed().into());
    };
    // Serializes links of this person.
    let person = user::Entity::find_by_id(actor.user_id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let person = person.ok_or(Error::Unauthenticated)?;
    let known = find::of_issuer(tx, &provider.issuer, &account.subject).await?;
    if let Some(row) = known.iter().find(|row| row.user_id != person.id) {
        let data = json!({
            "provider": provider.id.to_string(),
            "reason": "linked to somebody else",
            "person": row.user_id.to_string(),
        });
        let (subject, action) = (Some(person.id.into()), Action::SignInRefused);
        let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
        return Ok((None, recorded));
    }
    if known.iter().any(|row| row.provider_id == provider.id) {
        return Ok((Some(person), Recorded::nothing_changed()));
    }
    check_session(tx, actor).await?;
    if provider.domains().next().is_some() && find::counting_address(provider, account).is_none() {
        let message = "this account has no verified address in the domains of the identity provider";
        return refuse(Code::SignInFailed, "", message);
    }
    let other = identity::Entity::find()
        .filter(identity::Column::UserId.eq(person.id))
        .filter(identity::Column::ProviderId.eq(provider.id))
        .one(&tx.conn)
        .await?;
    if other.is_some() {
        let message = "another account of this provider is linked to you: unlink it first";
        return refuse(Code::Invalid, "", message);
    }
    link(tx, provider, account, &person, LinkedBy::Themselves).await?;
    Ok((Some(person), Recorded::by_its_steps()))
}

/// Checks that the session began a short time ago.
async fn check_session(tx: &Tx, actor: &Actor) -> Outcome<()> {
    let session = session::Entity::find_by_id(actor.session_id)
        .one(&tx.conn)
        .await?;
    match session.is_some_and(|session| tx.now - session.started_at < RECENT) {
        true => Ok(()),
        false => {
            let message = "sign in again first: an account can be linked for ten minutes after a sign-in";
            refuse(Code::SignInFailed, "", message)
        }
    }
}
