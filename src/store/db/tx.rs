//! A transaction in progress, as operations see it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

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
    event_recorded: AtomicBool,
    after_commit: Mutex<Vec<AfterCommit>>,
}

/// Work after a commit; its argument is the time since the write began.
pub(super) type AfterCommit = Box<dyn FnOnce(Duration) + Send>;

/// What follows from a transaction that has committed.
pub(super) struct Committed {
    /// Whether it has enqueued a message.
    pub outbox_changed: bool,
    /// Whether it has recorded a change that webhooks announce.
    pub event_recorded: bool,
    /// Work, in the order in which it was added.
    pub then: Vec<AfterCommit>,
}

impl Tx {
    /// Wraps a transaction that has just begun.
    pub(super) fn new(conn: DatabaseTransaction, clock: &Clock) -> Self {
        Self {
            conn,
            now: clock.now(),
            clock: clock.clone(),
            outbox_changed: AtomicBool::new(false),
            event_recorded: AtomicBool::new(false),
            after_commit: Mutex::default(),
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

    /// Marks that a change was recorded that webhooks announce: their worker is woken after the commit.
    pub fn mark_event_recorded(&self) {
        self.event_recorded.store(true, Ordering::Relaxed);
    }

    /// Runs `work` once the transaction has committed, with the time since the write began, including earlier attempts
    /// that met a conflict. It doesn't run after a rollback or a dry run.
    pub fn after_commit(&self, work: impl FnOnce(Duration) + Send + 'static) {
        let mut after = self.after_commit.lock().unwrap_or_else(PoisonError::into_inner);
        after.push(Box::new(work));
    }

    /// Commits.
    pub(super) async fn commit(self) -> Result<Committed, DbErr> {
        self.conn.commit().await?;
        Ok(Committed {
            outbox_changed: self.outbox_changed.into_inner(),
            event_recorded: self.event_recorded.into_inner(),
            then: self
                .after_commit
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner),
        })
    }
}
