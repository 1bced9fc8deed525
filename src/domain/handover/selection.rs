//! Which items a part of a handover means: one predicate, for the preview that counts and the run that moves.

use entity::crm_item::CrmKind;
use entity::crm_rule::CrmLevel;
use entity::handover_part::WorkKind;
use entity::{HandoverId, Timestamp, UserId};
use sea_orm::{ActiveEnum, ConnectionTrait, DbErr, Iterable, QueryResult, Value};
use uuid::Uuid;

use super::kinds::{self, Kind};
use crate::domain::crm::access;
use crate::domain::crm::access::Access;
use crate::error::Error;
use crate::store::db;

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
    /// All but those of a list.
    Except(&'a [Uuid]),
    /// All but those that the parts of this handover pick.
    Unpicked(HandoverId),
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
            Picks::Except([]) => {}
            Picks::Listed(ids) => {
                let list = bind_list(sql, ids);
                condition += &format!(" AND {}", self.kind.among(&list));
            }
            Picks::Except(ids) => {
                let list = bind_list(sql, ids);
                condition += &format!(" AND NOT ({})", self.kind.among(&list));
            }
            Picks::Unpicked(handover) => {
                let list = format!(
                    "SELECT k.subject_id FROM handover_picks k JOIN handover_parts p \
                     ON p.handover_id = k.handover_id AND p.position = k.part \
                     WHERE k.handover_id = {} AND p.kind = {}",
                    sql.bind(handover),
                    sql.bind(kinds::name(self.kind.kind()))
                );
                condition += &format!(" AND NOT ({})", self.kind.among(&list));
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

    /// Which of the items are about CRM records that `access` does not cover, by the kind of the records.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn out_of_reach(
        &self,
        conn: &impl ConnectionTrait,
        access: &Access,
        include_closed: bool,
    ) -> Result<Vec<OutOfReach>, Error> {
        let (Some(record), false) = (self.kind.crm_record(), access.is_unlimited()) else {
            return Ok(Vec::new());
        };
        let held = self.kind.held();
        let from = |sql: &mut Sql, person: &str| {
            let condition = self.condition(sql);
            let closed = if include_closed {
                String::new()
            } else {
                format!(" AND {} = FALSE", held.closed)
            };
            format!(
                "FROM {} {} WHERE {condition}{closed} AND NOT {}",
                held.table,
                held.join,
                access.sql(record, person)
            )
        };
        let mut sql = Sql::default();
        let person = sql.bind(access.person());
        let beyond = |level: &CrmLevel| {
            let covered = access::covered(*level, record, &person);
            format!(", COUNT(*) FILTER (WHERE NOT COALESCE({covered}, FALSE))")
        };
        let levels: Vec<CrmLevel> = CrmLevel::iter().collect();
        let text = format!(
            "SELECT {record}.kind, COUNT(*){} {} GROUP BY 1 ORDER BY 1",
            levels.iter().map(beyond).collect::<String>(),
            from(&mut sql, &person),
        );
        let mut found = Vec::new();
        for row in sql.query(conn, &text).await? {
            let name: String = row.try_get_by_index(0)?;
            let mut needed = CrmLevel::All;
            for (place, level) in levels.iter().enumerate().rev() {
                if row.try_get_by_index::<i64>(place + 2)? == 0 {
                    needed = *level;
                }
            }
            let mut sql = Sql::default();
            let person = sql.bind(access.person());
            let text = format!(
                "SELECT {id} {} AND {record}.kind = {} ORDER BY {id} LIMIT {SAMPLE}",
                from(&mut sql, &person),
                sql.bind(name.clone()),
                id = held.id,
            );
            let sample = sql.query(conn, &text).await?;
            found.push(OutOfReach {
                work: self.kind.kind(),
                records: CrmKind::try_from_value(&name)?,
                needed,
                count: row.try_get_by_index(1)?,
                sample: sample
                    .iter()
                    .map(|row| row.try_get_by_index(0))
                    .collect::<Result<_, _>>()?,
            });
        }
        Ok(found)
    }

    /// Whether there is anything open, as it is at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_open(&self, conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool, Error> {
        let held = self.kind.held();
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!(
            "SELECT 1 FROM {} {} WHERE {condition} AND {} = FALSE LIMIT 1",
            held.table,
            held.join,
            held.closed_at(&mut sql, now)
        );
        Ok(!sql.query(conn, &text).await?.is_empty())
    }

    /// The places in the list of ids of those that are not among the items meant.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missing(&self, conn: &impl ConnectionTrait) -> Result<Vec<usize>, Error> {
        let Picks::Listed(ids) = self.picks else {
            return Ok(Vec::new());
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
        let places = ids.iter().enumerate().filter(|(_, id)| !found.contains(id));
        Ok(places.map(|(place, _)| place).collect())
    }
}

fn bind_list(sql: &mut Sql, ids: &[Uuid]) -> String {
    let first = sql.values.len() + 1;
    sql.values.extend(ids.iter().map(|&id| Value::from(id)));
    db::placeholders(first, ids.len())
}

/// Most items that are told of those out of reach.
const SAMPLE: usize = 5;

/// Work about CRM records of one kind that somebody may not update, and what they would need.
#[derive(Debug, Clone)]
pub struct OutOfReach {
    /// The kind of work.
    pub work: WorkKind,
    /// The kind of the records.
    pub records: CrmKind,
    /// The least level that covers all of them.
    pub needed: CrmLevel,
    /// How many items.
    pub count: i64,
    /// The first of them.
    pub sample: Vec<Uuid>,
}
