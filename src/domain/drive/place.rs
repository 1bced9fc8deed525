//! Puts folders and files into a folder, under names that nothing there has.

use std::collections::HashSet;

use entity::drive_item::{self, Model as Item};
use sea_orm::sea_query::{Expr, LikeExpr, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::name;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Who moves folders, one transaction at a time: two moves that are fine alone can make a ring together.
const TURN: &str = "SELECT pg_advisory_xact_lock(7203311846250120)";

/// How much all numbered forms of a name have in common, in characters: as much as the shortest of them keeps.
const COMMON: usize = 40;

/// Waits until nobody else moves folders.
///
/// # Errors
/// When the database fails.
pub async fn take_turn(tx: &Tx) -> Result<(), Error> {
    if tx.conn.get_database_backend() == DbBackend::Postgres {
        tx.conn.execute_unprepared(TURN).await?;
    }
    Ok(())
}

/// What something can be called in a folder: its name, or with a number if that is taken.
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
    let start: String = key.chars().take(COMMON).collect();
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

/// The names, as people compare them ([`text::name_key`]), of what lies in a folder and fulfils a condition.
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

/// Something to be put into a folder.
#[derive(Debug, Clone)]
pub struct Moving {
    /// Which one.
    pub id: Uuid,
    /// What it is to be called there, if nothing else is.
    pub name: String,
    /// What it is called now.
    pub name_now: String,
    /// Whether it is a folder.
    pub folder: bool,
}

impl From<&Item> for Moving {
    fn from(item: &Item) -> Self {
        Self {
            id: item.id,
            name: item.name.clone(),
            name_now: item.name.clone(),
            folder: item.folder,
        }
    }
}

/// Puts them there: in one statement all whose names are free, one by one the others.
///
/// # Errors
/// When the database fails.
pub async fn put(tx: &Tx, moving: &[Moving], to: Uuid) -> Result<(), Error> {
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

/// Of these folders, those above (or the same as) the one that they are to be put into: they can't be.
///
/// # Errors
/// When the database fails.
pub async fn rings(tx: &Tx, moves: &[(Uuid, Uuid)]) -> Result<HashSet<Uuid>, Error> {
    let mut found = HashSet::new();
    for (item, to) in moves {
        let sql = "WITH RECURSIVE up (at) AS (SELECT id FROM drive_items WHERE id = $1 \
                   UNION SELECT i.parent_id FROM up JOIN drive_items i ON i.id = up.at \
                   WHERE i.parent_id IS NOT NULL) SELECT 1 FROM up WHERE at = $2";
        let ring = db::query(&tx.conn, sql, [(*to).into(), (*item).into()]).await?;
        if !ring.is_empty() {
            found.insert(*item);
        }
    }
    Ok(found)
}
