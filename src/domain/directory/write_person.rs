//! PUT, PATCH and DELETE on a person.

use std::sync::Arc;

use entity::directory::{self, Model as Directory};
use entity::{UserId, directory_person};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::document::{self, Document};
use super::groups::write::leave_all;
use super::person::{self, Person};
use super::problem::{Kind, Problem};
use super::save_person::{check, save};
use super::schema::USERS;
use super::{Fault, activity, fault, patch};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::dismissal::by_directory;
use crate::error::Error;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// A change of a person.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// PUT: the whole resource. Without `active`, the status stays.
    Replace(&'a Map<String, Value>),
    /// PATCH.
    Patch(&'a Map<String, Value>),
}

impl Change<'_> {
    /// Returns the document after the change, and names that the schema doesn't know.
    fn apply(self, person: &Person) -> Result<(Document, Vec<String>), Fault> {
        match self {
            Self::Replace(body) => {
                let read = document::read(&USERS, body)?;
                Ok((read.document, read.unknown))
            }
            Self::Patch(body) => {
                let mut document = person.document()?;
                let id = person.user.id.0.to_string();
                let unknown = patch::apply(&USERS, &id, &mut document, body)?;
                Ok((document, unknown))
            }
        }
    }
}

/// Carries out a change. `if_match` is the header of the request. The first change links the person to the directory;
/// one that changes nothing writes nothing.
///
/// # Errors
/// [`Kind::NotFound`], [`Kind::Precondition`], and those of the change and of the dismissal or return that follows from
/// `active`.
pub async fn change_person(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    id: UserId,
    change: Change<'_>,
    if_match: Option<&str>,
) -> Result<Person, Fault> {
    // Most changes leave the status alone, and don't need the locks of a dismissal.
    match attempt(db, actor, directory, id, change, if_match, None).await? {
        Some(person) => Ok(person),
        None => {
            let people = by_directory::people_involved(db.read(), id).await?;
            let done = attempt(db, actor, directory, id, change, if_match, Some(&people)).await?;
            done.ok_or(Fault::Broken(Error::Conflict))
        }
    }
}

/// Returns `None` if the status changes, which requires locks on `people`.
async fn attempt(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    id: UserId,
    change: Change<'_>,
    if_match: Option<&str>,
    people: Option<&[UserId]>,
) -> Result<Option<Person>, Fault> {
    let needs = match people {
        Some(people) => Needs::PermissionOverPeople(Permission::ProvisionPeople, people),
        None => Needs::Permission(Permission::ProvisionPeople),
    };
    fault::write(
        db,
        actor,
        directory,
        needs,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            let before = person::find_locked(tx, directory, id).await?;
            before.version().check(if_match)?;
            let (document, unknown) = change.apply(&before)?;
            let checked = check(tx, directory, document, unknown, Some(id)).await?;
            let active = checked.mapped.active;
            let turns = active.filter(|&active| active != before.is_active());
            if turns.is_some() && people.is_none() {
                return Ok((None, Recorded::nothing_changed()));
            }
            note_active(tx, directory, active).await?;
            let (mut person, recorded) = save(tx, actor, directory, before, &checked).await?;
            if let Some(active) = turns {
                activity::set_active(tx, actor, directory, &person, active).await?;
                person = person::find_locked(tx, directory, id).await?;
                return Ok((Some(person), Recorded::by_its_steps()));
            }
            Ok((Some(person), recorded.unwrap_or_else(Recorded::nothing_changed)))
        },
    )
    .await
}

/// Notes that the directory sends `active` at all, once a day.
///
/// # Errors
/// When the database fails.
pub(super) async fn note_active(tx: &Tx, directory: &Directory, active: Option<bool>) -> Result<(), Error> {
    let known = directory.active_received_at.map(|at| at.date_naive());
    if active.is_none() || known == Some(tx.now.date_naive()) {
        return Ok(());
    }
    directory::Entity::update_many()
        .col_expr(directory::Column::ActiveReceivedAt, Expr::value(tx.now))
        .filter(directory::Column::Id.eq(directory.id))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

/// Dismisses a person and unlinks them: the directory never sees them again. Nothing of theirs is deleted.
///
/// # Errors
/// [`Kind::NotFound`]; those of a dismissal.
pub async fn delete_person(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    id: UserId,
    if_match: Option<&str>,
) -> Result<(), Fault> {
    let people = &by_directory::people_involved(db.read(), id).await?;
    let needs = Needs::PermissionOverPeople(Permission::ProvisionPeople, people);
    fault::write(
        db,
        actor,
        directory,
        needs,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            let person = person::find_locked(tx, directory, id).await?;
            person.version().check(if_match)?;
            if person.is_active() {
                activity::set_active(tx, actor, directory, &person, false).await?;
            }
            mark_deleted(tx, &person).await?;
            leave_all(tx, actor, directory, id).await?;
            let data = json!({ "directory": directory.id.to_string() });
            let (action, subject) = (Action::DirectoryPersonDeleted, Some(id.into()));
            let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
            Ok(((), recorded))
        },
    )
    .await
}

/// Marks the link as deleted.
///
/// # Errors
/// [`Kind::Conflict`] for a person who was never linked.
async fn mark_deleted(tx: &Tx, person: &Person) -> Result<(), Fault> {
    if person.link.is_none() {
        let detail = "the user is not managed by this directory: replace it first";
        return Err(Problem::new(Kind::Conflict, detail).into());
    }
    let row = directory_person::ActiveModel {
        user_id: Set(person.user.id),
        deleted_at: Set(Some(tx.now)),
        updated_at: Set(tx.now),
        ..Default::default()
    };
    directory_person::Entity::update(row).exec(&tx.conn).await?;
    Ok(())
}
