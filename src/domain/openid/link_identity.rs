//! linkIdentity: a signed-in person links their account at an identity provider.

use std::sync::Arc;

use entity::identity::{self, LinkedBy};
use entity::user::{self, Model as User};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::callback::{Callback, redeem};
use super::complete::link;
use super::providers::Providers;
use super::{find, list, rules};
use crate::domain::auth::Actor;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Failure, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal::{self, Action, Recorded};

/// Links the account that has signed in at the provider to the actor: the way for administrators, who are never linked
/// by their address. Idempotent.
///
/// # Errors
/// [`Code::SignInFailed`], also if the account is that of somebody else; [`Code::Invalid`] if the actor has another
/// account at this provider.
pub async fn link_identity(
    auth: &Authenticator,
    providers: &Providers,
    actor: &Actor,
    callback: &Callback,
) -> Outcome<User> {
    actor.require_person()?;
    let (provider, account) = &redeem(auth, providers, callback).await?;
    let linked = auth
        .db
        .write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if !list::lock_active(tx, provider.id).await? {
                return Err(rules::failed().into());
            }
            // Serializes links of this person.
            let person = user::Entity::find_by_id(actor.user_id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let person = person.ok_or(Error::Unauthenticated)?;
            match find::link(tx, provider.id, &account.subject).await? {
                Some(row) if row.user_id == person.id => {
                    return Ok((Some(person), Recorded::nothing_changed()));
                }
                Some(row) => {
                    let data = json!({
                        "provider": provider.id.to_string(),
                        "reason": "linked to somebody else",
                        "person": row.user_id.to_string(),
                    });
                    let subject = Some(person.id.into());
                    let action = Action::SignInRefused;
                    let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
                    return Ok((None, recorded));
                }
                None => {}
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
