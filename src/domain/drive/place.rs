//! Places folders and files into a folder, under free names.

use std::collections::{BTreeSet, HashSet};

use entity::drive_item::{self, Model as Item};
use sea_orm::sea_query::{Expr, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::name;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Lock that serializes moves of folders: two moves that are valid alone can form a cycle together.
const LOCK_MOVES: &str = "SELECT pg_advisory_xact_lock(7203311846250120)";

/// Common prefix of all numbered forms of a name, in characters: as long as in the shortest of them.
const COMMON_PREFIX: usize = 40;

/// Takes the lock on moves of folders.
///
/// # Errors
/// When the database fails.
pub async fn lock_moves(tx: &Tx) -> Result<(), Error> {
    if tx.conn.get_database_backend() == DbBackend::Postgres {
        tx.conn.execute_unprepared(LOCK_MOVES).await?;
    }
    Ok(())
}

/// Returns a free name in a folder: the wanted one, numbered if it is taken.
///
/// # Errors
/// When the database fails.
pub async fn free_name(tx: &Tx, to: Uuid, wanted: &str, folder: bool) -> Result<String, Error> {
    let wanted = name::fit(wanted, folder);
    let clash = taken(tx, to, drive_item::Column::NameKey.eq(text::name_key(&wanted))).await?;
    if clash.is_empty() {
        return Ok(wanted);
    }
    let key = text::name_key(name::stem(&wanted, folder));
    let start: String = key.chars().take(COMMON_PREFIX).collect();
    let pattern = format!(
        "{}%",
        start
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
    );
    let alike = drive_item::Column::NameKey.like(LikeExpr::new(pattern).escape('\\'));
    Ok(name::free(&wanted, folder, &taken(tx, to, alike).await?))
}

/// Returns the folded names ([`text::name_key`]) of the items in a folder that match a condition.
///
/// # Errors
/// When the database fails.
pub async fn taken(tx: &Tx, folder: Uuid, condition: SimpleExpr) -> Result<HashSet<String>, Error> {
    let keys: Vec<String> = drive_item::Entity::find()
        .select_only()
        .column(drive_item::Column::NameKey)
        .filter(drive_item::Column::ParentId.eq(folder))
        .filter(condition)
        .into_tuple()
        .all(&tx.conn)
        .await?;
    Ok(keys.into_iter().collect())
}

/// An item to be placed into a folder.
#[derive(Debug, Clone)]
pub struct PlacedItem {
    /// Id.
    pub id: Uuid,
    /// Wanted name.
    pub name: String,
    /// Current name.
    pub name_now: String,
    /// Whether it is a folder.
    pub folder: bool,
}

impl From<&Item> for PlacedItem {
    fn from(item: &Item) -> Self {
        Self {
            id: item.id,
            name: item.name.clone(),
            name_now: item.name.clone(),
            folder: item.folder,
        }
    }
}

/// Places the items: those with free names in one statement, the others one by one.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &Tx, moving: &[PlacedItem], to: Uuid) -> Result<(), Error> {
    for some in moving.chunks(1_000) {
        let wanted = drive_item::Column::NameKey.is_in(some.iter().map(|one| text::name_key(&one.name)));
        let mut taken = taken(tx, to, wanted).await?;
        let (mut together, mut alone) = (Vec::new(), Vec::new());
        for one in some {
            let free = taken.insert(text::name_key(&one.name));
            if free && one.name == one.name_now {
                together.push(one.id);
            } else {
                alone.push(one);
            }
        }
        if !together.is_empty() {
            drive_item::Entity::update_many()
                .col_expr(drive_item::Column::ParentId, Expr::value(to))
                .col_expr(drive_item::Column::PlacedAt, Expr::value(tx.now))
                .filter(drive_item::Column::Id.is_in(together))
                .exec(&tx.conn)
                .await?;
        }
        for one in alone {
            let name = free_name(tx, to, &one.name, one.folder).await?;
            drive_item::Entity::update_many()
                .col_expr(drive_item::Column::ParentId, Expr::value(to))
                .col_expr(drive_item::Column::PlacedAt, Expr::value(tx.now))
                .col_expr(drive_item::Column::NameKey, Expr::value(text::name_key(&name)))
                .col_expr(drive_item::Column::SortKey, Expr::value(text::sort_key(&name)))
                .col_expr(drive_item::Column::Name, Expr::value(name))
                .filter(drive_item::Column::Id.eq(one.id))
                .exec(&tx.conn)
                .await?;
        }
    }
    Ok(())
}

/// Returns the folders that are above (or equal to) their target, and so would form a cycle.
///
/// # Errors
/// When the database fails.
pub async fn cycles(tx: &Tx, moves: &[(Uuid, Uuid)]) -> Result<HashSet<Uuid>, Error> {
    let targets: BTreeSet<Uuid> = moves.iter().map(|(_, to)| *to).collect();
    let mut above: HashSet<(Uuid, Uuid)> = HashSet::new();
    for some in Vec::from_iter(targets).chunks(1_000) {
        let sql = format!(
            "WITH RECURSIVE up (start, at) AS (SELECT id, id FROM drive_items WHERE id IN ({}) \
             UNION SELECT up.start, i.parent_id FROM up JOIN drive_items i ON i.id = up.at \
             WHERE i.parent_id IS NOT NULL) SELECT start, at FROM up",
            db::placeholders(1, some.len())
        );
        for row in db::query(&tx.conn, &sql, some.iter().map(|&id| id.into())).await? {
            above.insert((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
        }
    }
    let ring = |(item, to): &&(Uuid, Uuid)| above.contains(&(*to, *item));
    Ok(moves.iter().filter(ring).map(|(item, _)| *item).collect())
}
