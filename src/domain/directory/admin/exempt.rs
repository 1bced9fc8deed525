//! exemptFromDirectory.

use std::sync::Arc;

use entity::user::Model as User;
use entity::{UserId, directory_exemption};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::people::create;
use crate::error::Outcome;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// Exempts a person from dismissal by a directory, or no longer: for accounts that must survive a mistake there.
/// Idempotent.
///
/// # Errors
/// [`Code::NotFound`](crate::error::Code::NotFound).
pub async fn exempt_from_directory(db: &Db, actor: &Actor, person: UserId, exempt: bool) -> Outcome<User> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let user = create::find(tx, person, "userId").await?;
            let known = directory_exemption::Entity::find_by_id(person)
                .one(&tx.conn)
                .await?;
            if known.is_some() == exempt {
                return Ok((user, Recorded::nothing_changed()));
            }
            match exempt {
                true => {
                    let row = directory_exemption::ActiveModel {
                        user_id: Set(person),
                        created_at: Set(tx.now),
                    };
                    directory_exemption::Entity::insert(row)
                        .exec_without_returning(&tx.conn)
                        .await?;
                }
                false => {
                    directory_exemption::Entity::delete_by_id(person)
                        .exec(&tx.conn)
                        .await?;
                }
            }
            let data = json!({ "exempt": { "from": !exempt, "to": exempt } });
            let action = Action::DirectoryPersonExempted;
            let recorded = journal::record(tx, &actor.author(), action, Some(person.into()), data).await?;
            Ok((user, recorded))
        },
    )
    .await
}
