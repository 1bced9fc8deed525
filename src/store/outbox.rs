//! Transactional outbox. A transaction enqueues a message for what has to happen after its commit, and a worker
//! processes it.
//!
//! A message is leased, not removed: the process working on it renews the lease in each of its transactions, and
//! deletes the message in the last one. Another process may claim the message once the lease has expired; transactions
//! of the previous holder then fail.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use entity::outbox_message;
use entity::outbox_message::{Model as Message, Topic};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, Failure, Outcome};
use crate::store::db::{Db, Tx};

/// Duration of a lease: a process that doesn't renew it in time loses the message.
const LEASE: TimeDelta = TimeDelta::seconds(15);
/// Maximum delay before a failed message is retried.
const MAX_BACKOFF: TimeDelta = TimeDelta::minutes(5);

/// The exclusive right to process a message.
pub struct Lease {
    /// The message.
    pub message: Message,
    token: Uuid,
}

impl Lease {
    /// Renews the lease inside a transaction, which can commit only while the lease is held.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another process has claimed the message, or it was withdrawn.
    pub async fn renew(&self, tx: &Tx) -> Result<(), Error> {
        let renewed = outbox_message::Entity::update_many()
            .col_expr(outbox_message::Column::LeasedUntil, Expr::value(tx.now + LEASE))
            // Progress resets the backoff.
            .col_expr(outbox_message::Column::Attempts, Expr::value(0))
            .filter(outbox_message::Column::Id.eq(self.message.id))
            .filter(outbox_message::Column::Lease.eq(self.token))
            .exec(&tx.conn)
            .await?;
        if renewed.rows_affected == 1 {
            Ok(())
        } else {
            Err(Error::Conflict)
        }
    }

    /// Deletes the message: its work is complete once this transaction commits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, tx: &Tx) -> Result<(), Error> {
        outbox_message::Entity::delete_by_id(self.message.id)
            .exec(&tx.conn)
            .await?;
        Ok(())
    }
}

/// Messages that wait for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Number of messages that are due and that no process holds a lease on.
    pub due: u64,
    /// Time since the oldest of them was due; zero if there is none.
    pub oldest: Duration,
}

/// Returns the backlog of all topics.
///
/// # Errors
/// When the database fails.
pub async fn backlog(db: &Db) -> Result<Backlog, Error> {
    let now = db.clock().now();
    let found: Option<(i64, Option<entity::Timestamp>)> = outbox_message::Entity::find()
        .select_only()
        .column_as(outbox_message::Column::Id.count(), "due")
        .column_as(outbox_message::Column::DueAt.min(), "oldest")
        .filter(due(now))
        .into_tuple()
        .one(db.read())
        .await?;
    let (due, oldest) = found.unwrap_or_default();
    let age = oldest.and_then(|oldest| (now - oldest).to_std().ok());
    Ok(Backlog {
        due: due.unsigned_abs(),
        oldest: age.unwrap_or_default(),
    })
}

/// The messages that are due and that no process holds a lease on.
fn due(now: entity::Timestamp) -> Condition {
    let unleased = Condition::any()
        .add(outbox_message::Column::LeasedUntil.is_null())
        .add(outbox_message::Column::LeasedUntil.lt(now));
    Condition::all()
        .add(outbox_message::Column::DueAt.lte(now))
        .add(unleased)
}

/// Claims the next due message of these topics; `None` if there is none.
///
/// # Errors
/// When the database fails.
pub async fn claim(db: &Db, topics: &[Topic]) -> Result<Option<Lease>, Error> {
    let due = |now| due(now).add(outbox_message::Column::Topic.is_in(topics.iter().copied()));
    // Checked by a read first: most polls find nothing, and a write would take a lock.
    if outbox_message::Entity::find()
        .filter(due(db.clock().now()))
        .one(db.read())
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let claimed: Outcome<Option<Lease>> = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let found = outbox_message::Entity::find()
                .filter(due(tx.now))
                .order_by_asc(outbox_message::Column::DueAt)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                .one(&tx.conn)
                .await?;
            let Some(message) = found else { return Ok(None) };
            let token = tx.new_id();
            outbox_message::Entity::update_many()
                .col_expr(outbox_message::Column::Lease, Expr::value(token))
                .col_expr(outbox_message::Column::LeasedUntil, Expr::value(tx.now + LEASE))
                .col_expr(
                    outbox_message::Column::Attempts,
                    Expr::value(message.attempts + 1),
                )
                .filter(outbox_message::Column::Id.eq(message.id))
                .exec(&tx.conn)
                .await?;
            Ok(Some(Lease { message, token }))
        })
        .await;
    claimed.map_err(Failure::into_error)
}

/// Schedules a retry with exponential backoff: after one second, two, four, …
///
/// # Errors
/// When the database fails.
pub async fn postpone(db: &Db, lease: &Lease) -> Result<(), Error> {
    let postponed: Outcome<()> = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            // Read again: progress since the claim has reset the attempts.
            let message = outbox_message::Entity::find_by_id(lease.message.id)
                .one(&tx.conn)
                .await?;
            let failures = message.map_or(0, |message| message.attempts);
            outbox_message::Entity::update_many()
                .col_expr(
                    outbox_message::Column::DueAt,
                    Expr::value(tx.now + backoff(failures)),
                )
                .col_expr(
                    outbox_message::Column::LeasedUntil,
                    Expr::value(None::<entity::Timestamp>),
                )
                .filter(outbox_message::Column::Id.eq(lease.message.id))
                .filter(outbox_message::Column::Lease.eq(lease.token))
                .exec(&tx.conn)
                .await?;
            Ok(())
        })
        .await;
    postponed.map_err(Failure::into_error)
}

/// Returns the delay after a number of failures since the last progress.
fn backoff(failures: i32) -> TimeDelta {
    let doublings = u32::try_from((failures - 1).clamp(0, 12)).unwrap_or_default();
    TimeDelta::seconds(1 << doublings).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses = [0, 1, 2, 3, 9, 10, i32::MAX].map(|failures| backoff(failures).num_seconds());
        assert_eq!(pauses, [1, 1, 2, 4, 256, 300, 300]);
    }
}
