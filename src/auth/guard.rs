//! The one way in which a person writes.
//!
//! A token says who called; whether they may still write is only known inside the transaction. So every such
//! transaction first reads the actor's session and row, under a lock that a dismissal needs too: whichever
//! commits first, the other sees it. No write of a person commits after their dismissal has.

use std::sync::Arc;

use std::collections::BTreeSet;

use entity::user::{Role, UserStatus};
use entity::{IntegrationId, UserId, integration, session, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Actor, Permission};
use crate::db::{Db, Tx};
use crate::error::{Error, Outcome};
use crate::integrations;

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
    /// Runs a write in the name of `actor`, who is checked again inside the transaction.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when they have been locked out or signed out, [`Error::Forbidden`] when they
    /// lack the permission, and otherwise as [`Db::write`].
    pub async fn write_as<T, F: Future<Output = Outcome<T>>>(
        &self,
        actor: &Actor,
        needs: Needs<'_>,
        work: impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        if let Needs::Permission(permission) | Needs::PermissionOverPeople(permission, _) = needs {
            actor.require(permission)?;
        }
        let work = &work;
        self.write(move |tx: Arc<Tx>| async move {
            check_again(&tx, actor, needs).await?;
            work(tx).await
        })
        .await
    }
}

async fn check_again(tx: &Tx, actor: &Actor, needs: Needs<'_>) -> Result<(), Error> {
    if let Some(integration) = &actor.integration {
        return check_integration(tx, integration.id, needs).await;
    }
    let people = match needs {
        Needs::SignIn | Needs::Permission(_) => {
            user::Entity::find_by_id(actor.user_id)
                .lock(LockType::Share)
                .all(&tx.conn)
                .await?
        }
        Needs::PermissionOverPeople(_, people) => lock_people(tx, actor.user_id, people).await?,
    };
    let session = session::Entity::find_by_id(actor.session_id)
        .one(&tx.conn)
        .await?;
    let person = people.iter().find(|person| person.id == actor.user_id);
    let (Some(person), Some(session)) = (person, session) else {
        return Err(Error::Unauthenticated);
    };
    if !person.is_active() || session.ended_at.is_some() || session.expires_at <= tx.now {
        return Err(Error::Unauthenticated);
    }
    if let Needs::Permission(permission) | Needs::PermissionOverPeople(permission, _) = needs {
        Actor {
            role: person.role,
            ..actor.clone()
        }
        .require(permission)?;
    }
    Ok(())
}

/// An integration writes by its scopes alone. Its row is locked as a person's is: it can't be revoked meanwhile.
async fn check_integration(tx: &Tx, id: IntegrationId, needs: Needs<'_>) -> Result<(), Error> {
    let found = integration::Entity::find_by_id(id)
        .lock(LockType::Share)
        .one(&tx.conn)
        .await?;
    let Some(row) = found.filter(|row| row.is_alive(tx.now)) else {
        return Err(Error::Unauthenticated);
    };
    let actor = integrations::actor(&row);
    match needs {
        Needs::SignIn => actor.require_person(),
        Needs::Permission(permission) => actor.require(permission),
        Needs::PermissionOverPeople(permission, people) => {
            lock_people(tx, actor.user_id, people).await?;
            actor.require(permission)
        }
    }
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
