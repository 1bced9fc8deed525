//! Pages of ids, from rows that are described in SQL.

use std::fmt::Write;

use sea_orm::{DbErr, QueryResult, Value};
use uuid::Uuid;

use super::cursor::{Cursor, Key, no_cursor, read_cursor};
use super::{Page, PageArgs, cut, limit};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Reader;

/// The rows that a page of ids is taken from.
#[derive(Debug, Clone)]
pub struct Ids {
    /// Prefix of the cursors.
    pub tag: &'static str,
    /// The id, as SQL.
    pub id: &'static str,
    /// `FROM … WHERE …`, to which conditions can be added.
    pub rows: String,
    /// The values of its placeholders.
    pub values: Vec<Value>,
}

/// Fetches a page of ids in their order, from rows that are described in SQL.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments; when the database fails.
pub async fn fetch_ids(db: &Reader, ids: Ids, args: &PageArgs) -> Result<Page<Uuid>, Error> {
    let (limit, backward) = limit(args)?;
    let Ids {
        tag,
        id,
        rows,
        values,
    } = ids.clone();
    let (mut rows, mut values) = (rows, values);
    for (cursor, name, operator) in [(&args.after, "after", ">"), (&args.before, "before", "<")] {
        if let Some(cursor) = cursor {
            let (key, at) = read_cursor(cursor, tag, name)?;
            if key != Key::None {
                return Err(no_cursor(name));
            }
            values.push(at.into());
            let _fits = write!(rows, " AND {id} {operator} ${}", values.len());
        }
    }
    let direction = if backward { "DESC" } else { "ASC" };
    let sql = format!("SELECT {id} {rows} ORDER BY 1 {direction} LIMIT {}", limit + 1);
    let mut found = db::query(db, &sql, values).await?;
    let (has_next, has_previous) = cut(&mut found, limit, backward, args);
    let item = |row: &QueryResult| {
        let id: Uuid = row.try_get_by_index(0)?;
        let key = Key::None;
        Ok((id, Cursor { tag, key, id }))
    };
    let items = found.iter().map(item).collect::<Result<_, DbErr>>()?;
    let counted = db.clone();
    Ok(Page {
        items,
        has_next,
        has_previous,
        count: Box::new(move || {
            let (db, ids) = (counted.clone(), ids.clone());
            Box::pin(async move {
                let sql = format!("SELECT COUNT(*) {}", ids.rows);
                let rows = db::query(&db, &sql, ids.values).await?;
                let count: i64 = rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?;
                Ok(u64::try_from(count).unwrap_or_default())
            })
        }),
    })
}
