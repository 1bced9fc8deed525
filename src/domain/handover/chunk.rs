//! One chunk of a handover: a range of items, moved in one transaction.

use super::kinds::{self, Kind};
use super::returns::{Range, Returning};
use super::selection::{Picks, Selection, Sql};
use crate::error::{Error, Outcome};
use crate::store::db;
use crate::store::db::Tx;
use entity::handover::{HandoverState, Model as Handover};
use entity::handover_part::Model as Part;
use entity::{handover, handover_part, handover_recipient, user};
use sea_orm::sea_query::{Expr, LockType, Query};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, RuntimeErr, Value, sqlx};
use uuid::Uuid;

/// The work of one transaction.
pub(super) struct Chunk<'a> {
    pub(super) tx: &'a Tx,
    pub(super) handover: &'a Handover,
    pub(super) part: &'a Part,
    pub(super) kind: &'static dyn Kind,
    pub(super) skip_next: bool,
}

/// Number of entries of each outcome that a chunk has written.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) moved: i64,
    pub(super) skipped: i64,
    pub(super) failed: i64,
}

impl Chunk<'_> {
    pub(super) async fn run(&self, size: u64) -> Outcome<()> {
        self.lock_recipients().await?;
        let after = self.part.scanned_to.unwrap_or(Uuid::nil());
        let until = self.chunk_end(after, size).await?;
        let up_to = until.unwrap_or(Uuid::max());
        let number = self.handover.chunks + 1;

        match returning(self.part) {
            None => self.write_ledger(after, up_to, number).await?,
            Some(returning) => {
                self.write_undo_ledger(returning, Range { after, up_to }, number)
                    .await?;
            }
        }
        let written = self.update_lines(after, up_to, number).await?;
        self.apply_ledger(after, up_to, number, written.moved).await?;
        self.save_progress(until, number, &written).await
    }

    /// Locks the recipients, so that none can be dismissed before this chunk commits.
    pub(super) async fn lock_recipients(&self) -> Result<(), Error> {
        user::Entity::find()
            .filter(
                user::Column::Id.in_subquery(
                    Query::select()
                        .column(handover_recipient::Column::UserId)
                        .from(handover_recipient::Entity)
                        .and_where(handover_recipient::Column::HandoverId.eq(self.part.handover_id))
                        .and_where(handover_recipient::Column::Part.eq(self.part.position))
                        .to_owned(),
                ),
            )
            .lock(LockType::Share)
            .all(&self.tx.conn)
            .await?;
        Ok(())
    }

    /// Returns the last id of the next `size` items; `None` if no more than that are left.
    pub(super) async fn chunk_end(&self, after: Uuid, size: u64) -> Result<Option<Uuid>, Error> {
        if let Some(returning) = returning(self.part) {
            return Ok(returning.chunk_end(&self.tx.conn, after, size).await?);
        }
        let mut sql = Sql::default();
        let (source, condition) = (self.kind.source(), self.condition(&mut sql));
        let text = format!(
            "SELECT {id} FROM {table} {join} WHERE {condition} AND {id} > {} ORDER BY {id} LIMIT 1 OFFSET {}",
            sql.bind(after),
            size - 1,
            id = source.id,
            table = source.table,
            join = source.join,
        );
        let rows = sql.query(&self.tx.conn, &text).await?;
        Ok(rows.first().map(|row| row.try_get_by_index(0)).transpose()?)
    }

    pub(super) fn condition(&self, sql: &mut Sql) -> String {
        let selected = selection(self.handover, self.part).condition(sql);
        let closed = self.kind.source().closed_at(sql, self.tx.now);
        format!("{selected} AND {closed} = {}", sql.bind(self.part.in_closed))
    }

    /// Writes the ledger entries of the items, assigning the recipients in turn.
    pub(super) async fn write_ledger(&self, after: Uuid, up_to: Uuid, number: i64) -> Result<(), Error> {
        let source = self.kind.source();
        let mut sql = Sql::default();
        let condition = self.condition(&mut sql);
        let turns = format!(
            "(SELECT COUNT(*) FROM handover_recipients WHERE handover_id = {} AND part = {})",
            sql.bind(self.part.handover_id),
            sql.bind(self.part.position),
        );
        let outcome = if self.skip_next {
            "CASE WHEN TRUE THEN 'FAILED' END, 'REFUSED_BY_DATABASE'".to_owned()
        } else {
            format!(
                "CASE WHEN s.holder = u.id THEN 'SKIPPED' WHEN u.status <> 'ACTIVE' THEN 'FAILED' ELSE 'MOVED' END, \
                 CASE WHEN s.holder = u.id THEN 'THEIRS_ALREADY' WHEN u.status <> 'ACTIVE' THEN 'RECIPIENT_NOT_ACTIVE' \
                 ELSE {} END",
                self.kind.reason(self.part.keep_as_observer)
            )
        };
        let text = format!(
            "INSERT INTO handover_entries \
                 (handover_id, kind, subject_id, part, chunk, from_id, to_id, outcome, reason, at) \
             SELECT {handover}, {kind}, s.id, {part}, {chunk}, s.holder, u.id, {outcome}, {now} \
             FROM (SELECT {id} AS id, {holder} AS holder, \
                       ({placed} + ROW_NUMBER() OVER (ORDER BY {id}) - 1) % {turns} AS slot \
                   FROM {table} {join} WHERE {condition} AND {id} > {after} AND {id} <= {up_to}) s \
             JOIN handover_recipients r ON r.handover_id = {handover} AND r.part = {part} AND r.slot = s.slot \
             JOIN users u ON u.id = r.user_id \
             WHERE TRUE ON CONFLICT DO NOTHING",
            handover = sql.bind(self.part.handover_id),
            kind = sql.bind(kinds::name(self.part.kind)),
            part = sql.bind(self.part.position),
            chunk = sql.bind(number),
            now = sql.bind(self.tx.now),
            placed = sql.bind(self.part.placed),
            after = sql.bind(after),
            up_to = sql.bind(up_to),
            id = source.id,
            holder = source.holder,
            table = source.table,
            join = source.join,
        );
        db::execute(&self.tx.conn, &text, sql.values).await?;
        Ok(())
    }

    /// Writes the ledger entries of an undo: items that nobody has reassigned return from their current holder.
    pub(super) async fn write_undo_ledger(
        &self,
        returning: Returning,
        range: Range,
        number: i64,
    ) -> Result<(), Error> {
        let ways = returning.ways(&self.tx.conn, range).await?;
        let id = self.kind.source().id;
        let mut sql = Sql::default();
        let (outcome, reason) = if self.skip_next {
            (
                "CASE WHEN TRUE THEN 'FAILED' END".to_owned(),
                "'REFUSED_BY_DATABASE'".to_owned(),
            )
        } else {
            (
                format!("CASE WHEN {id} IS NULL THEN 'SKIPPED' ELSE 'MOVED' END"),
                format!(
                    "CASE WHEN {id} IS NULL THEN 'MOVED_ON' ELSE {} END",
                    self.kind.undo_reason()
                ),
            )
        };
        let text = format!(
            "INSERT INTO handover_entries \
                 (handover_id, kind, subject_id, part, chunk, from_id, to_id, outcome, reason, at) \
             SELECT {handover}, b.kind, b.subject_id, {part}, {chunk}, COALESCE(b.to_id, b.given_to), b.from_id, \
                 {outcome}, {reason}, {now} \
             FROM {entries} {join_holder} WHERE TRUE ON CONFLICT DO NOTHING",
            handover = sql.bind(self.part.handover_id),
            part = sql.bind(self.part.position),
            chunk = sql.bind(number),
            now = sql.bind(self.tx.now),
            entries = returning.entries(&mut sql, &ways, range),
            join_holder = returning.join_holder(),
        );
        db::execute(&self.tx.conn, &text, sql.values).await?;
        Ok(())
    }

    /// Adds this chunk's entries to the result lines of the handover, and returns their counts.
    pub(super) async fn update_lines(&self, after: Uuid, up_to: Uuid, number: i64) -> Result<Counts, Error> {
        let values = self.parameters(after, up_to, number);
        let rows = db::query(
            &self.tx.conn,
            "SELECT outcome, COUNT(*) FROM handover_entries \
             WHERE handover_id = $1 AND kind = $2 AND subject_id > $3 AND subject_id <= $4 AND chunk = $5 \
             GROUP BY outcome",
            values[..5].to_vec(),
        )
        .await?;
        let mut written = Counts::default();
        for row in rows {
            let count = row.try_get_by_index(1)?;
            match row.try_get_by_index::<String>(0)?.as_str() {
                "MOVED" => written.moved = count,
                "SKIPPED" => written.skipped = count,
                _ => written.failed = count,
            }
        }
        db::execute(
            &self.tx.conn,
            "INSERT INTO handover_lines (handover_id, kind, user_id, moved, skipped, failed) \
             SELECT e.handover_id, e.kind, e.to_id, SUM(CASE WHEN e.outcome = 'MOVED' THEN 1 ELSE 0 END), \
                 SUM(CASE WHEN e.outcome = 'SKIPPED' THEN 1 ELSE 0 END), \
                 SUM(CASE WHEN e.outcome = 'FAILED' THEN 1 ELSE 0 END) \
             FROM handover_entries e \
             WHERE e.handover_id = $1 AND e.kind = $2 AND e.subject_id > $3 AND e.subject_id <= $4 AND e.chunk = $5 \
             AND e.to_id IS NOT NULL GROUP BY e.handover_id, e.kind, e.to_id \
             ON CONFLICT (handover_id, kind, user_id) DO UPDATE SET \
                 moved = handover_lines.moved + excluded.moved, \
                 skipped = handover_lines.skipped + excluded.skipped, \
                 failed = handover_lines.failed + excluded.failed",
            values[..5].to_vec(),
        )
        .await?;
        Ok(written)
    }

    /// Applies the ledger entries to the work.
    pub(super) async fn apply_ledger(
        &self,
        after: Uuid,
        up_to: Uuid,
        number: i64,
        moved: i64,
    ) -> Outcome<()> {
        if moved == 0 {
            return Ok(());
        }
        let values = self.parameters(after, up_to, number);
        for (place, statement) in self.kind.statements().iter().enumerate() {
            let done = db::execute(&self.tx.conn, statement, values.clone())
                .await?
                .rows_affected();
            if place == 0 && i64::try_from(done) != Ok(moved) {
                return Err(Error::Internal(format!("{moved} ledger entries, but {done} rows moved")).into());
            }
        }
        Ok(self.kind.finish_chunk(self.tx, self.part, &values).await?)
    }

    /// Returns the parameters of the statements of a kind.
    pub(super) fn parameters(&self, after: Uuid, up_to: Uuid, number: i64) -> Vec<Value> {
        vec![
            self.part.handover_id.into(),
            kinds::name(self.part.kind).into(),
            after.into(),
            up_to.into(),
            number.into(),
            self.tx.now.into(),
        ]
    }

    /// Saves the progress of the part and of the handover. `until` is `None` at the end of the open items, or of the
    /// closed ones.
    pub(super) async fn save_progress(
        &self,
        until: Option<Uuid>,
        number: i64,
        written: &Counts,
    ) -> Outcome<()> {
        let closed_next = until.is_none() && self.part.include_closed && !self.part.in_closed;
        let processed = written.moved + written.skipped + written.failed;
        handover_part::Entity::update_many()
            .col_expr(handover_part::Column::ScannedTo, Expr::value(until))
            .col_expr(
                handover_part::Column::InClosed,
                Expr::value(self.part.in_closed || closed_next),
            )
            .col_expr(
                handover_part::Column::Done,
                Expr::value(until.is_none() && !closed_next),
            )
            .col_expr(
                handover_part::Column::Placed,
                Expr::value(self.part.placed + processed),
            )
            .filter(handover_part::Column::HandoverId.eq(self.part.handover_id))
            .filter(handover_part::Column::Position.eq(self.part.position))
            .exec(&self.tx.conn)
            .await?;
        handover::Entity::update_many()
            .col_expr(handover::Column::State, Expr::value(HandoverState::Running))
            .col_expr(handover::Column::Chunks, Expr::value(number))
            .col_expr(
                handover::Column::Moved,
                Expr::value(self.handover.moved + written.moved),
            )
            .col_expr(
                handover::Column::Skipped,
                Expr::value(self.handover.skipped + written.skipped),
            )
            .col_expr(
                handover::Column::Failed,
                Expr::value(self.handover.failed + written.failed),
            )
            .filter(handover::Column::Id.eq(self.handover.id))
            .exec(&self.tx.conn)
            .await?;
        Ok(())
    }
}

