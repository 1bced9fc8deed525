//! Queries on folders and files. [`access`] decides on visibility.

use std::collections::HashMap;

use entity::drive_item::{self, Model as Item};
use entity::drive_share::ShareAccess;
use entity::{UserId, drive_share, user};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Value,
};
use uuid::Uuid;

use super::access::{self, Link};
use super::my_drive;
use crate::domain::auth::Actor;
use crate::domain::auth::authenticate::reauthenticate;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{By, Order, Page, PageArgs};

/// Maximum number of folders followed upwards: more than the allowed depth, so that a corrupt tree can't hang a
/// request.
const MAX_FOLLOWED: i32 = 1_000;

/// Returns folders and files by id, without a permission check, including My Drives that are still empty.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, Item>, Error> {
    let rows = drive_item::Entity::find()
        .filter(drive_item::Column::Id.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    let mut found: HashMap<Uuid, Item> = rows.into_iter().map(|row| (row.id, row)).collect();
    let missing: Vec<Uuid> = ids.iter().copied().filter(|id| !found.contains_key(id)).collect();
    if !missing.is_empty() {
        let people = user::Entity::find()
            .filter(user::Column::Id.is_in(missing))
            .all(conn)
            .await?;
        found.extend(
            people
                .into_iter()
                .map(|row| (row.id.0, my_drive(row.id, row.created_at))),
        );
    }
    Ok(found)
}

/// Returns for each item its path up to its My Drive, itself first, with the access of `person`.
///
/// # Errors
/// When the database fails.
pub async fn paths_up(
    conn: &impl ConnectionTrait,
    person: UserId,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Link>>, Error> {
    let sql = format!(
        "WITH RECURSIVE up (item, at, depth) AS (\
             SELECT id, id, 0 FROM drive_items WHERE id IN ({}) \
             UNION ALL SELECT up.item, i.parent_id, up.depth + 1 FROM up JOIN drive_items i ON i.id = up.at \
             WHERE i.parent_id IS NOT NULL AND up.depth < {MAX_FOLLOWED}) \
         SELECT up.item, i.id, i.name, i.owner_id, s.access FROM up JOIN drive_items i ON i.id = up.at \
         LEFT JOIN drive_shares s ON s.folder_id = i.id AND s.user_id = $1 ORDER BY up.item, up.depth",
        db::placeholders(2, ids.len())
    );
    let values = std::iter::once(person.into()).chain(ids.iter().map(|&id| Value::from(id)));
    let mut found: HashMap<Uuid, Vec<Link>> = HashMap::new();
    for row in db::query(conn, &sql, values).await? {
        let share: Option<String> = row.try_get_by_index(4)?;
        found.entry(row.try_get_by_index(0)?).or_default().push(Link {
            id: row.try_get_by_index(1)?,
            name: row.try_get_by_index(2)?,
            owner_id: row.try_get_by_index(3)?,
            share: share.map(|text| ShareAccess::try_from_value(&text)).transpose()?,
        });
    }
    // A My Drive without a row has nothing above it.
    for &id in ids {
        found.entry(id).or_insert_with(|| {
            vec![Link {
                id,
                name: super::MY_DRIVE.to_owned(),
                owner_id: UserId(id),
                share: None,
            }]
        });
    }
    Ok(found)
}

/// As [`paths_up`], for pairs of person and item.
///
/// # Errors
/// When the database fails.
pub async fn paths_up_for(
    db: &Db,
    pairs: &[(UserId, Uuid)],
) -> Result<HashMap<(UserId, Uuid), Vec<Link>>, Error> {
    let mut found = HashMap::with_capacity(pairs.len());
    for (person, ids) in db::by_asker(pairs) {
        let ways = paths_up(db.read(), person, &ids).await?;
        found.extend(ways.into_iter().map(|(id, up)| ((person, id), up)));
    }
    Ok(found)
}

/// A folder or file visible to the actor, with its path up and their access.
pub struct Seen {
    /// Row.
    pub item: Item,
    /// Path up, itself first.
    pub up: Vec<Link>,
    /// Access of the actor.
    pub level: ShareAccess,
}

/// Finds a folder or file; `None` if there is none that the actor may see.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &impl ConnectionTrait, actor: &Actor, id: Uuid) -> Result<Option<Seen>, Error> {
    let Some(item) = by_ids(conn, &[id]).await?.remove(&id) else {
        return Ok(None);
    };
    let up = paths_up(conn, actor.user_id, &[id])
        .await?
        .remove(&id)
        .unwrap_or_default();
    Ok(access::level(actor, &up).map(|level| Seen { item, up, level }))
}

