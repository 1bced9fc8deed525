//! linkToDirectory, unlinkFromDirectory.

use std::sync::Arc;

use entity::directory_person::{self, Model as Link};
use entity::user::Model as User;
use entity::{DirectoryId, UserId, directory_email};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::find;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::directory::fault::Fault;
use crate::domain::directory::person::Person;
use crate::domain::directory::save_person::{check, save};
use crate::domain::people::create;
use crate::error::{Code, Failure, Outcome, Refusal, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// A person to be linked.
#[derive(Debug, Clone)]
pub struct LinkToDirectory {
    /// The directory.
    pub directory: DirectoryId,
    /// The person.
    pub user: UserId,
    /// Name in the directory; the e-mail address without one.
    pub user_name: Option<String>,
    /// ID in the directory; without one, the id in the system that the person was imported from.
    pub external_id: Option<String>,
}

/// Links a person to a directory before it does so itself, so that it finds them by their name or id.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] if they are linked already, or the name or the id is taken.
pub async fn link_to_directory(db: &Db, actor: &Actor, command: &LinkToDirectory) -> Outcome<User> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let directory = find(tx, command.directory).await?;
            let user = create::find_locked(tx, command.user, "userId").await?;
            match directory_person::Entity::find_by_id(user.id)
                .one(&tx.conn)
                .await?
            {
                Some(link) if link.deleted_at.is_none() => {
                    return match link.directory_id == directory.id && is_same(&link, command) {
                        true => Ok((user, Recorded::nothing_changed())),
                        false => refuse(
                            Code::Invalid,
                            "userId",
                            "this person is linked to a directory already",
                        ),
                    };
                }
                Some(link) => delete(tx, &link).await?,
                None => {}
            }
            let person = Person { user, link: None };
            let mut document = person.attributes()?;
            if let Some(name) = &command.user_name {
                document.insert("userName".to_owned(), name.as_str().into());
            }
            let external_id = command.external_id.as_ref().or(person.user.external_id.as_ref());
            if let Some(id) = external_id {
                document.insert("externalId".to_owned(), id.as_str().into());
            }
            let id = person.user.id;
            let checked = check(tx, &directory, document, Vec::new(), Some(id))
                .await
                .map_err(refusal)?;
            let (person, recorded) = save(tx, actor, &directory, person, &checked)
                .await
                .map_err(refusal)?;
            Ok((person.user, recorded.unwrap_or_else(Recorded::nothing_changed)))
        },
    )
    .await
}

fn is_same(link: &Link, command: &LinkToDirectory) -> bool {
    let name = command
        .user_name
        .as_ref()
        .is_none_or(|name| *name == link.user_name);
    name && (command.external_id.is_none() || command.external_id == link.external_id)
}

fn refusal(fault: Fault) -> Failure {
    match fault {
        Fault::Broken(error) => Failure::Broken(error),
        Fault::Problem(problem) => Refusal::new(Code::Invalid, "", problem.detail).into(),
    }
}

async fn delete(tx: &Tx, link: &Link) -> Outcome<()> {
    directory_email::Entity::delete_many()
        .filter(directory_email::Column::UserId.eq(link.user_id))
        .exec(&tx.conn)
        .await?;
    directory_person::Entity::delete_by_id(link.user_id)
        .exec(&tx.conn)
        .await?;
    Ok(())
}

/// Unlinks a person from a directory; nothing of theirs changes. Idempotent.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] if they are linked to another directory.
pub async fn unlink_from_directory(
    db: &Db,
    actor: &Actor,
    directory: DirectoryId,
    person: UserId,
) -> Outcome<User> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let directory = find(tx, directory).await?;
            let user = create::find_locked(tx, person, "userId").await?;
            let Some(link) = directory_person::Entity::find_by_id(person).one(&tx.conn).await? else {
                return Ok((user, Recorded::nothing_changed()));
            };
            if link.directory_id != directory.id {
                return refuse(
                    Code::Invalid,
                    "directoryId",
                    "this person is linked to another directory",
                );
            }
            delete(tx, &link).await?;
            let data = json!({ "directory": directory.id.to_string(), "userName": link.user_name });
            let action = Action::DirectoryPersonUnlinked;
            let recorded = journal::record(tx, &actor.author(), action, Some(person.into()), data).await?;
            Ok((user, recorded))
        },
    )
    .await
}