/// Returns whether the error is about a row (a constraint, a trigger, a value), so that other rows may succeed.
pub(super) fn is_row_error(cause: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = cause
    else {
        return false;
    };
    let sqlx::Error::Database(cause) = cause.as_ref() else {
        return false;
    };
    let code = cause.code().unwrap_or_default();
    if cause
        .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
        .is_some()
    {
        // Data exceptions, constraint violations, and exceptions raised by triggers.
        code.starts_with("22") || code.starts_with("23") || code == "P0001"
    } else {
        // SQLITE_CONSTRAINT with any extended code: compares the low byte.
        code.parse::<u32>().is_ok_and(|code| code & 0xff == 19)
    }
}

/// Returns what a part undoes; `None` if it moves work forward.
pub(super) fn returning(part: &Part) -> Option<Returning> {
    part.undoes_id.map(|undone| Returning {
        undone,
        kind: kinds::of(part.kind),
        undoing: Some(part.handover_id),
    })
}

pub(super) fn selection<'a>(handover: &Handover, part: &Part) -> Selection<'a> {
    let picks = if part.picked {
        Picks::Stored(part.handover_id, part.position)
    } else {
        Picks::All
    };
    Selection {
        kind: kinds::of(part.kind),
        from: handover.from_user_id,
        picks,
    }
}

/// Result of an attempt at a chunk.
pub(super) enum Step {
    /// There is more to do.
    Continue,
    /// The handover is complete, or was cancelled.
    Done,
}
