//! The accounts that are linked to people.

use std::collections::HashMap;

use entity::identity::{self, LinkedBy, Model as Identity};
use entity::{UserId, identity_provider};
use sea_orm::{ColumnTrait, EntityTrait, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Author};

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

/// Unlinks the accounts that a person has linked themselves, at retired providers too: whoever had their session or their
/// password may have done it in their place. The caller ends the sessions.
///
/// # Errors
/// When the database fails.
pub async fn forget_own(tx: &Tx, author: &Author, person: UserId) -> Outcome<()> {
    let rows = identity::Entity::find()
        .filter(identity::Column::UserId.eq(person))
        .filter(identity::Column::LinkedBy.eq(LinkedBy::Themselves))
        .order_by_asc(identity::Column::Id)
        .all(&tx.conn)
        .await?;
    for row in rows {
        let data = json!({ "identity": row.id.to_string(), "provider": row.provider_id.to_string() });
        row.delete(&tx.conn).await?;
        journal::record(tx, author, Action::IdentityUnlinked, Some(person.into()), data).await?;
    }
    Ok(())
}
