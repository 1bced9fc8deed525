//! Requesters of dismissals, and what happens to scheduled ones when the requester may no longer dismiss people.
//!
//! A scheduled dismissal belongs to the company and not to its author. Whoever revokes the author's right to dismiss
//! becomes the new author in the same transaction: nothing is carried out in the name of somebody without the right,
//! and no planned dismissal is lost unnoticed.

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::integration_secret::Model as Secret;
use entity::{
    IntegrationId, IntegrationSecretId, SessionId, UserId, dismissal, integration, integration_secret, user,
};
use sea_orm::sea_query::{Expr, LockType, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::planned;
use crate::domain::auth::{Actor, Permission};
use crate::domain::integrations;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Requester of a dismissal. An integration acts in its own name, never in that of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
}

impl Requester {
    /// Returns the requester for an actor.
    pub fn acting(actor: &Actor) -> Self {
        integrations::id_of(actor).map_or(Self::Person(actor.user_id), Self::Integration)
    }

    /// Returns the requester of this dismissal; `None` if it was imported.
    pub fn of(row: &DismissalRow) -> Option<Self> {
        row.requested_by_id
            .map(Self::Person)
            .or(row.requested_by_integration_id.map(Self::Integration))
    }

    /// Returns the person, if it is one.
    pub fn person(self) -> Option<UserId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Integration(_) => None,
        }
    }

    /// Returns the integration, if it is one.
    pub fn integration(self) -> Option<IntegrationId> {
        match self {
            Self::Person(_) => None,
            Self::Integration(id) => Some(id),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Integration(id) => id.to_string(),
        }
    }
}

/// Author of scheduled dismissals that are transferred together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// A person.
    Person(UserId),
    /// An integration, with any secret.
    Integration(IntegrationId),
    /// A single secret of an integration.
    Secret(IntegrationSecretId),
}

impl Author {
    fn condition(self) -> SimpleExpr {
        match self {
            Self::Person(id) => dismissal::Column::RequestedById.eq(id),
            Self::Integration(id) => dismissal::Column::RequestedByIntegrationId.eq(id),
            Self::Secret(id) => dismissal::Column::RequestedBySecretId.eq(id),
        }
    }

    fn is(self, actor: &Actor) -> bool {
        match self {
            Self::Person(id) => Requester::acting(actor) == Requester::Person(id),
            Self::Integration(id) => Requester::acting(actor) == Requester::Integration(id),
            Self::Secret(id) => actor.secret() == Some(id),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Integration(id) => id.to_string(),
            Self::Secret(id) => id.to_string(),
        }
    }
}

/// Returns the requester of a scheduled dismissal in their current state, if they may still dismiss. `people` are rows
/// locked by the transaction, including the active administrators; the row of an integration is locked here.
///
/// # Errors
/// When the database fails.
pub(super) async fn still_permitted(
    tx: &Tx,
    row: &DismissalRow,
    people: &[user::Model],
) -> Result<Option<Actor>, Error> {
    if let Some(id) = row.requested_by_secret_id {
        let secret = integration_secret::Entity::find_by_id(id).one(&tx.conn).await?;
        if secret.is_none_or(|secret| secret.revoked_at.is_some()) {
            return Ok(None);
        }
    }
    let actor = match Requester::of(row) {
        None => None,
        Some(Requester::Person(id)) => people
            .iter()
            .find(|person| person.id == id && person.is_active())
            .map(person_as_actor),
        Some(Requester::Integration(id)) => integration::Entity::find_by_id(id)
            .lock(LockType::Share)
            .one(&tx.conn)
            .await?
            .filter(|row| row.revoked_at.is_none())
            .map(|row| integrations::for_administrators(integrations::actor(&row, None))),
    };
    Ok(actor.filter(|actor| actor.may(Permission::DismissUsers)))
}

/// Returns an actor without a session, for a request that is carried out later.
fn person_as_actor(person: &user::Model) -> Actor {
    Actor {
        user_id: person.id,
        session_id: SessionId(Uuid::nil()),
        role: person.role,
        email: person.email.clone(),
        dismissed_shown: true,
        may_read_replica: false,
        integration: None,
    }
}

/// Returns the pending scheduled dismissals of an author.
///
/// # Errors
/// When the database fails.
pub async fn authored_by(conn: &impl ConnectionTrait, author: Author) -> Result<Vec<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(author.condition())
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .order_by_asc(dismissal::Column::Id)
        .all(conn)
        .await?)
}

