//! Reads of dismissals, and who may know of which.
//!
//! Planned dismissals and reasons are confidential: they are for those who may dismiss people. Everybody else, the
//! person included, learns that and since when somebody has left, once they have, and never why or at whose request.

use std::collections::HashMap;

use entity::dismissal::{self, DismissalState, Model as Dismissal};
use entity::{DismissalId, UserId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::Db;

/// All dismissals of each of the people, the latest first.
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

/// A dismissal by id; `None` when there is none, or none that the actor may know of.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: DismissalId) -> Result<Option<Dismissal>, Error> {
    let found = dismissal::Entity::find_by_id(id).one(db.read()).await?;
    Ok(found.filter(|row| is_visible(actor, row)))
}

/// Whether the actor may read reasons, authors and what was planned about `person`: not about themselves.
pub fn sees_confidential(actor: &Actor, person: UserId) -> bool {
    actor.may(Permission::DismissUsers) && actor.user_id != person
}

/// Whether the actor may know of this dismissal.
pub fn is_visible(actor: &Actor, row: &Dismissal) -> bool {
    match row.state {
        DismissalState::InForce | DismissalState::Ended => true,
        DismissalState::Scheduled | DismissalState::Cancelled => sees_confidential(actor, row.user_id),
    }
}

/// The one that is in force, or else the one that is scheduled, where the actor may know of it.
pub fn current<'a>(actor: &Actor, dismissals: &'a [Dismissal]) -> Option<&'a Dismissal> {
    let in_state = |state| {
        dismissals
            .iter()
            .find(move |row| row.state == state && is_visible(actor, row))
    };
    in_state(DismissalState::InForce).or_else(|| in_state(DismissalState::Scheduled))
}
