//! The one way in which a person writes.
//!
//! A token says who called; whether they may still write is only known inside the transaction. So every such
//! transaction first reads the actor's session and row, under a lock that a dismissal needs too: whichever
//! commits first, the other sees it. No write of a person commits after their dismissal has.
//!
//! What they may do is read there as well: the operation gets the [`Actor`] that the transaction has read, so
//! that a demotion, too, holds for every write that commits after it.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::user::{Role, UserStatus};
use entity::{UserId, integration, integration_secret, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Actor, AsIntegration, Permission};
use crate::domain::integrations;
use crate::error::{Error, Outcome};
use crate::store::db;
use crate::store::db::{Db, Tx};

/// What a write needs before it begins.
#[derive(Debug, Clone, Copy)]
pub enum Needs<'a> {
    /// To be signed in: the operation itself looks at what is whose.
    SignIn,
    /// A permission.
    Permission(Permission),
    /// A permission, and that nobody else changes who is active or who is an administrator meanwhile: locks
    /// the administrators and the people named, in the order of their ids.
    PermissionOverPeople(Permission, &'a [UserId]),
}

impl Db {
    /// Runs a write in the name of `actor`, who is checked again inside the transaction. `work` gets the actor as
    /// the transaction has read them, under a lock that holds until it ends, and decides by that one alone: its
    /// parameter has the name of the request's actor, who may have had more rights.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when they have been locked out or signed out, [`Error::Forbidden`] when they
    /// lack the permission, and otherwise as [`Db::write`].
    pub async fn write_as<T, F: Future<Output = Outcome<T>>>(
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
            let actor = read_again(&tx, actor, needs).await?;
            work(tx, Arc::new(actor)).await
        })
        .await
    }
}

/// The actor as this transaction knows them, when they may still do what is needed.
async fn read_again(tx: &Tx, actor: &Actor, needs: Needs<'_>) -> Result<Actor, Error> {
    let actor = match &actor.integration {
        Some(integration) => {
            // People come first, as they do in a dismissal, which stops secrets.
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

/// A session that is alive, and what else an [`Actor`] needs that is not in the person's row.
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
        settled: false,
        integration: None,
    })
}

/// An integration writes by its scopes alone. Its row and its secret are locked as a person's row is: they can't be
/// revoked meanwhile.
async fn read_integration(tx: &Tx, asked: &AsIntegration) -> Result<Actor, Error> {
    let secret = asked.secret.ok_or(Error::Unauthenticated)?;
    let found = integration_secret::Entity::find_by_id(secret)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    if !found.is_some_and(|row| row.is_live(tx.now)) {
        return Err(Error::Unauthenticated);
    }
    let found = integration::Entity::find_by_id(asked.id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    let row = found.filter(|row| row.revoked_at.is_none());
    Ok(integrations::actor(
        &row.ok_or(Error::Unauthenticated)?,
        Some(secret),
    ))
}

/// Locks the active administrators, the actor and `people` against every change that is not a mere reference.
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
