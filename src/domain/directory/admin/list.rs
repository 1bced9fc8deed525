//! Queries on directories.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::directory::{self, Model as Directory};
use entity::directory_group::{self, Model as Group};
use entity::directory_note::{self, NoteKind};
use entity::directory_person::{self, Model as Link};
use entity::directory_refusal::{self, Model as Refusal};
use entity::user::{self, UserStatus};
use entity::{
    DirectoryGroupId, DirectoryId, RefusedRequestId, UserId, directory_exemption, directory_handover,
    integration_secret,
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::domain::auth::{Actor, Permission};
use crate::domain::integrations::secrets;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page::{self, Order, Page, PageArgs};

/// Time without `active` after which an administrator should look at the mapping.
const NO_ACTIVE: TimeDelta = TimeDelta::days(7);
/// Maximum number of warnings about single people and departments.
const MOST_WARNINGS: usize = 100;
/// How long notes are shown.
const NOTES: TimeDelta = TimeDelta::days(30);

/// Returns the directories that have not ended, by creation.
///
/// # Errors
/// [`Error::Forbidden`] without MANAGE_INTEGRATIONS.
pub async fn directories(db: &Db, actor: &Actor) -> Result<Vec<Directory>, Error> {
    actor.require(Permission::ManageIntegrations)?;
    Ok(directory::Entity::find()
        .filter(directory::Column::EndedAt.is_null())
        .order_by_asc(directory::Column::Id)
        .all(db.read())
        .await?)
}

/// Returns directories by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[DirectoryId]) -> Result<HashMap<DirectoryId, Directory>, Error> {
    db::by_ids::<directory::Entity, _>(db.read(), directory::Column::Id, ids, |row| row.id).await
}

/// Returns groups by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn groups_by_ids(
    db: &Db,
    ids: &[DirectoryGroupId],
) -> Result<HashMap<DirectoryGroupId, Group>, Error> {
    let column = directory_group::Column::Id;
    db::by_ids::<directory_group::Entity, _>(db.read(), column, ids, |row| row.id).await
}

/// Returns refused requests by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn refusals_by_ids(
    db: &Db,
    ids: &[RefusedRequestId],
) -> Result<HashMap<RefusedRequestId, Refusal>, Error> {
    let column = directory_refusal::Column::Id;
    db::by_ids::<directory_refusal::Entity, _>(db.read(), column, ids, |row| row.id).await
}

/// Counts the people linked to a directory.
///
/// # Errors
/// When the database fails.
pub async fn linked(db: &Db, id: DirectoryId) -> Result<u64, Error> {
    Ok(directory_person::Entity::find()
        .filter(directory_person::Column::DirectoryId.eq(id))
        .filter(directory_person::Column::DeletedAt.is_null())
        .count(db.read())
        .await?)
}

/// Counts the people linked to no directory who are not dismissed.
///
/// # Errors
/// When the database fails.
pub async fn unlinked(db: &Db) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM users u WHERE u.status <> 'DISMISSED' \
               AND NOT EXISTS (SELECT 1 FROM directory_people p WHERE p.user_id = u.id)";
    let rows = db::query(db.read(), sql, []).await?;
    let unlinked: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(unlinked).unwrap_or_default())
}

/// Counts the dismissals whose handover waits for an administrator.
///
/// # Errors
/// When the database fails.
pub async fn held(db: &Db, id: DirectoryId) -> Result<u64, Error> {
    Ok(directory_handover::Entity::find()
        .filter(directory_handover::Column::DirectoryId.eq(id))
        .filter(directory_handover::Column::Held.eq(true))
        .count(db.read())
        .await?)
}

/// Returns the notes of the last thirty days, newest first.
async fn notes(db: &Db, id: DirectoryId) -> Result<Vec<directory_note::Model>, Error> {
    Ok(directory_note::Entity::find()
        .filter(directory_note::Column::DirectoryId.eq(id))
        .filter(directory_note::Column::NotedAt.gt(db.clock().now() - NOTES))
        .order_by_desc(directory_note::Column::NotedAt)
        .order_by_asc(directory_note::Column::Name)
        .all(db.read())
        .await?)
}

