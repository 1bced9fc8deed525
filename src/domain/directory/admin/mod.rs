//! What administrators do with directories.

pub mod create;
pub mod end;
pub mod exempt;
pub mod link;
pub mod list;
pub mod preview;
pub mod release;
pub mod update;

use entity::DirectoryId;
use entity::directory::{self, Model as Directory};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Tx;

/// As [`manage_integrations`](crate::domain::auth::guard::manage_integrations), with locks on the administrators, the
/// actor among them: for what locks other people later.
///
/// # Errors
/// [`Error::Forbidden`] for an integration.
pub(super) fn needs_over_administrators(actor: &Actor) -> Result<Needs<'static>, Error> {
    actor.require_person()?;
    Ok(Needs::PermissionOverPeople(Permission::ManageIntegrations, &[]))
}

/// Finds a directory that has not ended, and locks it.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn find(tx: &Tx, id: DirectoryId) -> Outcome<Directory> {
    let found = directory::Entity::find_by_id(id)
        // Stronger than what requests of the directory hold while they write.
        .lock(LockType::Update)
        .one(&tx.conn)
        .await?;
    match found.filter(|row| row.ended_at.is_none()) {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "directoryId", "there is no such directory"),
    }
}
