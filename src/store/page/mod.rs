//! Pages of long lists, by keyset: a page starts where another one ended, so the ten-thousandth costs what the
//! first one does. Cursors are opaque to clients and say which order they belong to.

use std::fmt::{self, Write};
use std::ops::RangeInclusive;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{Datelike, NaiveDate};
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

/// Longest page.
pub const MAX_PAGE: i32 = 100;
/// Longest cursor: more than the longest text that a list is ordered by takes.
const LONGEST_CURSOR: usize = 8_192;
/// The years that both databases hold.
const YEARS: RangeInclusive<i32> = 1..=9999;
/// Page length when the client names none.
const DEFAULT_PAGE: i32 = 20;

/// The arguments of a connection, as they came.
#[derive(Debug, Clone, Default)]
pub struct PageArgs {
    /// How many from the start.
    pub first: Option<i32>,
    /// After this cursor.
    pub after: Option<String>,
    /// How many from the end.
    pub last: Option<i32>,
    /// Before this cursor.
    pub before: Option<String>,
}

/// A value that a list is ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// By id alone.
    None,
    /// By text, in the order of its bytes.
    Text(String),
    /// By day.
    Day(NaiveDate),
    /// By moment.
    Time(Timestamp),
}

/// A value that a list can be ordered by.
pub trait Place: TryGetable + Into<Key> {
    /// Whether a key is one of this type.
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

/// What a list is ordered by before the id: a column or an expression that is never NULL, and what it holds.
pub struct By {
    value: SimpleExpr,
    read: fn(&QueryResult) -> Result<Key, DbErr>,
    holds: fn(&Key) -> bool,
}

impl By {
    /// By a column or an expression that holds text, days or moments.
    pub fn of<T: Place>(value: SimpleExpr) -> Self {
        let read = |row: &QueryResult| Ok(row.try_get::<T>("", PLACE)?.into());
        Self {
            value,
            read,
            holds: T::holds,
        }
    }
}

/// The name of the column that holds what an item's place in its list is decided by.
const PLACE: &str = "page_place";

/// How a list is ordered.
pub struct Order {
    /// What cursors of this order begin with.
    pub tag: &'static str,
    /// What comes before the id.
    pub by: Option<By>,
    /// The id that makes the order complete.
    pub id: SimpleExpr,
    /// Whether the greatest comes first.
    pub descending: bool,
}

impl Order {
    /// The order of ids, which is that of creation.
    pub fn by_id(id: impl IntoColumnRef, descending: bool) -> Self {
        Self {
            tag: "id",
            by: None,
            id: Expr::col(id),
            descending,
        }
    }
}

/// A page, and the way to count the whole list.
pub struct Page<T> {
    /// The items, each with its place.
    pub items: Vec<(T, Cursor)>,
    /// Whether there is more after them.
    pub has_next: bool,
    /// Whether there is something before them.
    pub has_previous: bool,
    /// Counts the whole list, when somebody asks.
    pub count: Counter,
}

/// Where an item stands in a list. Displayed, it is what clients pass on.
#[derive(Debug, Clone)]
pub struct Cursor {
    tag: &'static str,
    key: Key,
    id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write_cursor(self.tag, &self.key, self.id))
    }
}

/// Counts a list.
pub type Counter = Box<dyn Fn() -> BoxFuture<'static, Result<u64, Error>> + Send + Sync>;

impl<T> Page<T> {
    /// The same page of something else.
    pub fn map<U>(self, mut into: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self
                .items
                .into_iter()
                .map(|(item, cursor)| (into(item), cursor))
                .collect(),
            has_next: self.has_next,
            has_previous: self.has_previous,
            count: self.count,
        }
    }
}

/// Fetches a page of `select`; `id` tells an item's id.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense; when the database fails.
pub async fn fetch<E>(
    db: &Reader,
    select: Select<E>,
    order: Order,
    args: &PageArgs,
    id: impl Fn(&E::Model) -> Uuid,
) -> Result<Page<E::Model>, Error>
where
    E: EntityTrait + 'static,
    E::Model: FromQueryResult + Sized + Send + Sync + 'static,
{
    fetch_as(db, select, order, args, id).await
}

