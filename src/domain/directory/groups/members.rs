//! Members of a group in the database.

use std::collections::{BTreeSet, HashMap};

use entity::directory::Model as Directory;
use entity::{DirectoryGroupId, UserId, directory_group_member};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::message::{MemberChange, unknown};
use crate::domain::directory::Fault;
use crate::domain::directory::query::{People, Query};
use crate::error::Error;
use crate::store::db::{self, Tx};

/// Rows per statement.
pub(super) const ROWS: usize = 1_000;

/// Members who were added and removed.
#[derive(Debug, Default)]
pub struct Changed {
    /// Added.
    pub added: Vec<UserId>,
    /// Removed.
    pub removed: Vec<UserId>,
}

/// Number of people whom an audit entry names.
const NAMED: usize = 100;

impl Changed {
    /// Returns whether nobody was added or removed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }

    /// Returns the data for the audit log: the numbers, and the first of those people.
    pub fn to_json(&self) -> Value {
        let first = |ids: &[UserId]| {
            ids.iter()
                .take(NAMED)
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        json!({
            "added": first(&self.added),
            "addedCount": self.added.len(),
            "removed": first(&self.removed),
            "removedCount": self.removed.len(),
        })
    }
}

/// Returns all members, by id.
///
/// # Errors
/// When the database fails.
pub async fn of_group(conn: &impl ConnectionTrait, group: DirectoryGroupId) -> Result<Vec<UserId>, Error> {
    Ok(directory_group_member::Entity::find()
        .select_only()
        .column(directory_group_member::Column::UserId)
        .filter(directory_group_member::Column::GroupId.eq(group))
        .order_by_asc(directory_group_member::Column::UserId)
        .into_tuple()
        .all(conn)
        .await?)
}

/// Counts the members.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, group: DirectoryGroupId) -> Result<u64, Error> {
    Ok(directory_group_member::Entity::find()
        .filter(directory_group_member::Column::GroupId.eq(group))
        .count(conn)
        .await?)
}

/// Counts the members of each group; none is missing.
///
/// # Errors
/// When the database fails.
pub async fn counts(conn: &impl ConnectionTrait, groups: &[Uuid]) -> Result<HashMap<Uuid, u64>, Error> {
    let rows: Vec<(Uuid, i64)> = directory_group_member::Entity::find()
        .select_only()
        .column(directory_group_member::Column::GroupId)
        .column_as(directory_group_member::Column::UserId.count(), "members")
        .filter(directory_group_member::Column::GroupId.is_in(groups.iter().copied()))
        .group_by(directory_group_member::Column::GroupId)
        .into_tuple()
        .all(conn)
        .await?;
    let counted = rows
        .into_iter()
        .map(|(id, count)| (id, u64::try_from(count).unwrap_or_default()));
    Ok(counted.collect())
}

/// Returns the members of each group, by id.
///
/// # Errors
/// When the database fails.
pub async fn of_groups(
    conn: &impl ConnectionTrait,
    groups: &[Uuid],
) -> Result<HashMap<Uuid, Vec<UserId>>, Error> {
    let rows: Vec<(Uuid, UserId)> = directory_group_member::Entity::find()
        .select_only()
        .columns([
            directory_group_member::Column::GroupId,
            directory_group_member::Column::UserId,
        ])
        .filter(directory_group_member::Column::GroupId.is_in(groups.iter().copied()))
        .order_by_asc(directory_group_member::Column::UserId)
        .into_tuple()
        .all(conn)
        .await?;
    let mut found: HashMap<Uuid, Vec<UserId>> = HashMap::new();
    for (group, member) in rows {
        found.entry(group).or_default().push(member);
    }
    Ok(found)
}

/// Applies changes in their order.
///
/// # Errors
/// [`Kind::InvalidValue`](crate::domain::directory::problem::Kind::InvalidValue) for a member whom the directory doesn't
/// see.
pub(super) async fn change(
    tx: &Tx,
    directory: &Directory,
    group: DirectoryGroupId,
    changes: &[MemberChange],
) -> Result<Changed, Fault> {
    let (mut added, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for change in changes {
        let (add, remove) = match change {
            MemberChange::Add(ids) => (missing(tx, group, ids).await?, BTreeSet::new()),
            MemberChange::Remove(ids) => {
                let missing = missing(tx, group, ids).await?;
                (BTreeSet::new(), ids.difference(&missing).copied().collect())
            }
            MemberChange::Replace(ids) => {
                let before: BTreeSet<UserId> = of_group(&tx.conn, group).await?.into_iter().collect();
                let add = ids.difference(&before).copied().collect();
                (add, before.difference(ids).copied().collect())
            }
        };
        insert(tx, directory, group, &add).await?;
        delete(tx, group, &remove).await?;
        for id in add {
            if !removed.remove(&id) {
                added.insert(id);
            }
        }
        for id in remove {
            if !added.remove(&id) {
                removed.insert(id);
            }
        }
    }
    Ok(Changed {
        added: added.into_iter().collect(),
        removed: removed.into_iter().collect(),
    })
}

/// Returns those of these people who are no members.
async fn missing(
    tx: &Tx,
    group: DirectoryGroupId,
    ids: &BTreeSet<UserId>,
) -> Result<BTreeSet<UserId>, Error> {
    let all: Vec<UserId> = ids.iter().copied().collect();
    let mut missing = ids.clone();
    for some in all.chunks(ROWS) {
        let known: Vec<UserId> = directory_group_member::Entity::find()
            .select_only()
            .column(directory_group_member::Column::UserId)
            .filter(directory_group_member::Column::GroupId.eq(group))
            .filter(directory_group_member::Column::UserId.is_in(some.iter().copied()))
            .into_tuple()
            .all(&tx.conn)
            .await?;
        for id in known {
            missing.remove(&id);
        }
    }
    Ok(missing)
}

async fn insert(
    tx: &Tx,
    directory: &Directory,
    group: DirectoryGroupId,
    ids: &BTreeSet<UserId>,
) -> Result<(), Fault> {
    let all: Vec<UserId> = ids.iter().copied().collect();
    for some in all.chunks(ROWS) {
        let mut query = Query::new(tx.conn.get_database_backend());
        let from = People(directory.id).seen(&mut query);
        let list: Vec<String> = some.iter().map(|id| query.bind(*id)).collect();
        let sql = format!("SELECT COUNT(*) {from} AND u.id IN ({})", list.join(", "));
        let rows = db::query(&tx.conn, &sql, query.sql.values).await?;
        let seen: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
        if usize::try_from(seen).ok() != Some(some.len()) {
            return Err(unknown().into());
        }
        let rows = some.iter().map(|&user_id| directory_group_member::ActiveModel {
            group_id: Set(group),
            user_id: Set(user_id),
        });
        directory_group_member::Entity::insert_many(rows)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn)
            .await?;
    }
    Ok(())
}

async fn delete(tx: &Tx, group: DirectoryGroupId, ids: &BTreeSet<UserId>) -> Result<(), Error> {
    let all: Vec<UserId> = ids.iter().copied().collect();
    for some in all.chunks(ROWS) {
        directory_group_member::Entity::delete_many()
            .filter(directory_group_member::Column::GroupId.eq(group))
            .filter(directory_group_member::Column::UserId.is_in(some.iter().copied()))
            .exec(&tx.conn)
            .await?;
    }
    Ok(())
}
