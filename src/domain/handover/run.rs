//! Moves the work of a queued handover, chunk by chunk.
//!
//! Each chunk is one transaction on one state of the database: it writes the ledger for the next range of
//! items and makes the work follow the ledger, so a crash between two chunks loses nothing and repeats nothing.
//! The transaction also renews the lease of the message that started the run: a process that was believed dead
//! and comes back can't write another chunk.

use super::chunk::{Chunk, Step, is_about_a_row, returning, selection};
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

/// Runs a handover until it has ended. Safe to call again at any time, by any process, after any crash.
///
/// # Errors
/// When the database can't be reached, or the lease went to another process; the work done so far stays.
pub async fn run(db: &Db, id: HandoverId, lease: &Lease, chunk: u64) -> Result<(), Error> {
    let mut size = chunk;
    count_once(db, id).await?;
    loop {
        match step(db, id, lease, size, false).await {
            Ok(Step::Over) => return Ok(()),
            Ok(Step::Goes) => size = (size * 2).min(chunk),
            // A row that the database refuses: look for it in ever smaller chunks, and leave it behind alone.
            Err(Error::Database(cause)) if is_about_a_row(&cause) => {
                tracing::warn!(handover = %id, size, %cause, "a chunk was refused by the database");
                if size > 1 {
                    size = (size / 8).max(1);
                } else if let Step::Over = step(db, id, lease, 1, true).await? {
                    return Ok(());
                }
            }
            Err(cause) => return Err(cause),
        }
    }
}

/// Counts what is to be moved, once, so that progress has something to be measured against.
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
    counted.map_err(broken)
}

/// How many items a handover that has not begun would move now.
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
                // What other parts list is theirs.
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

/// One chunk, or the end. With `give_up`, the next item is noted as FAILED instead of being moved.
async fn step(db: &Db, id: HandoverId, lease: &Lease, size: u64, give_up: bool) -> Result<Step, Error> {
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
                return Ok(Step::Over);
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
                        give_up,
                    }
                    .carry_out(size)
                    .await?;
                    Ok(Step::Goes)
                }
                None => {
                    finish(tx, &row).await?;
                    lease.finish(tx).await?;
                    Ok(Step::Over)
                }
            }
        })
        .await;
    done.map_err(broken)
}

/// A run refuses nothing: whatever comes back is a failure.
fn broken(failure: Failure) -> Error {
    match failure {
        Failure::Broken(error) => error,
        Failure::Refused(reasons) => Error::Internal(format!("a run was refused: {reasons:?}")),
    }
}

async fn finish(tx: &Tx, row: &Handover) -> Outcome<()> {
    let state = rules::final_state(row.moved, row.skipped, row.failed);
    handover::Entity::update_many()
        .col_expr(handover::Column::State, Expr::value(state))
        // What colleagues closed or took over meanwhile was planned and is no longer there to be moved.
        .col_expr(handover::Column::Total, Expr::value(row.moved + row.skipped + row.failed))
        .col_expr(handover::Column::FinishedAt, Expr::value(tx.now))
        .filter(handover::Column::Id.eq(row.id))
        .exec(&tx.conn)
        .await?;
    let data = json!({
        "planned": row.total, "moved": row.moved, "skipped": row.skipped, "failed": row.failed,
    });
    let author = Author::Program("handover run");
    Ok(journal::record(tx, &author, Action::HandoverFinished, Some(row.id.into()), data).await?)
}
