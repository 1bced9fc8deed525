//! What of a handover would come back now, and from whom: the same look for the plan that counts and the run that moves.
//!
//! Most items are where the handover put them, and one statement finds them. For those that other handovers have moved
//! too, the ledger is read and [`way`] says who has them to give back.

use super::CHUNK;
use super::kinds::{self, Kind};
use super::returnable::add;
use super::selection::Sql;
use super::way::{self, Back, Moved};
use crate::domain::crm::access::Access;
use crate::error::Error;
use entity::handover_part::WorkKind;
use entity::{HandoverId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;
use uuid::Uuid;

/// What one handover has moved of one kind, and what has not come back by an earlier undo.
#[derive(Clone, Copy)]
pub struct Returning {
    /// The handover that is taken back.
    pub undone: HandoverId,
    /// The kind.
    pub kind: &'static dyn Kind,
    /// The handover that takes it back, once there is one: its own entries don't count as an earlier undo's.
    pub undoing: Option<HandoverId>,
}

/// A range of items: those after the first id, up to the last.
#[derive(Clone, Copy)]
pub struct Range {
    /// After this one.
    pub after: Uuid,
    /// Up to this one.
    pub up_to: Uuid,
}

/// How much of a kind would come back from one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnLine {
    /// The kind.
    pub kind: WorkKind,
    /// Who has it; of what has moved on, who got it last by a handover.
    pub from: Option<UserId>,
    /// Items that would come back.
    pub returnable: i64,
    /// Items that people have given away since.
    pub moved_on: i64,
    /// Items that would come back, but that the one who asks lacks the CRM permission to move.
    pub unreachable: i64,
}

/// The ways of the items of a range that more than one handover has moved; `None` where nobody has it to give back.
pub type Ways = Vec<(Uuid, Option<Back>)>;

impl Returning {
    /// The condition on the ledger entries `e` that are to come back.
    fn condition(&self, sql: &mut Sql) -> String {
        let undone = sql.bind(self.undone);
        let others = match self.undoing {
            Some(id) => format!(" AND q.handover_id <> {}", sql.bind(id)),
            None => String::new(),
        };
        format!(
            "e.handover_id = {undone} AND e.kind = {kind} AND e.outcome = 'MOVED' AND NOT EXISTS ( \
             SELECT 1 FROM handover_parts q JOIN handover_entries u ON u.handover_id = q.handover_id AND u.kind = e.kind \
             AND u.subject_id = e.subject_id AND u.part = q.position AND u.outcome = 'MOVED' \
             WHERE q.undoes_id = {undone}{others})",
            kind = sql.bind(kinds::name(self.kind.kind())),
        )
    }

