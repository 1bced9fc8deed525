//! Reads of dismissals.

use std::collections::HashMap;

use entity::UserId;
use entity::dismissal::{self, DismissalState, Model as Dismissal};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::db::Db;
use crate::error::Error;

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

/// The one that is in force, or else the one that is scheduled.
pub fn current(dismissals: &[Dismissal]) -> Option<&Dismissal> {
    let in_state = |state| dismissals.iter().find(move |row| row.state == state);
    in_state(DismissalState::InForce).or_else(|| in_state(DismissalState::Scheduled))
}
