//! shareFolder.

use std::sync::Arc;

use entity::drive_item::Model as Item;
use entity::drive_share::{self, ShareAccess};
use entity::{FolderId, UserId, user};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;

use super::{ensure_my_drives, list};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::error::{Code, Error, Outcome, Refusal, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Shares a folder, and everything below it, with people; updates the level for those who have access already.
///
/// # Errors
/// [`Code::NotFound`] for a folder that the actor can't see, or for unknown people; [`Code::RecipientNotActive`];
/// [`Error::Forbidden`] without FULL access.
pub async fn share_folder(
    db: &Db,
    actor: &Actor,
    folder: FolderId,
    with: &[UserId],
    access: ShareAccess,
) -> Outcome<Item> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let item = owned(tx, actor, folder).await?;
        crate::error::refuse_if_any(check_people(&tx.conn, with, "with").await?)?;
        let before = drive_share::Entity::find()
            .filter(drive_share::Column::FolderId.eq(folder))
            .filter(drive_share::Column::UserId.is_in(with.iter().copied()))
            .filter(drive_share::Column::Access.eq(access))
            .all(&tx.conn)
            .await?;
        let news = |person: &UserId| {
            *person != item.owner_id && !before.iter().any(|share| share.user_id == *person)
        };
        let people: Vec<UserId> = with.iter().copied().filter(news).collect();
        if people.is_empty() {
            return Ok((item, Recorded::nothing_changed()));
        }
        set(tx, folder, &people, access).await?;
        let data = json!({
            "with": people.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "access": sea_orm::ActiveEnum::to_value(&access),
        });
        let (action, subject) = (Action::FolderShared, Some(folder.into()));
        let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
        Ok((item, recorded))
    })
    .await
}

/// Returns a folder that the actor may share.
///
/// # Errors
/// As [`share_folder`].
pub async fn owned(tx: &Tx, actor: &Actor, id: FolderId) -> Outcome<Item> {
    let Some(seen) = list::find(&tx.conn, actor, id.0)
        .await?
        .filter(|seen| seen.item.folder)
    else {
        return refuse(Code::NotFound, "folderId", "there is no such folder");
    };
    if seen.level < ShareAccess::Full {
        return Err(Error::Forbidden("FULL access to the folder").into());
    }
    if seen.item.parent_id.is_none() {
        ensure_my_drives(tx, [seen.item.owner_id]).await?;
    }
    Ok(seen.item)
}

/// Returns the refusals of sharing something with these people.
///
/// # Errors
/// When the database fails.
pub async fn check_people(
    conn: &impl ConnectionTrait,
    people: &[UserId],
    field: &str,
) -> Result<Vec<Refusal>, Error> {
    let found = user::Entity::find()
        .filter(user::Column::Id.is_in(people.iter().copied()))
        .all(conn)
        .await?;
    let wrong = |(place, id): (usize, &UserId)| {
        let path = format!("{field}.{place}");
        match found.iter().find(|person| person.id == *id) {
            None => Some(Refusal::new(Code::NotFound, &path, "there is no such person")),
            Some(person) if !person.is_active() => Some(Refusal::new(
                Code::RecipientNotActive,
                &path,
                "only active people can be given access",
            )),
            Some(_) => None,
        }
    };
    Ok(people.iter().enumerate().filter_map(wrong).collect())
}

/// Writes the access of these people.
///
/// # Errors
/// When the database fails.
pub async fn set(tx: &Tx, folder: FolderId, people: &[UserId], access: ShareAccess) -> Result<(), Error> {
    let rows = people.iter().map(|&user_id| drive_share::ActiveModel {
        folder_id: Set(folder),
        user_id: Set(user_id),
        access: Set(access),
        created_at: Set(tx.now),
    });
    let key = [drive_share::Column::FolderId, drive_share::Column::UserId];
    drive_share::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns(key)
                .update_column(drive_share::Column::Access)
                .to_owned(),
        )
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(())
}
