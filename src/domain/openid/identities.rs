//! The accounts that are linked to people.

use std::collections::HashMap;

use entity::identity::{self, Model as Identity};
use entity::{UserId, identity_provider};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::error::Error;
use crate::store::db::Db;

/// Returns the accounts of people at providers that are not retired, by their link; without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn of_people(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Vec<Identity>>, Error> {
    let active = identity_provider::Entity::find()
        .select_only()
        .column(identity_provider::Column::Id)
        .filter(identity_provider::Column::RetiredAt.is_null())
        .into_query();
    let rows = identity::Entity::find()
        .filter(identity::Column::UserId.is_in(people.iter().copied()))
        .filter(identity::Column::ProviderId.in_subquery(active))
        .order_by_asc(identity::Column::Id)
        .all(db.read())
        .await?;
    let mut found: HashMap<UserId, Vec<Identity>> = HashMap::new();
    for row in rows {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}
