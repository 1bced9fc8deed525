//! The items of a part of a handover: one predicate, for the preview that counts and the run that moves.

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

/// SQL under construction, with its values.
#[derive(Default)]
pub struct Sql {
    /// Values of `$1`, `$2`, …
    pub values: Vec<Value>,
}

impl Sql {
    /// Binds a value and returns its placeholder.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Runs the query.
    pub async fn query(self, conn: &impl ConnectionTrait, text: &str) -> Result<Vec<QueryResult>, DbErr> {
        db::query(conn, text, self.values).await
    }
}

/// Selects items of a kind.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// Kind.
    pub kind: &'static dyn Kind,
    /// Only items held by this person.
    pub from: Option<UserId>,
    /// Only these items.
    pub picks: Picks<'a>,
}

/// How single items are selected.
#[derive(Clone, Copy)]
pub enum Picks<'a> {
    /// All items.
    All,
    /// Items listed in the request.
    Listed(&'a [Uuid]),
    /// Items in the `handover_picks` of this part.
    Stored(HandoverId, i32),
    /// All items but those of a list.
    Except(&'a [Uuid]),
    /// All items but those picked by parts of this handover.
    Unpicked(HandoverId),
}

/// Number of selected items.
#[derive(Debug, Clone, Copy, Default)]
pub struct Count {
    /// Open items.
    pub open: i64,
    /// Closed items.
    pub closed: i64,
    /// Last change of an open item.
    pub open_changed: Option<Timestamp>,
    /// Last change of a closed item.
    pub closed_changed: Option<Timestamp>,
}

impl Selection<'_> {
    /// Returns the condition on the rows of [`Kind::source`], regardless of closed.
    pub fn condition(&self, sql: &mut Sql) -> String {
        let source = self.kind.source();
        let mut condition = source.filter.to_owned();
        if let Some(from) = self.from {
            condition += &format!(" AND {} = {}", source.holder, sql.bind(from));
        }
        match self.picks {
            Picks::All => {}
            Picks::Except([]) => {}
            Picks::Listed(ids) => {
                let list = bind_list(sql, ids);
                condition += &format!(" AND {}", self.kind.id_filter(&list));
            }
            Picks::Except(ids) => {
                let list = bind_list(sql, ids);
                condition += &format!(" AND NOT ({})", self.kind.id_filter(&list));
            }
            Picks::Unpicked(handover) => {
                let list = format!(
                    "SELECT k.subject_id FROM handover_picks k JOIN handover_parts p \
                     ON p.handover_id = k.handover_id AND p.position = k.part \
                     WHERE k.handover_id = {} AND p.kind = {}",
                    sql.bind(handover),
                    sql.bind(kinds::name(self.kind.kind()))
                );
                condition += &format!(" AND NOT ({})", self.kind.id_filter(&list));
            }
            Picks::Stored(handover, part) => {
                let list = format!(
                    "SELECT subject_id FROM handover_picks WHERE handover_id = {} AND part = {}",
                    sql.bind(handover),
                    sql.bind(part)
                );
                condition += &format!(" AND {}", self.kind.id_filter(&list));
            }
        }
        condition
    }

    /// Counts the selected items as of `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, conn: &impl ConnectionTrait, now: Timestamp) -> Result<Count, Error> {
        let source = self.kind.source();
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!(
            "SELECT {closed} AS closed, COUNT(*), MAX({changed}) FROM {table} {join} WHERE {condition} GROUP BY 1",
            closed = source.closed_at(&mut sql, now),
            changed = source.changed,
            table = source.table,
            join = source.join,
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

    /// Returns the items about CRM records that `access` doesn't cover, by kind of record.
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
        let unreachable = Unreachable {
            selection: self,
            record,
            access,
            include_closed,
        };
        unreachable.by_kind(conn).await
    }

    /// Returns whether any item is open at `now`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_open(&self, conn: &impl ConnectionTrait, now: Timestamp) -> Result<bool, Error> {
        let source = self.kind.source();
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!(
            "SELECT 1 FROM {} {} WHERE {condition} AND {} = FALSE LIMIT 1",
            source.table,
            source.join,
            source.closed_at(&mut sql, now)
        );
        Ok(!sql.query(conn, &text).await?.is_empty())
    }

    /// Returns the indexes of the listed ids that are not among the selected items.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn missing(&self, conn: &impl ConnectionTrait) -> Result<Vec<usize>, Error> {
        let Picks::Listed(ids) = self.picks else {
            return Ok(Vec::new());
        };
        let source = self.kind.source();
        let mut sql = Sql::default();
        let list: Vec<String> = ids.iter().map(|&id| sql.bind(id)).collect();
        let mut condition = source.filter.to_owned();
        if let Some(from) = self.from {
            condition += &format!(" AND {} = {}", source.holder, sql.bind(from));
        }
        let text = format!(
            "SELECT {id} FROM {} {} WHERE {condition} AND {id} IN ({})",
            source.table,
            source.join,
            list.join(", "),
            id = source.id,
        );
        let mut found = std::collections::HashSet::new();
        for row in sql.query(conn, &text).await? {
            found.insert(row.try_get_by_index::<Uuid>(0)?);
        }
        let places = ids.iter().enumerate().filter(|(_, id)| !found.contains(id));
        Ok(places.map(|(place, _)| place).collect())
    }
}

