//! Lists of users and groups: filtered, sorted, and cut to pages by index (RFC 7644, section 3.4.2) or by cursor (RFC
//! 9865).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::Timestamp;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::Fault;
use super::filter;
use super::problem::{Kind, Problem};
use super::query::{self, Columns, Query};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;

/// Number of resources in a page when the request doesn't say.
pub const DEFAULT_COUNT: u64 = 100;
/// Maximum number of resources in a page.
pub const MAX_COUNT: u64 = 1_000;
/// How long a cursor can be used, in seconds.
pub const CURSOR_SECONDS: i64 = 600;

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct ListRequest {
    /// Filter.
    pub filter: Option<String>,
    /// Attribute to sort by; by id without one.
    pub sort_by: Option<String>,
    /// Whether the order is descending.
    pub descending: bool,
    /// Number of the first resource, from 1.
    pub start_index: Option<i64>,
    /// Number of resources.
    pub count: Option<i64>,
    /// Where the page before ended; empty for the first page.
    pub cursor: Option<String>,
}

/// A page of ids.
#[derive(Debug)]
pub struct Listed {
    /// Number of resources in the whole list.
    pub total: u64,
    /// Number of the first one, from 1; `None` for a page by cursor.
    pub start_index: Option<u64>,
    /// Their ids.
    pub ids: Vec<Uuid>,
    /// Where the next page starts, for pages by cursor.
    pub next_cursor: Option<String>,
}

impl Listed {
    /// Cuts the page to fewer ids.
    pub(super) fn cut(&mut self, count: usize, now: Timestamp) {
        if count >= self.ids.len() {
            return;
        }
        self.ids.truncate(count);
        if self.start_index.is_none() {
            self.next_cursor = self.ids.last().map(|last| write_cursor(*last, now));
        }
    }
}

/// Fetches a page of ids. `from` is `FROM … WHERE …`, whose values are in `query`; `id` is the column of the ids.
///
/// # Errors
/// [`Kind::InvalidFilter`], [`Kind::InvalidValue`], [`Kind::InvalidCursor`] or [`Kind::ExpiredCursor`].
pub(super) async fn page(
    db: &Db,
    columns: &impl Columns,
    mut query: Query,
    mut from: String,
    id: &str,
    request: &ListRequest,
) -> Result<Listed, Fault> {
    if let Some(text) = &request.filter {
        let parsed = filter::parse(text)?;
        let condition = query::condition(columns, &mut query, &parsed)?;
        from = format!("{from} AND {condition}");
    }
    let order = match &request.sort_by {
        Some(sort_by) => Some(query::sort_key(columns, query.backend, sort_by)?),
        None => None,
    };
    let total = count(db, &query, &from).await?;
    let limit = request.count.map_or(DEFAULT_COUNT, |count| {
        u64::try_from(count).unwrap_or_default().min(MAX_COUNT)
    });
    match &request.cursor {
        Some(cursor) if order.is_none() => by_cursor(db, query, from, id, cursor, limit, total).await,
        Some(_) => Err(Problem::value("cursor", "it can't be used with sortBy").into()),
        None => {
            let direction = if request.descending { "DESC" } else { "ASC" };
            let order = match order {
                Some(key) => format!("({key}) IS NULL, {key} {direction}, {id} {direction}"),
                None => format!("{id} {direction}"),
            };
            let start = request.start_index.unwrap_or(1).max(1).unsigned_abs();
            let sql = format!(
                "SELECT {id} {from} ORDER BY {order} LIMIT {limit} OFFSET {}",
                start - 1
            );
            let ids = match limit {
                0 => Vec::new(),
                _ => ids(db.read(), &sql, query).await?,
            };
            Ok(Listed {
                total,
                start_index: Some(start),
                ids,
                next_cursor: None,
            })
        }
    }
}

/// A page after the id in a cursor: people who are created or changed meanwhile move nothing.
async fn by_cursor(
    db: &Db,
    mut query: Query,
    mut from: String,
    id: &str,
    cursor: &str,
    limit: u64,
    total: u64,
) -> Result<Listed, Fault> {
    let now = db.clock().now();
    if !cursor.is_empty() {
        let (after, at) = read_cursor(cursor)
            .ok_or_else(|| Problem::new(Kind::InvalidCursor, "this is not a cursor of this server"))?;
        if at + TimeDelta::seconds(CURSOR_SECONDS) < now {
            return Err(Problem::new(Kind::ExpiredCursor, "start again without a cursor").into());
        }
        from = format!("{from} AND {id} > {}", query.bind(after));
    }
    let sql = format!("SELECT {id} {from} ORDER BY {id} LIMIT {}", limit + 1);
    let mut found = ids(db.read(), &sql, query).await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = found.last().filter(|_| more).map(|last| write_cursor(*last, now));
    Ok(Listed {
        total,
        start_index: None,
        ids: found,
        next_cursor,
    })
}

async fn count(db: &Db, query: &Query, from: &str) -> Result<u64, Error> {
    let sql = format!("SELECT COUNT(*) {from}");
    let rows = db::query(db.read(), &sql, query.sql.values.clone()).await?;
    let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

async fn ids(conn: &impl ConnectionTrait, sql: &str, query: Query) -> Result<Vec<Uuid>, Error> {
    let rows = query.sql.query(conn, sql).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

fn write_cursor(after: Uuid, at: Timestamp) -> String {
    let mut bytes = after.as_bytes().to_vec();
    bytes.extend(at.timestamp().to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn read_cursor(text: &str) -> Option<(Uuid, Timestamp)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (id, at) = bytes.split_first_chunk::<16>()?;
    let seconds = i64::from_be_bytes(at.try_into().ok()?);
    Some((Uuid::from_bytes(*id), Timestamp::from_timestamp(seconds, 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_can_be_read_again() {
        let at = Timestamp::from_timestamp(1_800_000_000, 0).unwrap();
        let id = Uuid::from_u128(42);
        assert_eq!(read_cursor(&write_cursor(id, at)), Some((id, at)));
        for wrong in ["", "x", "AAAA", "ÄÖ"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
