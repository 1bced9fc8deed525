//! Keyset pagination: a page starts where another one ended, so page ten thousand costs as much as the first. Cursors
//! are opaque to clients and contain the order they belong to.

mod cursor;
mod ids;

use std::fmt::Write;

use chrono::NaiveDate;
use entity::Timestamp;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait, IntoColumnRef, Order as Direction, SimpleExpr};
use sea_orm::{
    Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select, TryGetable, Value,
};
use uuid::Uuid;

use crate::error::Error;
use crate::store::db::Reader;

pub use self::cursor::Cursor;
use self::cursor::{Key, no_cursor, read_cursor};
pub use self::ids::{Ids, fetch_ids};

/// Maximum page size.
pub const MAX_PAGE: i32 = 100;
/// Default page size.
const DEFAULT_PAGE: i32 = 20;

/// Unchecked arguments of a connection.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    /// Number of items from the start.
    pub first: Option<i32>,
    /// Returns items after this cursor.
    pub after: Option<String>,
    /// Number of items from the end.
    pub last: Option<i32>,
    /// Returns items before this cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// Returns the number of items.
    ///
    /// # Errors
    /// [`Error::BadInput`] when it is out of range.
    pub fn size(&self) -> Result<u64, Error> {
        Ok(limit(self)?.0)
    }
}

/// Types usable as a sort key.
pub trait Place: TryGetable + Into<Key> {
    /// Returns whether a key is of this type.
    fn holds(key: &Key) -> bool;
}

impl Place for String {
    fn holds(key: &Key) -> bool {
        matches!(key, Key::Text(_))
    }
}

impl Place for NaiveDate {
    fn holds(key: &Key) -> bool {
        matches!(key, Key::Day(_))
    }
}

impl Place for Timestamp {
    fn holds(key: &Key) -> bool {
        matches!(key, Key::Time(_))
    }
}

impl Place for i64 {
    fn holds(key: &Key) -> bool {
        matches!(key, Key::Number(_))
    }
}

impl From<i64> for Key {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<NaiveDate> for Key {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

impl From<Timestamp> for Key {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

/// Sort key before the id: a column or an expression that is never NULL, and its type.
pub struct By {
    value: SimpleExpr,
    read: fn(&QueryResult) -> Result<Key, DbErr>,
    holds: fn(&Key) -> bool,
}

impl By {
    /// Sorts by a column or an expression of type text, date, timestamp or number.
    pub fn of<T: Place>(value: SimpleExpr) -> Self {
        let read = |row: &QueryResult| Ok(row.try_get::<T>("", SORT_KEY)?.into());
        Self {
            value,
            read,
            holds: T::holds,
        }
    }
}

/// Alias of the selected sort key.
const SORT_KEY: &str = "page_place";

/// Order of a list.
pub struct Order {
    /// Prefix of the cursors of this order.
    pub tag: &'static str,
    /// Sort key before the id.
    pub by: Option<By>,
    /// The id, as the tie-breaker.
    pub id: SimpleExpr,
    /// Whether the order is descending.
    pub descending: bool,
}

impl Order {
    /// Sorts by id, which is the order of creation.
    pub fn by_id(id: impl IntoColumnRef, descending: bool) -> Self {
        Self {
            tag: "id",
            by: None,
            id: Expr::col(id),
            descending,
        }
    }
}

/// A page, and a way to count the whole list.
pub struct Page<T> {
    /// Items with their cursors.
    pub items: Vec<(T, Cursor)>,
    /// Whether there are items after this page.
    pub has_next: bool,
    /// Whether there are items before this page.
    pub has_previous: bool,
    /// Counts the whole list, on demand.
    pub count: Counter,
}

/// Counts a list.
pub type Counter = Box<dyn Fn() -> BoxFuture<'static, Result<u64, Error>> + Send + Sync>;

impl<T> Page<T> {
    /// Maps the items, and keeps the rest.
    pub fn map<U>(self, mut into: impl FnMut(T) -> U) -> Page<U> {
        self.filter_map(|item| Some(into(item)))
    }

