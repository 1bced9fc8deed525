//! A transaction in progress, as operations see it.

use std::sync::atomic::{AtomicBool, Ordering};

use entity::Timestamp;
use sea_orm::{DatabaseTransaction, DbErr};

use crate::clock::Clock;

/// A transaction in progress.
pub struct Tx {
    /// The connection of the transaction.
    pub conn: DatabaseTransaction,
    /// The timestamp of everything written in this transaction.
    pub now: Timestamp,
    clock: Clock,
    outbox_changed: AtomicBool,
}

impl Tx {
    /// Wraps a transaction that has just begun.
    pub(super) fn new(conn: DatabaseTransaction, clock: &Clock) -> Self {
        Self {
            conn,
            now: clock.now(),
            clock: clock.clone(),
            outbox_changed: AtomicBool::new(false),
        }
    }

    /// Returns the current time, for what has to be later than everything that this transaction has waited for.
    pub fn current_time(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns a new UUIDv7.
    pub fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }

    /// Marks the outbox as changed: the worker is woken after the commit.
    pub fn mark_outbox_changed(&self) {
        self.outbox_changed.store(true, Ordering::Relaxed);
    }

    /// Commits, and returns whether the outbox has changed.
    pub(super) async fn commit(self) -> Result<bool, DbErr> {
        self.conn.commit().await?;
        Ok(self.outbox_changed.into_inner())
    }
}
