//! Queries on dismissals, and their visibility.
//!
//! Planned dismissals and reasons are confidential, visible only to those who may dismiss people. Everybody else, the
//! person included, sees only that and since when a person has been dismissed, never the reason or the requester.

use std::collections::HashMap;

use entity::dismissal::{self, DismissalState, Model as Dismissal};
use entity::{DismissalId, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::Db;

/// Returns all dismissals of each person, latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_people(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Vec<Dismissal>>, Error> {
    let rows = dismissal::Entity::find()
        .filter(dismissal::Column::UserId.is_in(people.iter().copied()))
        .order_by_desc(dismissal::Column::Id)
        .all(db.read())
        .await?;
    let mut found: HashMap<UserId, Vec<Dismissal>> = HashMap::new();
    for row in rows {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[DismissalId]) -> Result<HashMap<DismissalId, Dismissal>, Error> {
    let rows = dismissal::Entity::find()
        .filter(dismissal::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Returns whether the actor may see reasons, authors and plans for `person`: never their own.
pub fn sees_confidential(actor: &Actor, person: UserId) -> bool {
    actor.may(Permission::DismissUsers) && actor.user_id != person
}

/// Returns whether the actor may see this dismissal.
pub fn is_visible(actor: &Actor, row: &Dismissal) -> bool {
    match row.state {
        DismissalState::InForce | DismissalState::Ended => true,
        DismissalState::Scheduled | DismissalState::Cancelled => sees_confidential(actor, row.user_id),
    }
}

/// Returns the dismissal in force, otherwise the scheduled one, if visible to the actor.
pub fn current<'a>(actor: &Actor, dismissals: &'a [Dismissal]) -> Option<&'a Dismissal> {
    let in_state = |state| {
        dismissals
            .iter()
            .find(move |row| row.state == state && is_visible(actor, row))
    };
    in_state(DismissalState::InForce).or_else(|| in_state(DismissalState::Scheduled))
}
