//! unlinkIdentity: an account at an identity provider is no longer that of its person.

use std::sync::Arc;

use entity::user::{self, Model as User, Role};
use entity::{IdentityId, identity};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, ModelTrait, QuerySelect};
use serde_json::json;

use crate::domain::auth::guard::Needs;
use crate::domain::auth::session::{self, OfProvider};
use crate::domain::auth::{Actor, Permission, password_policy};
use crate::error::{Code, Outcome, Refusal};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Unlinks an account, one's own or anyone's with MANAGE_INTEGRATIONS, and ends the sessions opened with it. Returns its
/// person.
///
/// # Errors
/// [`Code::NotFound`] for an account that doesn't exist, or that the actor may not unlink; [`Code::BreakGlassNeeded`] for
/// that of the last administrator who has one, while most people can't sign in with a password.
pub async fn unlink_identity(db: &Db, actor: &Actor, id: IdentityId) -> Outcome<User> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = identity::Entity::find_by_id(id).one(&tx.conn).await?;
        let found =
            found.filter(|row| row.user_id == actor.user_id || actor.may(Permission::ManageIntegrations));
        let Some(row) = found else {
            return Err(not_found().into());
        };
        // A sign-in with the account locks its person too: it has ended, or it finds no link.
        let person = user::Entity::find_by_id(row.user_id)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let found = identity::Entity::find_by_id(id).one(&tx.conn).await?;
        let (Some(person), Some(row)) = (person, found) else {
            return Err(not_found().into());
        };
        let of = OfProvider {
            provider: row.provider_id,
            subject: Some(&row.subject),
            session: None,
        };
        session::end_of_provider(tx, of).await?;
        let data = json!({ "identity": id.to_string(), "provider": row.provider_id.to_string() });
        row.delete(&tx.conn).await?;
        if person.role == Role::Administrator {
            password_policy::keep_linked_administrator(tx, "identityId").await?;
        }
        let subject = Some(person.id.into());
        let recorded = journal::record(tx, &actor.author(), Action::IdentityUnlinked, subject, data).await?;
        Ok((person, recorded))
    })
    .await
}

fn not_found() -> Refusal {
    Refusal::new(Code::NotFound, "identityId", "there is no such account")
}