/// Checks during a transfer that the actor is still authenticated and still has this access to a folder or file.
///
/// # Errors
/// [`Error::Unauthenticated`], [`Error::Forbidden`], or when the database fails.
pub async fn check_again(db: &Db, actor: &Actor, id: Uuid, access: ShareAccess) -> Result<(), Error> {
    let actor = reauthenticate(db, actor).await?;
    let up = paths_up(db.read(), actor.user_id, &[id]).await?.remove(&id);
    match access::level(&actor, &up.unwrap_or_default()) {
        Some(level) if level >= access => Ok(()),
        _ => Err(Error::Forbidden("access to the folder or file")),
    }
}

/// Returns the shares of each folder itself.
///
/// # Errors
/// When the database fails.
pub async fn shares(
    conn: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(UserId, ShareAccess)>>, Error> {
    let rows = drive_share::Entity::find()
        .filter(drive_share::Column::FolderId.is_in(ids.iter().copied()))
        .order_by_asc(drive_share::Column::UserId)
        .all(conn)
        .await?;
    let mut found: HashMap<Uuid, Vec<(UserId, ShareAccess)>> = HashMap::new();
    for row in rows {
        found
            .entry(row.folder_id.0)
            .or_default()
            .push((row.user_id, row.access));
    }
    Ok(found)
}

/// Returns a page of the items in a folder visible to the caller, by name.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn items(db: &Db, folder: Uuid, args: &PageArgs) -> Result<Page<Item>, Error> {
    let select = drive_item::Entity::find().filter(drive_item::Column::ParentId.eq(folder));
    let order = Order {
        tag: "sorted",
        by: Some(By::of::<String>(Expr::col((
            drive_item::Entity,
            drive_item::Column::SortKey,
        )))),
        id: Expr::col((drive_item::Entity, drive_item::Column::Id)),
        descending: false,
    };
    page::fetch(db.read(), select, order, args, |row| row.id).await
}

/// SQL condition for items owned by `$1` in somebody else's folder to which they have no access: otherwise only their
/// id would lead to them.
const STRANDED: &str = "drive_items.owner_id = $1 AND drive_items.parent_id IS NOT NULL AND NOT EXISTS (\
    WITH RECURSIVE up (at) AS (SELECT drive_items.parent_id \
        UNION SELECT a.parent_id FROM up JOIN drive_items a ON a.id = up.at WHERE a.parent_id IS NOT NULL) \
    SELECT 1 FROM up JOIN drive_items f ON f.id = up.at WHERE f.owner_id = $1 \
    OR EXISTS (SELECT 1 FROM drive_shares s WHERE s.folder_id = f.id AND s.user_id = $1))";

/// Returns a page of the folders shared with this person, and of their items in folders that they can't see, by
/// creation.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn shared_with(db: &Db, person: UserId, args: &PageArgs) -> Result<Page<Item>, Error> {
    let shared = Query::select()
        .column(drive_share::Column::FolderId)
        .from(drive_share::Entity)
        .and_where(drive_share::Column::UserId.eq(person))
        .to_owned();
    let shared = Condition::all()
        .add(drive_item::Column::Id.in_subquery(shared))
        .add(drive_item::Column::OwnerId.ne(person));
    let stranded = db::sql_condition(db.backend(), STRANDED, &[person.into()]);
    let select = drive_item::Entity::find().filter(Condition::any().add(shared).add(stranded));
    let order = Order::by_id((drive_item::Entity, drive_item::Column::Id), false);
    page::fetch(db.read(), select, order, args, |row| row.id).await
}
