//! What people hold: the counts behind `User.work`, and the `holdsWork` filter.

use std::collections::HashMap;

use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait};

use super::kinds::{self, Kind};
use super::selection::Sql;
use crate::error::Error;
use crate::store::db;

/// How much of one kind someone holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLine {
    /// The kind.
    pub kind: WorkKind,
    /// Open items.
    pub open: i64,
    /// Closed items.
    pub closed: i64,
}

/// What each of the people holds at `now`, kind by kind, in one statement. Kinds of which they hold nothing are left out.
///
/// # Errors
/// When the database fails.
pub async fn inventory(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    people: &[UserId],
) -> Result<HashMap<UserId, Vec<WorkLine>>, Error> {
    let list = db::placeholders(1, people.len());
    let mut sql = Sql {
        values: people.iter().map(|&id| id.into()).collect(),
    };
    let counts = kinds::ALL.iter().map(|kind| {
        let held = kind.held();
        format!(
            "SELECT {holder} AS holder, '{name}' AS kind, COUNT(*) AS items, COUNT(*) FILTER (WHERE {closed}) AS closed \
             FROM {table} {join} WHERE {only} AND {holder} IN ({list}) GROUP BY 1",
            holder = held.holder,
            name = kinds::name(kind.kind()),
            closed = held.closed_at(&mut sql, now),
            table = held.table,
            join = held.join,
            only = held.only,
        )
    });
    let text = counts.collect::<Vec<_>>().join(" UNION ALL ");
    let mut found: HashMap<UserId, Vec<WorkLine>> = HashMap::new();
    for row in sql.query(conn, &text).await? {
        let holder: UserId = row.try_get_by_index(0)?;
        let kind = WorkKind::try_from_value(&row.try_get_by_index::<String>(1)?)?;
        let (items, closed): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
        found.entry(holder).or_default().push(WorkLine {
            kind,
            open: items - closed,
            closed,
        });
    }
    for lines in found.values_mut() {
        lines.sort_by_key(|line| line.kind);
    }
    Ok(found)
}

/// SQL that is true for the row of `users` when that person holds something open at `now`; its values are bound.
pub fn holds_open_work(sql: &mut Sql, now: Timestamp) -> String {
    let held = |kind: &&dyn Kind| {
        let held = kind.held();
        let closed = held.closed_at(sql, now);
        format!(
            "EXISTS (SELECT 1 FROM {} {} WHERE {} AND {} = users.id AND {closed} = FALSE)",
            held.table, held.join, held.only, held.holder
        )
    };
    kinds::ALL.iter().map(held).collect::<Vec<_>>().join(" OR ")
}