    /// As [`map`](Self::map), without the items that nothing comes of.
    pub fn filter_map<U>(self, mut into: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page {
            items: self
                .items
                .into_iter()
                .filter_map(|(item, cursor)| Some((into(item)?, cursor)))
                .collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            count: self.count,
        }
    }
}

/// Fetches a page of `select`; `id` returns the id of an item.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments; when the database fails.
pub async fn fetch<E>(
    db: &Reader,
    select: Select<E>,
    order: Order,
    args: &PageArgs,
    id: impl Fn(&E::Model) -> Uuid,
) -> Result<Page<E::Model>, Error>
where
    E: EntityTrait<Model: Sync> + 'static,
{
    fetch_as(db, select, order, args, id).await
}

/// As [`fetch`], for the columns that `select` names and `R` needs.
///
/// # Errors
/// As [`fetch`].
pub async fn fetch_as<E, R>(
    db: &Reader,
    select: Select<E>,
    order: Order,
    args: &PageArgs,
    id: impl Fn(&R) -> Uuid,
) -> Result<Page<R>, Error>
where
    E: EntityTrait<Model: Sync> + 'static,
    R: FromQueryResult,
{
    // Boxed: it would be most of each resolver's future, which is moved several times per request.
    Box::pin(fetch_here(db, select, order, args, id)).await
}

async fn fetch_here<E, R>(
    db: &Reader,
    select: Select<E>,
    order: Order,
    args: &PageArgs,
    id: impl Fn(&R) -> Uuid,
) -> Result<Page<R>, Error>
where
    E: EntityTrait<Model: Sync> + 'static,
    R: FromQueryResult,
{
    let (limit, backward) = limit(args)?;
    let count = counter(db, &select);
    let query = sort(select.filter(bounds(&order, args)?), &order, backward);
    let mut statement = query.build(db.get_database_backend());
    // Inlined, not bound: without a constant limit PostgreSQL plans anew each time, which takes longer than the query.
    let _fits = write!(statement.sql, " LIMIT {}", limit + 1);
    let mut rows = db.query_all_raw(statement).await?;
    let (has_next, has_previous) = cut(&mut rows, limit, backward, args);
    let read = |row: &QueryResult| {
        let item = R::from_query_result(row, "")?;
        let cursor = Cursor {
            tag: order.tag,
            key: order.by.as_ref().map_or(Ok(Key::None), |by| (by.read)(row))?,
            id: id(&item),
        };
        Ok((item, cursor))
    };
    let items = rows.iter().map(read).collect::<Result<_, DbErr>>()?;
    Ok(Page {
        items,
        has_next,
        has_previous,
        count,
    })
}

/// Returns the number of items, and whether they are counted from the end.
fn limit(args: &PageArgs) -> Result<(u64, bool), Error> {
    let bad = |text: String| Err(Error::BadInput(text));
    let (name, asked, backward) = match (args.first, args.last) {
        (Some(_), Some(_)) => return bad("first and last can't be used together".to_owned()),
        (Some(first), None) => ("first", first, false),
        (None, Some(last)) => ("last", last, true),
        (None, None) => ("first", DEFAULT_PAGE, false),
    };
    match u64::try_from(asked) {
        Ok(limit) if asked <= MAX_PAGE => Ok((limit, backward)),
        _ => bad(format!("{name} must be between 0 and {MAX_PAGE}")),
    }
}

/// Cuts the rows, of which one more than `limit` was read, to the page and puts them in the order of the list. Returns
/// whether there are items after the page, and before it.
fn cut(rows: &mut Vec<QueryResult>, limit: u64, backward: bool, args: &PageArgs) -> (bool, bool) {
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if backward {
        rows.reverse();
        (args.before.is_some(), more)
    } else {
        (more, args.after.is_some())
    }
}

fn counter<E: EntityTrait<Model: Sync> + 'static>(db: &Reader, select: &Select<E>) -> Counter {
    let (db, select) = (db.clone(), select.clone());
    Box::new(move || {
        let (db, select) = (db.clone(), select.clone());
        Box::pin(async move { Ok(select.count(&db).await?) })
    })
}

/// Returns the condition for the items between the cursors of the arguments.
fn bounds(order: &Order, args: &PageArgs) -> Result<Condition, Error> {
    let mut bounds = Condition::all();
    for (cursor, name, greater) in [
        (&args.after, "after", !order.descending),
        (&args.before, "before", order.descending),
    ] {
        if let Some(cursor) = cursor {
            let (key, id) = read_cursor(cursor, order.tag, name)?;
            let fits = order.by.as_ref().map_or(key == Key::None, |by| (by.holds)(&key));
            if !fits {
                return Err(no_cursor(name));
            }
            bounds = bounds.add(bound(order, key, id, greater));
        }
    }
    Ok(bounds)
}

/// Sorts the items, in reverse for a page that is counted from the end.
fn sort<E: EntityTrait>(mut query: Select<E>, order: &Order, backward: bool) -> Select<E> {
    let direction = if order.descending == backward {
        Direction::Asc
    } else {
        Direction::Desc
    };
    if let Some(by) = &order.by {
        query = query
            .expr_as(by.value.clone(), SORT_KEY)
            .order_by(by.value.clone(), direction.clone());
    }
    query.order_by(order.id.clone(), direction)
}

fn bound(order: &Order, key: Key, id: Uuid, greater: bool) -> SimpleExpr {
    let value: Option<Value> = match key {
        Key::None => None,
        Key::Text(text) => Some(text.into()),
        Key::Day(day) => Some(day.into()),
        Key::Time(time) => Some(time.into()),
        Key::Number(number) => Some(number.into()),
    };
    let (place, start) = match (&order.by, value) {
        (Some(by), Some(value)) => (
            Expr::tuple([by.value.clone(), order.id.clone()]),
            Expr::tuple([Expr::value(value), Expr::value(id)]),
        ),
        _ => (order.id.clone(), Expr::value(id)),
    };
    if greater { place.gt(start) } else { place.lt(start) }
}

#[cfg(test)]
mod tests;