    /// How many items are to come back, wherever they are by now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn total(&self, conn: &impl ConnectionTrait) -> Result<i64, Error> {
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!("SELECT COUNT(*) FROM handover_entries e WHERE {condition}");
        let rows = sql.query(conn, &text).await?;
        Ok(rows.first().map_or(Ok(0), |row| row.try_get_by_index(0))?)
    }

    /// The id of the last of the next `size` items, `None` when there are no more than that.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn last_of_next(
        &self,
        conn: &impl ConnectionTrait,
        after: Uuid,
        size: u64,
    ) -> Result<Option<Uuid>, DbErr> {
        let mut sql = Sql::default();
        let text = format!(
            "SELECT subject_id FROM handover_entries WHERE handover_id = {} AND kind = {} AND subject_id > {} \
             AND outcome = 'MOVED' ORDER BY subject_id LIMIT 1 OFFSET {}",
            sql.bind(self.undone),
            sql.bind(kinds::name(self.kind.kind())),
            sql.bind(after),
            size - 1,
        );
        let rows = sql.query(conn, &text).await?;
        rows.first().map(|row| row.try_get_by_index(0)).transpose()
    }

    /// Looks up the ways of those items of a range that other handovers have moved too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ways(&self, conn: &impl ConnectionTrait, range: Range) -> Result<Ways, Error> {
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let text = format!(
            "SELECT n.subject_id, n.at, n.handover_id, p.undoes_id, p.listed, n.from_id, n.to_id, n.reason \
             FROM handover_entries e \
             JOIN handover_entries n ON n.subject_id = e.subject_id AND n.kind = e.kind AND n.outcome = 'MOVED' \
             JOIN handover_parts p ON p.handover_id = n.handover_id AND p.position = n.part \
             WHERE {condition} AND e.subject_id > {after} AND e.subject_id <= {up_to} \
             AND EXISTS (SELECT 1 FROM handover_entries o WHERE o.subject_id = e.subject_id AND o.kind = e.kind \
                 AND o.handover_id <> e.handover_id AND o.outcome = 'MOVED')",
            after = sql.bind(range.after),
            up_to = sql.bind(range.up_to),
        );
        let mut ledgers: HashMap<Uuid, Vec<(Timestamp, Moved)>> = HashMap::new();
        for row in sql.query(conn, &text).await? {
            let moved = Moved {
                handover: row.try_get_by_index(2)?,
                undoes: row.try_get_by_index(3)?,
                listed: row.try_get_by_index(4)?,
                from: row.try_get_by_index(5)?,
                to: row.try_get_by_index(6)?,
                reason: row.try_get_by_index(7)?,
            };
            let ledger = ledgers.entry(row.try_get_by_index(0)?).or_default();
            ledger.push((row.try_get_by_index(1)?, moved));
        }
        let way = |(subject, mut ledger): (Uuid, Vec<(Timestamp, Moved)>)| {
            ledger.sort_by_key(|(at, moved)| (*at, moved.handover));
            let ledger: Vec<Moved> = ledger.into_iter().map(|(_, moved)| moved).collect();
            (subject, way::back(self.kind.holders(), &ledger, self.undone))
        };
        Ok(ledgers.into_iter().map(way).collect())
    }

    /// The ledger entries of a range as they are to be taken back, as a table `b`: `to_id` is who has the item to give
    /// back, `given_to` who got it, and `reason` the note as it has to be read now.
    pub fn entries(&self, sql: &mut Sql, ways: &Ways, range: Range) -> String {
        let (columns, join) = if ways.is_empty() {
            ("e.to_id, e.reason", String::new())
        } else {
            let row = |(subject, back): &(Uuid, Option<Back>)| {
                let from = back.as_ref().and_then(|back| back.from).map(|id| id.0);
                let reason = back.as_ref().and_then(|back| back.reason.clone());
                format!(
                    "({}, {}, {})",
                    sql.bind(*subject),
                    sql.bind(from),
                    sql.bind(reason)
                )
            };
            let rows: Vec<String> = ways.iter().map(row).collect();
            (
                "CASE WHEN w.subject_id IS NULL THEN e.to_id ELSE w.holder_id END AS to_id, \
                 CASE WHEN w.subject_id IS NULL THEN e.reason ELSE w.reason END AS reason",
                format!(
                    "LEFT JOIN (SELECT v.column1 AS subject_id, v.column2 AS holder_id, v.column3 AS reason \
                     FROM (VALUES {}) v) w ON w.subject_id = e.subject_id",
                    rows.join(", ")
                ),
            )
        };
        let condition = self.condition(sql);
        format!(
            "(SELECT e.handover_id, e.kind, e.subject_id, e.from_id, e.to_id AS given_to, {columns} \
             FROM handover_entries e {join} \
             WHERE {condition} AND e.subject_id > {} AND e.subject_id <= {}) b",
            sql.bind(range.after),
            sql.bind(range.up_to),
        )
    }

    /// What is joined to [`entries`](Self::entries): the row of the item, where the one who has it to give back still has it.
    pub fn held(&self) -> String {
        let held = self.kind.held();
        format!(
            "LEFT JOIN {} ON {} = b.subject_id AND {} = b.to_id AND {} AND {}",
            held.table,
            held.id,
            held.holder,
            held.only,
            self.kind.still_there()
        )
    }

    /// Counts what would come back, by who has it. `access` is what the one who asks may do with CRM records.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(
        &self,
        conn: &impl ConnectionTrait,
        access: &Access,
    ) -> Result<Vec<ReturnLine>, Error> {
        let mut lines: Vec<ReturnLine> = Vec::new();
        let mut after = Some(Uuid::nil());
        while let Some(first) = after {
            after = self.last_of_next(conn, first, CHUNK).await?;
            let range = Range {
                after: first,
                up_to: after.unwrap_or(Uuid::max()),
            };
            for line in self.count_range(conn, access, range).await? {
                add(&mut lines, line);
            }
        }
        Ok(lines)
    }

    async fn count_range(
        &self,
        conn: &impl ConnectionTrait,
        access: &Access,
        range: Range,
    ) -> Result<Vec<ReturnLine>, Error> {
        let ways = self.ways(conn, range).await?;
        let held = self.kind.held();
        let mut sql = Sql::default();
        let out_of_reach = match self.kind.crm_record() {
            Some(record) if !access.is_unlimited() => {
                let person = sql.bind(access.person());
                format!(
                    "EXISTS (SELECT 1 FROM {} {} WHERE {} = b.subject_id AND NOT {})",
                    held.table,
                    held.join,
                    held.id,
                    access.sql(record, &person)
                )
            }
            _ => "FALSE".to_owned(),
        };
        let text = format!(
            "SELECT r.holder_id, COUNT(*), COUNT(*) FILTER (WHERE r.there), \
                 COUNT(*) FILTER (WHERE r.there AND r.out_of_reach) \
             FROM (SELECT COALESCE(b.to_id, b.given_to) AS holder_id, {id} IS NOT NULL AS there, \
                 {out_of_reach} AS out_of_reach FROM {entries} {held}) r GROUP BY 1",
            id = held.id,
            entries = self.entries(&mut sql, &ways, range),
            held = self.held(),
        );
        let mut lines = Vec::new();
        for row in sql.query(conn, &text).await? {
            let (all, there, unreachable): (i64, i64, i64) = (
                row.try_get_by_index(1)?,
                row.try_get_by_index(2)?,
                row.try_get_by_index(3)?,
            );
            lines.push(ReturnLine {
                kind: self.kind.kind(),
                from: row.try_get_by_index(0)?,
                returnable: there - unreachable,
                moved_on: all - there,
                unreachable,
            });
        }
        Ok(lines)
    }

    /// Whether anything would come back: looks until it has found something.
    pub(super) async fn anything(&self, conn: &impl ConnectionTrait) -> Result<bool, Error> {
        let mut after = Some(Uuid::nil());
        while let Some(first) = after {
            after = self.last_of_next(conn, first, CHUNK).await?;
            let range = Range {
                after: first,
                up_to: after.unwrap_or(Uuid::max()),
            };
            let ways = self.ways(conn, range).await?;
            let mut sql = Sql::default();
            let text = format!(
                "SELECT 1 FROM {} {} WHERE {} IS NOT NULL LIMIT 1",
                self.entries(&mut sql, &ways, range),
                self.held(),
                self.kind.held().id
            );
            if !sql.query(conn, &text).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