/// Returns the authors affected when a person loses the right to dismiss: the person, and the secrets that are revoked
/// because they know them.
pub fn authors(person: UserId, stopped: &[Secret]) -> Vec<Author> {
    let secrets = stopped.iter().map(|secret| Author::Secret(secret.id));
    std::iter::once(Author::Person(person)).chain(secrets).collect()
}

/// As [`transfer`], for several authors.
///
/// # Errors
/// As [`transfer`].
pub async fn transfer_all(
    tx: &Tx,
    authors: &[Author],
    successor: &Actor,
    field: &str,
) -> Outcome<Vec<DismissalRow>> {
    let mut passed = Vec::new();
    for author in authors {
        passed.extend(transfer(tx, *author, successor, field).await?);
    }
    Ok(passed)
}

/// Transfers the scheduled dismissals of `author` to `successor`, who revokes their right to dismiss in this transaction.
/// Returns the dismissals that changed. A dismissal of the successor is cancelled: nobody can dismiss themselves, and
/// revoking an author's rights must not lead to being dismissed by what the author scheduled. Grace periods of secrets
/// are dropped: the author may know the secrets.
///
/// # Errors
/// [`Code::Invalid`] for `field` if there is something to transfer and `successor` can't take it, being the author or
/// lacking the permission.
pub async fn transfer(tx: &Tx, author: Author, successor: &Actor, field: &str) -> Outcome<Vec<DismissalRow>> {
    let passing = authored_by(&tx.conn, author).await?;
    if passing.is_empty() {
        return Ok(passing);
    }
    let to = Requester::acting(successor);
    if author.is(successor) || !successor.may(Permission::DismissUsers) {
        let message = "dismissals scheduled by this person would have no author who may dismiss people: \
                       let another administrator do this, or cancel them first";
        return refuse(Code::Invalid, field, message);
    }
    let (about_heir, passing): (Vec<_>, Vec<_>) = passing
        .into_iter()
        .partition(|row| to.person() == Some(row.user_id));
    let mut done = cancel(tx, about_heir, author, successor).await?;
    let ids = passing.iter().map(|row| row.id);
    dismissal::Entity::update_many()
        .col_expr(dismissal::Column::RequestedById, Expr::value(to.person()))
        .col_expr(
            dismissal::Column::RequestedByIntegrationId,
            Expr::value(to.integration()),
        )
        .col_expr(
            dismissal::Column::RequestedBySecretId,
            Expr::value(successor.secret()),
        )
        .col_expr(dismissal::Column::KeepSecretIds, Expr::value(None::<String>))
        .filter(dismissal::Column::Id.is_in(ids))
        .exec(&tx.conn)
        .await?;
    let entries = passing.iter().map(|row| {
        let data = json!({ "dismissal": row.id.to_string(), "from": author.name(), "to": to.name() });
        (row.user_id.into(), data)
    });
    journal::record_all(tx, &successor.author(), Action::DismissalPassed, entries).await?;
    done.extend(passing.into_iter().map(|row| DismissalRow {
        requested_by_id: to.person(),
        requested_by_integration_id: to.integration(),
        requested_by_secret_id: successor.secret(),
        keep_secret_ids: None,
        ..row
    }));
    done.sort_by_key(|row| row.id);
    Ok(done)
}

/// Cancels the scheduled dismissals of these authors, where any new author would be under their control. Returns the
/// updated dismissals.
///
/// # Errors
/// When the database fails.
pub async fn cancel_all(tx: &Tx, authors: &[Author], by: &Actor) -> Outcome<Vec<DismissalRow>> {
    let mut cancelled = Vec::new();
    for author in authors {
        let rows = authored_by(&tx.conn, *author).await?;
        cancelled.extend(cancel(tx, rows, *author, by).await?);
    }
    Ok(cancelled)
}

async fn cancel(tx: &Tx, rows: Vec<DismissalRow>, author: Author, by: &Actor) -> Outcome<Vec<DismissalRow>> {
    let mut cancelled = Vec::with_capacity(rows.len());
    for row in rows {
        let row = planned::cancel(tx, row, None).await?;
        let data = json!({ "dismissal": row.id.to_string(), "from": author.name() });
        let (action, subject) = (Action::DismissalCancelled, Some(row.user_id.into()));
        journal::record(tx, &by.author(), action, subject, data).await?;
        cancelled.push(row);
    }
    Ok(cancelled)
}
