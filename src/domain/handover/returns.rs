//! What of a handover can be returned now, and from whom: shared by the plan that counts and the run that moves.
//!
//! Most items are where the handover put them, and one statement finds them. For those that other handovers have moved
//! too, [`replay`] replays the ledger to find the current holder.

use super::CHUNK;
use super::kinds::{self, Kind};
use super::replay::{self, Moved, ReturnSource};
use super::returnable::add;
use super::selection::Sql;
use crate::domain::crm::access::Access;
use crate::error::Error;
use entity::handover_part::WorkKind;
use entity::{HandoverId, Timestamp, UserId};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;
use uuid::Uuid;

/// What one handover has moved of one kind and no earlier undo has returned.
#[derive(Clone, Copy)]
pub struct Returning {
    /// The handover to undo.
    pub undone: HandoverId,
    /// Kind.
    pub kind: &'static dyn Kind,
    /// The undo itself, if it exists: its own entries don't count as an earlier undo.
    pub undoing: Option<HandoverId>,
}

/// A range of items by id.
#[derive(Clone, Copy)]
pub struct Range {
    /// Exclusive lower bound.
    pub after: Uuid,
    /// Inclusive upper bound.
    pub up_to: Uuid,
}

/// How much of a kind one person would return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReturnLine {
    /// Kind.
    pub kind: WorkKind,
    /// Current holder; for reassigned items, the last recipient by a handover.
    pub from: Option<UserId>,
    /// Items that would be returned.
    pub returnable: i64,
    /// Items that were reassigned by people since.
    pub moved_on: i64,
    /// Items that would be returned, but that the requester lacks the CRM permission to move.
    pub unreachable: i64,
}

/// Replayed items of a range: those moved by more than one handover; `None` if they can't be returned.
pub type Replays = Vec<(Uuid, Option<ReturnSource>)>;

impl Returning {
    /// Returns the condition on the ledger entries `e` to be returned.
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

    /// Returns the number of items to return, wherever they are now.
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

    /// Returns the last id of the next `size` items; `None` if no more than that are left.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn chunk_end(
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

    /// Replays the ledger of those items of a range that other handovers have moved too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ways(&self, conn: &impl ConnectionTrait, range: Range) -> Result<Replays, Error> {
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
            (
                subject,
                replay::return_source(self.kind.holders(), &ledger, self.undone),
            )
        };
        Ok(ledgers.into_iter().map(way).collect())
    }

    /// Returns the ledger entries of a range to undo, as a table `b`: `to_id` is the holder to return it from,
    /// `given_to` the original recipient, and `reason` the ledger reason in its current meaning.
    pub fn entries(&self, sql: &mut Sql, ways: &Replays, range: Range) -> String {
        let (columns, join) = if ways.is_empty() {
            ("e.to_id, e.reason", String::new())
        } else {
            let row = |(subject, back): &(Uuid, Option<ReturnSource>)| {
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

    /// Returns the join for [`entries`](Self::entries): the row of the item, if that holder still has it.
    pub fn join_holder(&self) -> String {
        let source = self.kind.source();
        format!(
            "LEFT JOIN {} ON {} = b.subject_id AND {} = b.to_id AND {} AND {}",
            source.table,
            source.id,
            source.holder,
            source.filter,
            self.kind.undo_condition()
        )
    }

    /// Counts what would be returned, by holder. `access` is the requester's access to CRM records.
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
            after = self.chunk_end(conn, first, CHUNK).await?;
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
        let source = self.kind.source();
        let mut sql = Sql::default();
        let out_of_reach = match self.kind.crm_record() {
            Some(record) if !access.is_unlimited() => {
                let person = sql.bind(access.person());
                format!(
                    "EXISTS (SELECT 1 FROM {} {} WHERE {} = b.subject_id AND NOT {})",
                    source.table,
                    source.join,
                    source.id,
                    access.sql(record, &person)
                )
            }
            _ => "FALSE".to_owned(),
        };
        let text = format!(
            "SELECT r.holder_id, COUNT(*), COUNT(*) FILTER (WHERE r.there), \
                 COUNT(*) FILTER (WHERE r.there AND r.out_of_reach) \
             FROM (SELECT COALESCE(b.to_id, b.given_to) AS holder_id, {id} IS NOT NULL AS there, \
                 {out_of_reach} AS out_of_reach FROM {entries} {join_holder}) r GROUP BY 1",
            id = source.id,
            entries = self.entries(&mut sql, &ways, range),
            join_holder = self.join_holder(),
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

    /// Returns whether anything would be returned; stops at the first item found.
    pub(super) async fn anything(&self, conn: &impl ConnectionTrait) -> Result<bool, Error> {
        let mut after = Some(Uuid::nil());
        while let Some(first) = after {
            after = self.chunk_end(conn, first, CHUNK).await?;
            let range = Range {
                after: first,
                up_to: after.unwrap_or(Uuid::max()),
            };
            let ways = self.ways(conn, range).await?;
            let mut sql = Sql::default();
            let text = format!(
                "SELECT 1 FROM {} {} WHERE {} IS NOT NULL LIMIT 1",
                self.entries(&mut sql, &ways, range),
                self.join_holder(),
                self.kind.source().id
            );
            if !sql.query(conn, &text).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
