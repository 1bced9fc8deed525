//! Work held by people: the counts behind `User.work`, and the `holdsWork` filter.

use std::collections::HashMap;

use entity::handover_part::WorkKind;
use entity::{DepartmentId, Timestamp, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait};
use uuid::Uuid;

use super::kinds::{self, Kind};
use super::selection::{Picks, Selection, Sql};
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{Ids, Page, PageArgs};

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
    let exists = |kind: &&dyn Kind| {
        let source = kind.source();
        let closed = source.closed_at(sql, now);
        format!(
            "EXISTS (SELECT 1 FROM {} {} WHERE {} AND {} = users.id AND {closed} = FALSE)",
            source.table, source.join, source.filter, source.holder
        )
    };
    kinds::ALL.iter().map(exists).collect::<Vec<_>>().join(" OR ")
}

/// How open work is grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// By the department of the holder.
    Department,
    /// By kind.
    Kind,
    /// By the holder.
    Holder,
}

/// Open work of one group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OverviewRow {
    /// The department, when grouped by it; `None` for holders without one, and for work that nobody holds.
    pub department: Option<DepartmentId>,
    /// The kind, when grouped by it.
    pub kind: Option<WorkKind>,
    /// The holder, when grouped by them.
    pub holder: Option<UserId>,
    /// Items whose holder is not dismissed.
    pub held_by_active: i64,
    /// Items whose holder is dismissed.
    pub held_by_dismissed: i64,
    /// Items that nobody holds.
    pub unassigned: i64,
}

/// Maximum number of holders in an overview.
const MAX_HOLDERS: usize = 100;

/// Returns where open work is at `now`, what the dismissed hold first, in one statement however many people there are.
/// By holder: the hundred who hold most, without work that nobody holds.
///
/// # Errors
/// [`Error::Forbidden`] without the permission.
pub async fn overview(db: &Db, actor: &Actor, grouping: Grouping) -> Result<Vec<OverviewRow>, Error> {
    actor.require_ledgers()?;
    let mut sql = Sql::default();
    let counts = kinds::ALL.iter().map(|kind| {
        let source = kind.source();
        let (name, closed) = (kinds::name(kind.kind()), source.closed_at(&mut sql, db.clock().now()));
        let group = match grouping {
            Grouping::Department => "u.department_id".to_owned(),
            Grouping::Holder => "u.id".to_owned(),
            Grouping::Kind => format!("'{name}'"),
        };
        format!(
            "SELECT {group} AS grouped, COUNT(*) FILTER (WHERE u.status <> 'DISMISSED') AS active, \
             COUNT(*) FILTER (WHERE u.status = 'DISMISSED') AS dismissed, COUNT(*) FILTER (WHERE u.id IS NULL) AS free \
             FROM {table} {join} LEFT JOIN users u ON u.id = {holder} WHERE {filter} AND {closed} = FALSE GROUP BY 1",
            table = source.table,
            join = source.join,
            holder = source.holder,
            filter = source.filter,
        )
    });
    let counts = counts.collect::<Vec<_>>().join(" UNION ALL ");
    let sum = |column: &str| format!("CAST(SUM(w.{column}) AS bigint)");
    let text = format!(
        "SELECT w.grouped, {}, {}, {} FROM ({counts}) w {} GROUP BY 1 ORDER BY 3 DESC, 2 DESC, 1 {}",
        sum("active"),
        sum("dismissed"),
        sum("free"),
        if grouping == Grouping::Holder {
            "WHERE w.grouped IS NOT NULL"
        } else {
            ""
        },
        if grouping == Grouping::Holder {
            format!("LIMIT {MAX_HOLDERS}")
        } else {
            String::new()
        },
    );
    let mut rows = Vec::new();
    for row in sql.query(db.read(), &text).await? {
        let mut found = OverviewRow {
            held_by_active: row.try_get_by_index(1)?,
            held_by_dismissed: row.try_get_by_index(2)?,
            unassigned: row.try_get_by_index(3)?,
            ..OverviewRow::default()
        };
        match grouping {
            Grouping::Department => found.department = row.try_get_by_index(0)?,
            Grouping::Holder => found.holder = row.try_get_by_index(0)?,
            Grouping::Kind => {
                found.kind = Some(WorkKind::try_from_value(&row.try_get_by_index::<String>(0)?)?);
            }
        }
        rows.push(found);
    }
    Ok(rows)
}

/// Returns a page of the items of a kind that a person holds, by the predicate that a handover uses: open ones, closed
/// ones, or both.
///
/// # Errors
/// [`Error::Forbidden`] about others without the permission; [`Error::BadInput`] for invalid arguments.
pub async fn held_items(
    db: &Db,
    actor: &Actor,
    person: UserId,
    kind: WorkKind,
    open: Option<bool>,
    args: &PageArgs,
) -> Result<Page<Uuid>, Error> {
    if actor.user_id != person {
        actor.require_ledgers()?;
    }
    let kind = kinds::of(kind);
    let source = kind.source();
    let mut sql = Sql::default();
    let held = Selection {
        kind,
        from: Some(person),
        picks: Picks::All,
    };
    let mut condition = held.condition(&mut sql);
    if let Some(open) = open {
        let closed = source.closed_at(&mut sql, db.clock().now());
        let value = if open { "FALSE" } else { "TRUE" };
        condition += &format!(" AND {closed} = {value}");
    }
    let ids = Ids {
        tag: "held",
        id: source.id,
        rows: format!("FROM {} {} WHERE {condition}", source.table, source.join),
        values: sql.values,
    };
    page::fetch_ids(db.read(), ids, args).await
}
