//! Who asked for a dismissal, and what becomes of what they have scheduled when they may no longer dismiss.
//!
//! A scheduled dismissal belongs to the company and not to its author. Whoever takes the right to dismiss from the
//! author takes over what they have scheduled, in the same transaction: nothing is carried out in the name of somebody
//! who may not dismiss, and nothing that the company has planned is lost unseen.

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

    fn name(self) -> String {
        match self {
            Self::Person(id) => id.to_string(),
            Self::Integration(id) => id.to_string(),
        }
    }
}

/// Whose scheduled dismissals change hands together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// What a person has scheduled.
    Person(UserId),
    /// What an integration has scheduled, by whichever secret.
    Integration(IntegrationId),
    /// What was scheduled by one secret of an integration.
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

/// The one who asked for a scheduled dismissal, as they are in this transaction, when they may still dismiss. `people`
/// are rows that the transaction holds, those of the active administrators among them; that of an integration is held
/// from here on.
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
pub async fn authored_by(conn: &impl ConnectionTrait, author: Author) -> Result<Vec<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(author.condition())
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .order_by_asc(dismissal::Column::Id)
        .all(conn)
        .await?)
}

/// What is scheduled by somebody who loses the right to dismiss: by the person, and by the secrets that stop because they
/// know them.
pub fn authors(person: UserId, stopped: &[Secret]) -> Vec<Author> {
    let secrets = stopped.iter().map(|secret| Author::Secret(secret.id));
    std::iter::once(Author::Person(person)).chain(secrets).collect()
}

/// As [`pass_on`], for several authors.
///
/// # Errors
/// As [`pass_on`].
pub async fn pass_on_all(
    tx: &Tx,
    authors: &[Author],
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
/// who ends the rights of an author is not to be dismissed by what that author has left behind. Secrets that were to be
/// kept are not kept any more: the author may have known them.
///
/// # Errors
/// [`Code::Invalid`] about `field` when there is something to pass and `heir` can't take it: because they are the
/// author, or may not dismiss either.
pub async fn pass_on(tx: &Tx, author: Author, heir: &Actor, field: &str) -> Outcome<Vec<DismissalRow>> {
    let passing = authored_by(&tx.conn, author).await?;
    if passing.is_empty() {
        return Ok(passing);
    }
    let to = Requester::acting(heir);
    if author.is(heir) || !heir.may(Permission::DismissUsers) {
        let message = "dismissals that were scheduled by them would be left without anybody who may dismiss: \
                       let another administrator do this, or cancel them first";
        return refuse(Code::Invalid, field, message);
    }
    let (about_heir, passing): (Vec<_>, Vec<_>) = passing
        .into_iter()
        .partition(|row| to.person() == Some(row.user_id));
    let mut done = cancel(tx, about_heir, author, heir).await?;
    let ids = passing.iter().map(|row| row.id);
    dismissal::Entity::update_many()
        .col_expr(dismissal::Column::RequestedById, Expr::value(to.person()))
        .col_expr(
            dismissal::Column::RequestedByIntegrationId,
            Expr::value(to.integration()),
        )
        .col_expr(dismissal::Column::RequestedBySecretId, Expr::value(heir.secret()))
        .col_expr(dismissal::Column::KeepSecretIds, Expr::value(None::<String>))
        .filter(dismissal::Column::Id.is_in(ids))
        .exec(&tx.conn)
        .await?;
    let entries = passing.iter().map(|row| {
        let data = json!({ "dismissal": row.id.to_string(), "from": author.name(), "to": to.name() });
        (row.user_id.into(), data)
    });
    journal::record_all(tx, &heir.author(), Action::DismissalPassed, entries).await?;
    done.extend(passing.into_iter().map(|row| DismissalRow {
        requested_by_id: to.person(),
        requested_by_integration_id: to.integration(),
        requested_by_secret_id: heir.secret(),
        keep_secret_ids: None,
        ..row
    }));
    done.sort_by_key(|row| row.id);
    Ok(done)
}

/// Cancels what these authors have scheduled: there is nobody to whom it could pass whom they do not reach. Answers the
/// dismissals, as they are now.
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
