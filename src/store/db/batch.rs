//! Batches: rows for many keys in one statement.

use std::collections::HashMap;
use std::hash::Hash;
use std::iter;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, TryGetable, Value};

use super::sql::{placeholders, query};
use crate::error::Error;

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids<E, K>(
    conn: &impl ConnectionTrait,
    column: E::Column,
    ids: &[K],
    id: impl Fn(&E::Model) -> K,
) -> Result<HashMap<K, E::Model>, Error>
where
    E: EntityTrait,
    K: Copy + Into<Value> + Eq + Hash,
{
    let rows = E::find()
        .filter(column.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (id(&row), row)).collect())
}

/// Returns those of `ids` whose row of `table` fulfils a condition, in which `$1` is `whose`.
///
/// # Errors
/// When the database fails.
pub async fn ids_where<K>(
    conn: &impl ConnectionTrait,
    table: &str,
    condition: &str,
    whose: Value,
    ids: &[K],
) -> Result<Vec<K>, Error>
where
    K: Copy + Into<Value> + TryGetable,
{
    let list = placeholders(2, ids.len());
    let sql = format!("SELECT {table}.id FROM {table} WHERE {table}.id IN ({list}) AND {condition}");
    let values = iter::once(whose).chain(ids.iter().map(|&id| id.into()));
    let rows = query(conn, &sql, values).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// As [`ids_where`], for pairs of the one who asks and an id.
///
/// # Errors
/// When the database fails.
pub async fn pairs_where<A, K>(
    conn: &impl ConnectionTrait,
    table: &str,
    condition: &str,
    pairs: &[(A, K)],
) -> Result<HashMap<(A, K), ()>, Error>
where
    A: Copy + Into<Value> + Eq + Hash,
    K: Copy + Into<Value> + TryGetable + Eq + Hash,
{
    let mut found = HashMap::with_capacity(pairs.len());
    for (asker, ids) in by_asker(pairs) {
        let ids = ids_where(conn, table, condition, asker.into(), &ids).await?;
        found.extend(ids.into_iter().map(|id| ((asker, id), ())));
    }
    Ok(found)
}

/// Groups the keys of a batch by the one who asks for them.
pub fn by_asker<A, K>(pairs: &[(A, K)]) -> HashMap<A, Vec<K>>
where
    A: Copy + Eq + Hash,
    K: Copy,
{
    let mut found: HashMap<A, Vec<K>> = HashMap::new();
    for &(asker, key) in pairs {
        found.entry(asker).or_default().push(key);
    }
    found
}
