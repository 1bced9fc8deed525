//! Runs a queued handover, chunk by chunk.
//!
//! Each chunk is one transaction on one snapshot of the database: it writes the ledger for the next range of items and
//! applies it to the work, so a crash between two chunks loses nothing and repeats nothing. It also renews the lease of
//! the message that started the run: a process that lost its lease can't write another chunk.

use super::chunk::{Chunk, Step, is_row_error, returning, selection};
use super::kinds;
use super::rules;
use super::selection::Picks;
use crate::error::{Error, Failure, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Author};
use crate::store::outbox::Lease;
use entity::handover::Model as Handover;
use entity::{HandoverId, handover, handover_part};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use std::sync::Arc;

/// Runs a handover to its end. Safe to call again at any time, by any process, after any crash.
///
/// # Errors
/// When the database is unreachable, or another process has claimed the message; committed chunks stay.
pub async fn run(db: &Db, id: HandoverId, lease: &Lease, chunk: u64) -> Result<(), Error> {
    let mut size = chunk;
    count_once(db, id).await?;
    loop {
        match step(db, id, lease, size, false).await {
            Ok(Step::Done) => return Ok(()),
            Ok(Step::Continue) => size = (size * 2).min(chunk),
            // The database refused a row: isolate it with ever smaller chunks, and skip only that one.
            Err(Error::Database(cause)) if is_row_error(&cause) => {
                tracing::warn!(handover = %id, size, %cause, "the database refused a chunk");
                if size > 1 {
                    size = (size / 8).max(1);
                } else if let Step::Done = step(db, id, lease, 1, true).await? {
                    return Ok(());
                }
            }
            Err(cause) => return Err(cause),
        }
    }
}

/// Counts the items once, as the total for progress.
async fn count_once(db: &Db, id: HandoverId) -> Result<(), Error> {
    let Some(row) = handover::Entity::find_by_id(id).one(db.read()).await? else {
        return Ok(());
    };
    if row.total.is_some() {
        return Ok(());
    }
    let total = planned(db, &row).await?;
    let counted = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            handover::Entity::update_many()
                .col_expr(handover::Column::Total, Expr::value(total))
                .filter(handover::Column::Id.eq(id))
                .filter(handover::Column::Total.is_null())
                .exec(&tx.conn)
                .await?;
            Ok(())
        })
        .await;
    counted.map_err(Failure::into_error)
}

/// Returns how many items a handover that hasn't started would move now.
///
/// # Errors
/// When the database fails.
pub async fn planned(db: &Db, handover: &Handover) -> Result<i64, Error> {
    let parts = handover_part::Entity::find()
        .filter(handover_part::Column::HandoverId.eq(handover.id))
        .all(db.read())
        .await?;
    let mut total = 0;
    for part in &parts {
        total += match returning(part) {
            Some(returning) => returning.total(db.read()).await?,
            None => {
                let mut meant = selection(handover, part);
                // Items listed by other parts belong to those.
                if !part.picked && parts.iter().any(|other| other.picked && other.kind == part.kind) {
                    meant.picks = Picks::Unpicked(handover.id);
                }
                let count = meant.count(db.read(), db.clock().now()).await?;
                count.open + if part.include_closed { count.closed } else { 0 }
            }
        };
    }
    Ok(total)
}

/// Runs one chunk, or finishes. With `skip_next`, marks the next item as FAILED instead of moving it.
async fn step(db: &Db, id: HandoverId, lease: &Lease, size: u64, skip_next: bool) -> Result<Step, Error> {
    let done = db
        .write_snapshot(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            lease.renew(tx).await?;
            let row = handover::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let Some(row) = row.filter(|row| !row.state.is_finished()) else {
                lease.finish(tx).await?;
                return Ok(Step::Done);
            };
            let next = handover_part::Entity::find()
                .filter(handover_part::Column::HandoverId.eq(id))
                .filter(handover_part::Column::Done.eq(false))
                .order_by_asc(handover_part::Column::Position)
                .one(&tx.conn)
                .await?;
            match next {
                Some(part) => {
                    Chunk {
                        tx,
                        handover: &row,
                        part: &part,
                        kind: kinds::of(part.kind),
                        skip_next,
                    }
                    .run(size)
                    .await?;
                    Ok(Step::Continue)
                }
                None => {
                    finish(tx, &row).await?;
                    lease.finish(tx).await?;
                    Ok(Step::Done)
                }
            }
        })
        .await;
    done.map_err(Failure::into_error)
}

async fn finish(tx: &Tx, row: &Handover) -> Outcome<()> {
    let state = rules::final_state(row.moved, row.skipped, row.failed);
    handover::Entity::update_many()
        .col_expr(handover::Column::State, Expr::value(state))
        // Planned items that were closed or taken over meanwhile don't count.
        .col_expr(handover::Column::Total, Expr::value(row.moved + row.skipped + row.failed))
        .col_expr(handover::Column::FinishedAt, Expr::value(tx.now))
        .filter(handover::Column::Id.eq(row.id))
        .exec(&tx.conn)
        .await?;
    let data = json!({
        "planned": row.total, "moved": row.moved, "skipped": row.skipped, "failed": row.failed,
    });
    let author = Author::Program("handover run");
    journal::record(tx, &author, Action::HandoverFinished, Some(row.id.into()), data).await?;
    Ok(())
}
