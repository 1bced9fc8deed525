//! Which items a part of a handover means: one predicate, for the preview that counts and the run that moves.

use entity::{HandoverId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use uuid::Uuid;

use super::kinds::Kind;
use crate::crm::access::Access;
use crate::db;
use crate::error::Error;

/// SQL that is being written, with its values.
#[derive(Default)]
pub struct Sql {
    /// The values of `$1`, `$2`, …
    pub values: Vec<Value>,
}

impl Sql {
    /// Binds a value; answers its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Runs the query that was written.
    pub async fn query(self, conn: &impl ConnectionTrait, text: &str) -> Result<Vec<QueryResult>, DbErr> {
        db::query(conn, text, self.values).await
    }
}

/// Which items of a kind are meant.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// The kind.
    pub kind: &'static dyn Kind,
    /// Only what this person holds.
    pub from: Option<UserId>,
    /// Only these items.
    pub picks: Picks<'a>,
}

/// How single items are picked.
#[derive(Clone, Copy)]
pub enum Picks<'a> {
    /// They are not: all are meant.
    All,
    /// By a list in the request.
    Listed(&'a [Uuid]),
    /// By the rows of `handover_picks` of this part.
    Stored(HandoverId, i32),
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Open items.
    pub open: i64,
    /// Closed items.
    pub closed: i64,
    /// The last change of an open one.
    pub open_changed: Option<Timestamp>,
    /// The last change of a closed one.
    pub closed_changed: Option<Timestamp>,
}

impl Selection<'_> {
    /// The condition on the rows of [`Kind::held`], without the one on closed.
    pub fn condition(&self, sql: &mut Sql) -> String {
        let held = self.kind.held();
        let mut condition = held.only.to_owned();
        if let Some(from) = self.from {
            condition += &format!(" AND {} = {}", held.holder, sql.bind(from));
        }
        match self.picks {
            Picks::All => {}
            Picks::Listed(ids) => {
                let first = sql.values.len() + 1;
                sql.values.extend(ids.iter().map(|&id| Value::from(id)));
                let list = db::placeholders(first, ids.len());
                condition += &format!(" AND {}", self.kind.among(&list));
            }
            Picks::Stored(handover, part) => {
                let list = format!(
                    "SELECT subject_id FROM handover_picks WHERE handover_id = {} AND part = {}",
                    sql.bind(handover),
                    sql.bind(part)
                );
                condition += &format!(" AND {}", self.kind.among(&list));
            }
        }
        condition
    }

    /// Counts what is meant, as it is at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, conn: &impl ConnectionTrait, now: Timestamp) -> Result<Count, Error> {
        let held = self.kind.held();
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!(
            "SELECT {closed} AS closed, COUNT(*), MAX({changed}) FROM {table} {join} WHERE {condition} GROUP BY 1",
            closed = held.closed_at(&mut sql, now),
            changed = held.changed,
            table = held.table,
            join = held.join,
        );
        let mut count = Count::default();
        for row in sql.query(conn, &text).await? {
            let (number, changed) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            if row.try_get_by_index(0)? {
                (count.closed, count.closed_changed) = (number, changed);
            } else {
                (count.open, count.open_changed) = (number, changed);
            }
        }
        Ok(count)
    }

    /// How many of the items are about CRM records that `access` does not cover.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unreachable(
        &self,
        conn: &impl ConnectionTrait,
        access: &Access,
        include_closed: bool,
    ) -> Result<i64, Error> {
        let (Some(record), false) = (self.kind.crm_record(), access.is_unlimited()) else {
            return Ok(0);
        };
        let held = self.kind.held();
        let mut sql = Sql::default();
        let person = sql.bind(access.person());
        let condition = self.condition(&mut sql);
        let closed = if include_closed {
            String::new()
        } else {
            format!(" AND {} = FALSE", held.closed)
        };
        let text = format!(
            "SELECT COUNT(*) FROM {} {} WHERE {condition}{closed} AND NOT {}",
            held.table,
            held.join,
            access.sql(record, &person)
        );
        let rows = sql.query(conn, &text).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// Of the ids that are listed, the first one that is not among the items meant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn first_missing(&self, conn: &impl ConnectionTrait) -> Result<Option<Uuid>, Error> {
        let Picks::Listed(ids) = self.picks else {
            return Ok(None);
        };
        let held = self.kind.held();
        let mut sql = Sql::default();
        let list: Vec<String> = ids.iter().map(|&id| sql.bind(id)).collect();
        let mut condition = held.only.to_owned();
        if let Some(from) = self.from {
            condition += &format!(" AND {} = {}", held.holder, sql.bind(from));
        }
        let text = format!(
            "SELECT {id} FROM {} {} WHERE {condition} AND {id} IN ({})",
            held.table,
            held.join,
            list.join(", "),
            id = held.id,
        );
        let mut found = std::collections::HashSet::new();
        for row in sql.query(conn, &text).await? {
            found.insert(row.try_get_by_index::<Uuid>(0)?);
        }
        Ok(ids.iter().copied().find(|id| !found.contains(id)))
    }
}
