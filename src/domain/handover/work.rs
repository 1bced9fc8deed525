//! Work held by people: the counts behind `User.work`, and the `holdsWork` filter.

use std::collections::HashMap;

use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait};

use super::kinds::{self, Kind};
use super::selection::Sql;
use crate::error::Error;
use crate::store::db;

/// How much of one kind a person holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkLine {
    /// Kind.
    pub kind: WorkKind,
    /// Open items.
    pub open: i64,
    /// Closed items.
    pub closed: i64,
}

/// Returns what each person holds at `now`, by kind, in one statement, without empty kinds.
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
        let source = kind.source();
        format!(
            "SELECT {holder} AS holder, '{name}' AS kind, COUNT(*) AS items, COUNT(*) FILTER (WHERE {closed}) AS closed \
             FROM {table} {join} WHERE {only} AND {holder} IN ({list}) GROUP BY 1",
            holder = source.holder,
            name = kinds::name(kind.kind()),
            closed = source.closed_at(&mut sql, now),
            table = source.table,
            join = source.join,
            only = source.filter,
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

/// Returns the SQL condition that a row of `users` holds open work at `now`; binds its values.
pub fn holds_open_work(sql: &mut Sql, now: Timestamp) -> String {
    let source = |kind: &&dyn Kind| {
        let source = kind.source();
        let closed = source.closed_at(sql, now);
        format!(
            "EXISTS (SELECT 1 FROM {} {} WHERE {} AND {} = users.id AND {closed} = FALSE)",
            source.table, source.join, source.filter, source.holder
        )
    };
    kinds::ALL.iter().map(source).collect::<Vec<_>>().join(" OR ")
}