/// As [`fetch`], of the columns that `select` names and `R` needs.
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
    E: EntityTrait + 'static,
    E::Model: FromQueryResult + Sized + Send + Sync + 'static,
    R: FromQueryResult,
{
    // By itself it would be most of each resolver's future, and these are moved several times in each request.
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
    E: EntityTrait + 'static,
    E::Model: FromQueryResult + Sized + Send + Sync + 'static,
    R: FromQueryResult,
{
    let (limit, backward) = limit(args)?;
    let counted = select.clone();
    let connection = db.clone();
    let count: Counter = Box::new(move || {
        let (select, connection) = (counted.clone(), connection.clone());
        Box::pin(async move { Ok(select.count(&connection).await?) })
    });

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
            bounds = bounds.add(bound(&order, key, id, greater));
        }
    }
    let direction = if order.descending == backward {
        Direction::Asc
    } else {
        Direction::Desc
    };
    let mut query = select.filter(bounds);
    if let Some(by) = &order.by {
        query = query
            .expr_as(by.value.clone(), PLACE)
            .order_by(by.value.clone(), direction.clone());
    }
    let mut statement = query
        .order_by(order.id.clone(), direction)
        .build(db.get_database_backend());
    // Written out, not bound: without the number PostgreSQL makes a new plan each time, which takes longer than the page.
    let _fits = write!(statement.sql, " LIMIT {}", limit + 1);
    let mut rows = db.query_all_raw(statement).await?;

    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    if backward {
        rows.reverse();
    }
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
    let (has_next, has_previous) = if backward {
        (args.before.is_some(), more)
    } else {
        (more, args.after.is_some())
    };
    Ok(Page {
        items,
        has_next,
        has_previous,
        count,
    })
}

/// How many items, and whether they are counted from the end.
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

fn bound(order: &Order, key: Key, id: Uuid, greater: bool) -> SimpleExpr {
    let value: Option<Value> = match key {
        Key::None => None,
        Key::Text(text) => Some(text.into()),
        Key::Day(day) => Some(day.into()),
        Key::Time(time) => Some(time.into()),
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

fn write_cursor(tag: &str, key: &Key, id: Uuid) -> String {
    let key = match key {
        Key::None => String::new(),
        Key::Text(text) => format!("t{text}"),
        Key::Day(day) => format!("d{day}"),
        Key::Time(time) => format!("m{}", time.timestamp_micros()),
    };
    BASE64_URL_SAFE_NO_PAD.encode(format!("{tag}\n{id}\n{key}"))
}

fn no_cursor(argument: &str) -> Error {
    Error::BadInput(format!("{argument} is not a cursor of this list"))
}

fn read_cursor(cursor: &str, tag: &str, argument: &str) -> Result<(Key, Uuid), Error> {
    let bad = || no_cursor(argument);
    if cursor.len() > LONGEST_CURSOR {
        return Err(bad());
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| bad())?;
    let text = String::from_utf8(bytes).map_err(|_| bad())?;
    let mut parts = text.splitn(3, '\n');
    let (Some(written), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(bad());
    };
    if written != tag || text.contains('\0') {
        return Err(bad());
    }
    let id = id.parse().map_err(|_| bad())?;
    let key = match key.split_at_checked(1) {
        None => Key::None,
        Some(("t", text)) => Key::Text(text.to_owned()),
        Some(("d", day)) => {
            let day: NaiveDate = day.parse().map_err(|_| bad())?;
            Key::Day(
                Some(day)
                    .filter(|day| YEARS.contains(&day.year()))
                    .ok_or_else(bad)?,
            )
        }
        Some(("m", micros)) => {
            let time = Timestamp::from_timestamp_micros(micros.parse().map_err(|_| bad())?);
            Key::Time(time.filter(|time| YEARS.contains(&time.year())).ok_or_else(bad)?)
        }
        Some(_) => return Err(bad()),
    };
    Ok((key, id))
}

#[cfg(test)]
mod tests;