/// Items of a selection about CRM records that `access` doesn't cover.
struct Unreachable<'a> {
    selection: &'a Selection<'a>,
    /// Alias of the record.
    record: &'static str,
    access: &'a Access,
    include_closed: bool,
}

impl Unreachable<'_> {
    /// Returns `FROM … WHERE …`; `person` is the placeholder of the person with that access.
    fn clause(&self, sql: &mut Sql, person: &str) -> String {
        let source = self.selection.kind.source();
        let condition = self.selection.condition(sql);
        let closed = match self.include_closed {
            true => String::new(),
            false => format!(" AND {} = FALSE", source.closed),
        };
        let covered = self.access.sql(self.record, person);
        format!(
            "FROM {} {} WHERE {condition}{closed} AND NOT {covered}",
            source.table, source.join
        )
    }

    async fn by_kind(&self, conn: &impl ConnectionTrait) -> Result<Vec<OutOfReach>, Error> {
        let record = self.record;
        let mut sql = Sql::default();
        let person = sql.bind(self.access.person());
        let beyond = |level: &CrmLevel| {
            let covered = access::covered(*level, record, &person);
            format!(", COUNT(*) FILTER (WHERE NOT COALESCE({covered}, FALSE))")
        };
        let levels: Vec<CrmLevel> = CrmLevel::iter().collect();
        let text = format!(
            "SELECT {record}.kind, COUNT(*){} {} GROUP BY 1 ORDER BY 1",
            levels.iter().map(beyond).collect::<String>(),
            self.clause(&mut sql, &person),
        );
        let mut found = Vec::new();
        for row in sql.query(conn, &text).await? {
            let name: String = row.try_get_by_index(0)?;
            // The lowest level that covers all of them.
            let mut needed = CrmLevel::All;
            for (place, level) in levels.iter().enumerate().rev() {
                if row.try_get_by_index::<i64>(place + 2)? == 0 {
                    needed = *level;
                }
            }
            found.push(OutOfReach {
                work: self.selection.kind.kind(),
                records: CrmKind::try_from_value(&name)?,
                needed,
                count: row.try_get_by_index(1)?,
                sample: self.sample(conn, name).await?,
            });
        }
        Ok(found)
    }

    async fn sample(&self, conn: &impl ConnectionTrait, kind: String) -> Result<Vec<Uuid>, Error> {
        let mut sql = Sql::default();
        let person = sql.bind(self.access.person());
        let text = format!(
            "SELECT {id} {} AND {record}.kind = {} ORDER BY {id} LIMIT {SAMPLE}",
            self.clause(&mut sql, &person),
            sql.bind(kind),
            id = self.selection.kind.source().id,
            record = self.record,
        );
        let sample = sql.query(conn, &text).await?;
        let ids = sample.iter().map(|row| row.try_get_by_index(0));
        Ok(ids.collect::<Result<_, _>>()?)
    }
}

fn bind_list(sql: &mut Sql, ids: &[Uuid]) -> String {
    let first = sql.values.len() + 1;
    sql.values.extend(ids.iter().map(|&id| Value::from(id)));
    db::placeholders(first, ids.len())
}

/// Maximum number of unreachable items in a sample.
const SAMPLE: usize = 5;

/// Work about CRM records of one kind that the requester may not update.
#[derive(Debug, Clone)]
pub struct OutOfReach {
    /// Kind of work.
    pub work: WorkKind,
    /// Kind of the records.
    pub records: CrmKind,
    /// Lowest level that covers all of them.
    pub needed: CrmLevel,
    /// Number of items.
    pub count: i64,
    /// First items.
    pub sample: Vec<Uuid>,
}
