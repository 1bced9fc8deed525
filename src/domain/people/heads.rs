//! Heads: the nearest active head above a person.

use std::collections::HashMap;

use entity::{DepartmentId, UserId};
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store::db;

/// Maximum depth followed in the tree; a deeper one would be a mistake.
const MAX_DEPTH: i32 = 64;

/// Returns the active heads of each department and of those above it, nearest first.
///
/// # Errors
/// When the database fails.
pub async fn above(
    conn: &impl ConnectionTrait,
    departments: &[DepartmentId],
) -> Result<HashMap<DepartmentId, Vec<UserId>>, Error> {
    if departments.is_empty() {
        return Ok(HashMap::new());
    }
    // A subquery per head: with a join, SQLite would start from all active people.
    let sql = format!(
        "WITH RECURSIVE up (start, id, depth) AS ( \
             SELECT id, id, 0 FROM departments WHERE id IN ({}) \
             UNION ALL \
             SELECT up.start, d.parent_id, up.depth + 1 FROM up JOIN departments d ON d.id = up.id \
             WHERE d.parent_id IS NOT NULL AND up.depth < {MAX_DEPTH}) \
         SELECT up.start, d.head_id FROM up \
         JOIN departments d ON d.id = up.id \
         WHERE (SELECT u.status FROM users u WHERE u.id = d.head_id) = 'ACTIVE' ORDER BY up.start, up.depth",
        db::placeholders(1, departments.len())
    );
    let mut heads: HashMap<DepartmentId, Vec<UserId>> = HashMap::new();
    for row in db::query(conn, &sql, departments.iter().map(|&id| id.into())).await? {
        heads
            .entry(row.try_get_by_index(0)?)
            .or_default()
            .push(row.try_get_by_index(1)?);
    }
    Ok(heads)
}

/// Returns the nearest active head above `person`, other than themselves.
///
/// # Errors
/// When the database fails.
pub async fn of(
    conn: &impl ConnectionTrait,
    person: UserId,
    department: Option<DepartmentId>,
) -> Result<Option<UserId>, Error> {
    let Some(department) = department else {
        return Ok(None);
    };
    let heads = above(conn, &[department]).await?;
    Ok(nearest(heads.get(&department).map_or(&[], Vec::as_slice), person))
}

/// Returns the first of `heads` other than the person.
pub fn nearest(heads: &[UserId], person: UserId) -> Option<UserId> {
    heads.iter().copied().find(|&head| head != person)
}
