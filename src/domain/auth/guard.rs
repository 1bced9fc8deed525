//! The only way for a person or an integration to write.
//!
//! A token identifies the caller; whether they may still write is only known inside the transaction. So every such
//! transaction first reads the actor's session and row, under a lock that a dismissal needs too: whichever commits
//! first, the other sees it. No write of a person commits after their dismissal.
//!
//! Permissions are read there as well: the operation gets the [`Actor`] read by the transaction, so a demotion, too,
//! applies to every write that commits after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::user::{Role, UserStatus};
use entity::{UserId, access_token, integration, integration_secret, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{ActingIntegration, Actor, Permission};
use crate::domain::integrations;
use crate::error::{Error, Outcome};
use crate::store::db;
use crate::store::db::{Db, Tx};
use crate::store::journal::Recorded;

/// What a write requires before it begins.
#[derive(Debug, Clone, Copy)]
pub enum Needs<'a> {
    /// Authentication: the operation itself checks access to its objects.
    SignIn,
    /// A permission.
    Permission(Permission),
    /// A permission, and that nobody else changes who is active or an administrator meanwhile: locks the administrators
    /// and the people named, in id order.
    PermissionOverPeople(Permission, &'a [UserId]),
}

/// What managing integrations, directories, webhooks and identity providers requires. Only people do: an integration
/// creates no doors.
///
/// # Errors
/// [`Error::Forbidden`] for an integration, and without the permission.
pub fn manage_integrations(actor: &Actor) -> Result<Needs<'static>, Error> {
    actor.require_person()?;
    actor.require(Permission::ManageIntegrations)?;
    Ok(Needs::Permission(Permission::ManageIntegrations))
}

impl Db {
    /// Runs a write in the name of `actor`, who is checked again inside the transaction. `work` gets the actor read by
    /// the transaction, under a lock held until it ends, and must decide by that one alone: its parameter shadows the
    /// request's actor, who may have had more rights. Together with its result it returns the proof that the change is
    /// in the audit log.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] if they were locked out or signed out, [`Error::Forbidden`] if they lack the
    /// permission, and otherwise as [`Db::write`].
    pub async fn write_as<T, F: Future<Output = Outcome<(T, Recorded)>>>(
        &self,
        actor: &Actor,
        needs: Needs<'_>,
        work: impl Fn(Arc<Tx>, Arc<Actor>) -> F,
    ) -> Outcome<T> {
        if let Needs::Permission(permission) | Needs::PermissionOverPeople(permission, _) = needs {
            actor.require(permission)?;
        }
        let work = &work;
        self.write(move |tx: Arc<Tx>| async move {
            let actor = reload(&tx, actor, needs).await?;
            let (done, Recorded { .. }) = work(tx, Arc::new(actor)).await?;
            Ok(done)
        })
        .await
    }
}

/// Returns the actor read by this transaction, if they still have what is required.
async fn reload(tx: &Tx, actor: &Actor, needs: Needs<'_>) -> Result<Actor, Error> {
    let actor = match &actor.integration {
        Some(integration) => {
            // People are locked first, as in a dismissal, which revokes secrets.
            if let Needs::PermissionOverPeople(_, people) = needs {
                lock_people(tx, actor.user_id, people).await?;
            }
            read_integration(tx, integration).await?
        }
        None => read_person(tx, actor, needs).await?,
    };
    match needs {
        Needs::SignIn => actor.require_person()?,
        Needs::Permission(permission) | Needs::PermissionOverPeople(permission, _) => {
            actor.require(permission)?;
        }
    }
    Ok(actor)
}

/// Reads an active session, with what an [`Actor`] needs besides the person's row.
const SESSION: &str = "SELECT s.show_dismissed_employees FROM sessions c CROSS JOIN settings s \
    WHERE c.id = $1 AND c.user_id = $2 AND c.ended_at IS NULL AND c.expires_at > $3";

async fn read_person(tx: &Tx, actor: &Actor, needs: Needs<'_>) -> Result<Actor, Error> {
    let people = match needs {
        Needs::SignIn | Needs::Permission(_) => {
            user::Entity::find_by_id(actor.user_id)
                .lock(LockType::Share)
                .all(&tx.conn)
                .await?
        }
        Needs::PermissionOverPeople(_, people) => lock_people(tx, actor.user_id, people).await?,
    };
    let values = [actor.session_id.into(), actor.user_id.into(), tx.now.into()];
    let session = db::query(&tx.conn, SESSION, values).await?;
    let person = people
        .into_iter()
        .find(|person| person.id == actor.user_id && person.is_active());
    let (Some(person), Some(session)) = (person, session.first()) else {
        return Err(Error::Unauthenticated);
    };
    Ok(Actor {
        user_id: person.id,
        session_id: actor.session_id,
        role: person.role,
        email: person.email,
        dismissed_shown: session.try_get_by_index(0)?,
        may_read_replica: false,
        integration: None,
    })
}

/// Reads an integration, which writes by its scopes alone. Its row and its secret are locked like a person's row, so
/// they can't be revoked meanwhile. An access token must not have expired either; only the permissions that it has
/// count.
async fn read_integration(tx: &Tx, asked: &ActingIntegration) -> Result<Actor, Error> {
    let secret = asked.secret.ok_or(Error::Unauthenticated)?;
    let found = integration_secret::Entity::find_by_id(secret)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    if !found.is_some_and(|row| row.is_active(tx.now)) {
        return Err(Error::Unauthenticated);
    }
    let found = integration::Entity::find_by_id(asked.id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    let row = found.filter(|row| row.revoked_at.is_none());
    let row = row.ok_or(Error::Unauthenticated)?;
    let Some(token) = asked.access_token else {
        return Ok(integrations::actor(&row, Some(secret)));
    };
    let found = access_token::Entity::find_by_id(token).one(&tx.conn).await?;
    let token = found.filter(|token| token.secret_id == secret && token.expires_at > tx.now);
    Ok(integrations::actor_with(
        &row,
        secret,
        &token.ok_or(Error::Unauthenticated)?,
    ))
}

/// Locks the active administrators, the actor and `people` against all changes other than references.
///
/// # Errors
/// When the database fails.
pub async fn lock_people(tx: &Tx, actor: UserId, people: &[UserId]) -> Result<Vec<user::Model>, Error> {
    let wanted: BTreeSet<UserId> = people.iter().copied().chain([actor]).collect();
    let administrators = Condition::all()
        .add(user::Column::Role.eq(Role::Administrator))
        .add(user::Column::Status.eq(UserStatus::Active));
    Ok(user::Entity::find()
        .filter(
            Condition::any()
                .add(administrators)
                .add(user::Column::Id.is_in(wanted)),
        )
        .order_by_asc(user::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?)
}
