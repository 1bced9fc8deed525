//! Finds and cancels the scheduled dismissal of a person.

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::outbox_message::Topic;
use entity::{UserId, dismissal};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::error::{Error, Outcome};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Author;

/// Author of what scheduled runs write.
pub(super) const PROGRAM: Author = Author::Program("scheduled dismissal");

/// Returns the scheduled dismissal of a person.
///
/// # Errors
/// When the database fails.
pub(super) async fn of(tx: &Tx, person: UserId) -> Result<Option<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .one(&tx.conn)
        .await?)
}

/// Cancels a scheduled dismissal; `failure` is the reason if nobody requested it.
///
/// # Errors
/// When the database fails.
pub(super) async fn cancel(tx: &Tx, row: DismissalRow, failure: Option<String>) -> Outcome<DismissalRow> {
    journal::withdraw(tx, Topic::RunDismissal, row.id.0).await?;
    let cancelled = dismissal::ActiveModel {
        id: Set(row.id),
        state: Set(DismissalState::Cancelled),
        ended_at: Set(Some(tx.now)),
        failure: Set(failure),
        ..Default::default()
    };
    Ok(dismissal::Entity::update(cancelled).exec(&tx.conn).await?)
}