/// Returns the attributes that the directory sends and that are not stored.
///
/// # Errors
/// When the database fails.
pub async fn ignored_attributes(db: &Db, id: DirectoryId) -> Result<Vec<String>, Error> {
    let notes = notes(db, id).await?;
    let ignored = notes
        .into_iter()
        .filter(|note| note.kind == NoteKind::IgnoredAttribute);
    Ok(ignored.map(|note| note.name).collect())
}

/// Returns what an administrator should look at, in words.
///
/// # Errors
/// When the database fails.
pub async fn warnings(db: &Db, directory: &Directory) -> Result<Vec<String>, Error> {
    let mut warnings = Vec::new();
    let writes_since = directory
        .first_write_at
        .filter(|_| directory.active_received_at.is_none());
    if writes_since.is_some_and(|at| at + NO_ACTIVE < db.clock().now()) {
        warnings.push(
            "The directory has never sent the attribute active: nobody will be dismissed. Check its mapping."
                .to_owned(),
        );
    }
    warnings.extend(known_secrets(db, directory).await?);
    for note in notes(db, directory.id).await?.into_iter().take(MOST_WARNINGS) {
        let name = &note.name;
        let day = note.noted_at.format("%Y-%m-%d");
        warnings.extend(match note.kind {
            NoteKind::IgnoredAttribute => None,
            NoteKind::UnknownDepartment => Some(format!("{day}: no single department has the name {name}.")),
            NoteKind::UnknownManager => Some(format!("{day}: the manager of {name} is not known here.")),
            NoteKind::ActivationIgnored => Some(format!(
                "{day}: the directory activated {name}, who was dismissed here and stays dismissed."
            )),
            NoteKind::MassDismissal => Some(format!(
                "{day}: the directory dismissed unusually many people within an hour."
            )),
            NoteKind::LastAdministratorKept => Some(format!(
                "{day}: {name} left the group of administrators and keeps the role, because no other \
                 administrator would remain."
            )),
        });
    }
    Ok(warnings)
}

/// Warns of secrets that people know who were dismissed: the directory dismissed them with such a secret itself.
async fn known_secrets(db: &Db, directory: &Directory) -> Result<Vec<String>, Error> {
    let known = integration_secret::Entity::find()
        .filter(integration_secret::Column::IntegrationId.eq(directory.integration_id))
        .filter(secrets::active(db.clock().now()))
        .all(db.read())
        .await?;
    let mut warnings = Vec::new();
    for secret in known {
        let person = user::Entity::find_by_id(secret.shown_to_id)
            .one(db.read())
            .await?;
        if person.is_some_and(|person| person.status == UserStatus::Dismissed) {
            warnings.push(format!(
                "The secret that ends with {} is known to somebody who was dismissed: add a new one and revoke it.",
                secret.hint
            ));
        }
    }
    Ok(warnings)
}

/// Returns a page of the groups, by creation.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn groups(db: &Db, id: DirectoryId, args: &PageArgs) -> Result<Page<Group>, Error> {
    let select = directory_group::Entity::find()
        .filter(directory_group::Column::DirectoryId.eq(id))
        .filter(directory_group::Column::DeletedAt.is_null());
    let order = Order::by_id(directory_group::Column::Id, false);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns a page of the refused requests, newest first.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn refusals(db: &Db, id: DirectoryId, args: &PageArgs) -> Result<Page<Refusal>, Error> {
    let select = directory_refusal::Entity::find().filter(directory_refusal::Column::DirectoryId.eq(id));
    let order = Order::by_id(directory_refusal::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns what directories say of people.
///
/// # Errors
/// When the database fails.
pub async fn links(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Link>, Error> {
    let rows = directory_person::Entity::find()
        .filter(directory_person::Column::UserId.is_in(people.iter().copied()))
        .filter(directory_person::Column::DeletedAt.is_null())
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.user_id, row)).collect())
}

/// Returns whether directories may not dismiss a person.
///
/// # Errors
/// When the database fails.
pub async fn is_exempt(db: &Db, person: UserId) -> Result<bool, Error> {
    let found = directory_exemption::Entity::find_by_id(person)
        .one(db.read())
        .await?;
    Ok(found.is_some())
}
