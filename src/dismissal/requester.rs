//! Who asked for a dismissal, and what becomes of what they have scheduled when they may no longer dismiss.
//!
//! A scheduled dismissal belongs to the company and not to its author. Whoever takes the right to dismiss from the
//! author takes over what they have scheduled, in the same transaction: nothing is carried out in the name of somebody
//! who may not dismiss, and nothing that the company has planned is lost unseen.

use std::collections::BTreeSet;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::integration_secret::Model as Secret;
use entity::outbox_message::Topic;
use entity::{IntegrationId, SessionId, UserId, dismissal, integration, user};
use sea_orm::sea_query::{Expr, LockType, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::auth::{Actor, Permission};
use crate::db::Tx;
use crate::error::{Code, Error, Outcome, refuse};
use crate::integrations;
use crate::journal::{self, Action};

/// Who asked for a dismissal. An integration does so in its own name, never in that of its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
}

impl Requester {
    /// The one who acts.
    pub fn acting(actor: &Actor) -> Self {
        integrations::id_of(actor).map_or(Self::Person(actor.user_id), Self::Integration)
    }

    /// The one who asked for this dismissal; `None` for one that was imported.
    pub fn of(row: &DismissalRow) -> Option<Self> {
        row.requested_by_id
            .map(Self::Person)
            .or(row.requested_by_integration_id.map(Self::Integration))
    }

    /// The person, if it is one.
    pub fn person(self) -> Option<UserId> {
        match self {
            Self::Person(id) => Some(id),
            Self::Integration(_) => None,
        }
    }

    /// The integration, if it is one.
    pub fn integration(self) -> Option<IntegrationId> {
        match self {
            Self::Person(_) => None,
            Self::Integration(id) => Some(id),
        }
    }

    fn condition(self) -> SimpleExpr {
        match self {
            Self::Person(id) => dismissal::Column::RequestedById.eq(id),
            Self::Integration(id) => dismissal::Column::RequestedByIntegrationId.eq(id),
        }
    }

    fn name(self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Integration(id) => id.to_string(),
        }
    }
}

/// The one who asked for a scheduled dismissal, as they are in this transaction, when they may still dismiss. `people`
/// are rows that the transaction holds, those of the active administrators among them; that of an integration is held
/// from here on.
///
/// # Errors
/// When the database fails.
pub(super) async fn still_permitted(
    tx: &Tx,
    requester: Option<Requester>,
    people: &[user::Model],
) -> Result<Option<Actor>, Error> {
    let actor = match requester {
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
            .map(|row| integrations::actor(&row, None)),
    };
    Ok(actor.filter(|actor| actor.may(Permission::DismissUsers)))
}

/// A person who acts without a session: what they asked for is done later.
fn person_as_actor(person: &user::Model) -> Actor {
    Actor {
        user_id: person.id,
        session_id: SessionId(Uuid::nil()),
        role: person.role,
        email: person.email.clone(),
        dismissed_shown: true,
        settled: false,
        integration: None,
    }
}

/// What this author has scheduled and is still to come.
///
/// # Errors
/// When the database fails.
pub async fn authored_by(conn: &impl ConnectionTrait, author: Requester) -> Result<Vec<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(author.condition())
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .order_by_asc(dismissal::Column::Id)
        .all(conn)
        .await?)
}

/// Those in whose name somebody could schedule who loses the right to dismiss: the person, and the integrations whose
/// secrets stop because they know them. What is carrying this out is not among them: it goes on.
pub fn authors(actor: &Actor, person: UserId, stopped: &[Secret]) -> Vec<Requester> {
    let integrations: BTreeSet<IntegrationId> = stopped.iter().map(|secret| secret.integration_id).collect();
    let integrations = integrations.into_iter().map(Requester::Integration);
    let carrying = Requester::acting(actor);
    let others = integrations.filter(|author| *author != carrying);
    std::iter::once(Requester::Person(person)).chain(others).collect()
}

/// As [`pass_on`], for several authors.
///
/// # Errors
/// As [`pass_on`].
pub async fn pass_on_all(
    tx: &Tx,
    authors: &[Requester],
    heir: &Actor,
    field: &str,
) -> Outcome<Vec<DismissalRow>> {
    let mut passed = Vec::new();
    for author in authors {
        passed.extend(pass_on(tx, *author, heir, field).await?);
    }
    Ok(passed)
}

/// Passes what `author` has scheduled to `heir`, who takes the right to dismiss from them in this transaction. Answers
/// the dismissals that have changed hands. One that is about the heir is cancelled: nobody dismisses themselves, and
/// who ends the rights of an author is not to be dismissed by what that author has left behind.
///
/// # Errors
/// [`Code::Invalid`] about `field` when there is something to pass and `heir` can't take it: because they are the
/// author, or may not dismiss either.
pub async fn pass_on(tx: &Tx, author: Requester, heir: &Actor, field: &str) -> Outcome<Vec<DismissalRow>> {
    let passing = authored_by(&tx.conn, author).await?;
    if passing.is_empty() {
        return Ok(passing);
    }
    let to = Requester::acting(heir);
    if to == author || !heir.may(Permission::DismissUsers) {
        let message = "dismissals that were scheduled by them would be left without anybody who may dismiss: \
                       let another administrator do this, or cancel them first";
        return refuse(Code::Invalid, field, message);
    }
    let of_author = || {
        dismissal::Entity::update_many()
            .filter(author.condition())
            .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
    };
    if let Some(person) = to.person()
        && let Some(row) = passing.iter().find(|row| row.user_id == person)
    {
        journal::withdraw(tx, Topic::RunDismissal, row.id.0).await?;
        of_author()
            .col_expr(dismissal::Column::State, Expr::value(DismissalState::Cancelled))
            .col_expr(dismissal::Column::EndedAt, Expr::value(tx.now))
            .filter(dismissal::Column::Id.eq(row.id))
            .exec(&tx.conn)
            .await?;
        let data = json!({ "dismissal": row.id.to_string(), "from": author.name() });
        journal::record(
            tx,
            &heir.author(),
            Action::DismissalCancelled,
            Some(person.into()),
            data,
        )
        .await?;
    }
    of_author()
        .col_expr(dismissal::Column::RequestedById, Expr::value(to.person()))
        .col_expr(
            dismissal::Column::RequestedByIntegrationId,
            Expr::value(to.integration()),
        )
        .exec(&tx.conn)
        .await?;
    let passed = dismissal::Entity::find()
        .filter(dismissal::Column::Id.is_in(passing.iter().map(|row| row.id)))
        .order_by_asc(dismissal::Column::Id)
        .all(&tx.conn)
        .await?;
    let entries = passed
        .iter()
        .filter(|row| row.state == DismissalState::Scheduled)
        .map(|row| {
            let data = json!({ "dismissal": row.id.to_string(), "from": author.name(), "to": to.name() });
            (row.user_id.into(), data)
        });
    journal::record_all(tx, &heir.author(), Action::DismissalPassed, entries).await?;
    Ok(passed)
}
