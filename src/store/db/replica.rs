//! A streaming replica for queries, and the check of its lag.
//!
//! Twice a second the log positions of the primary and the replica are compared. A replica that lags more than [`MAX_LAG`]
//! behind, or whose lag is unknown, is not used. After a write, a person reads from the primary for [`READ_PRIMARY_FOR`], so
//! they always read their own writes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::watch;

use super::{Db, Reader, query};
use crate::error::Error;

/// Maximum lag of a replica.
const MAX_LAG: Duration = Duration::from_secs(5);
/// How long after a write a person reads from the primary: longer than [`MAX_LAG`], [`CHECK_INTERVAL`] and
/// [`CHECK_VALIDITY`] together.
pub const READ_PRIMARY_FOR: TimeDelta = TimeDelta::seconds(10);
/// Interval of the check.
const CHECK_INTERVAL: Duration = Duration::from_millis(500);
/// How long the result of a check is valid.
const CHECK_VALIDITY: Duration = Duration::from_secs(2);

/// A replica, and until when it may be used.
pub struct Replica {
    reader: Reader,
    usable_until: Mutex<Option<Instant>>,
}

impl Replica {
    /// Creates a replica that is unused until its first check.
    pub fn new(reader: Reader) -> Arc<Self> {
        Arc::new(Self {
            reader,
            usable_until: Mutex::default(),
        })
    }

    /// Returns the connections while the lag is small enough.
    pub fn reader(&self) -> Option<&Reader> {
        let until = *self.usable_until.lock().unwrap_or_else(PoisonError::into_inner);
        until
            .filter(|until| Instant::now() < *until)
            .map(|_| &self.reader)
    }

    /// Returns how many connections are in use, and how many are open and unused.
    pub fn connections(&self) -> (u32, u32) {
        self.reader.connections()
    }

    fn set_usable(&self, near: bool) {
        let mut until = self.usable_until.lock().unwrap_or_else(PoisonError::into_inner);
        if near != until.is_some() {
            tracing::info!(near, "replica usability changed");
        }
        *until = near.then(|| Instant::now() + CHECK_VALIDITY);
    }
}

/// Checks the replica until `stop` is true; returns at once if there is none.
pub async fn work(db: Db, mut stop: watch::Receiver<bool>) {
    let Some(replica) = db.replica.clone() else { return };
    // Log positions of the primary, oldest first; at most one of them older than the lag.
    let mut log = VecDeque::new();
    while !*stop.borrow() {
        let near = tokio::time::timeout(CHECK_VALIDITY, check(&db, &replica, &mut log)).await;
        match near {
            Ok(Ok(near)) => replica.set_usable(near),
            Ok(Err(cause)) => {
                tracing::warn!(?cause, "failed to check the replica");
                replica.set_usable(false);
            }
            Err(_) => replica.set_usable(false),
        }
        tokio::select! {
            () = tokio::time::sleep(CHECK_INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn check(db: &Db, replica: &Replica, log: &mut VecDeque<(Instant, i64)>) -> Result<bool, Error> {
    let asked_at = Instant::now();
    let rows = query(&db.read, "SELECT (pg_current_wal_lsn() - '0/0')::bigint", []).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    log.push_back((asked_at, row.try_get_by_index(0)?));
    while log.get(1).is_some_and(|(at, _)| at.elapsed() > MAX_LAG) {
        log.pop_front();
    }
    // Returns no row on a server that is not a replica (any more).
    let sql = "SELECT (pg_last_wal_replay_lsn() - '0/0')::bigint WHERE pg_is_in_recovery()";
    let rows = query(&replica.reader, sql, []).await?;
    let replayed: Option<i64> = rows
        .first()
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .flatten();
    Ok(match (replayed, log.front()) {
        (Some(replayed), Some((_, behind))) => replayed >= *behind,
        _ => false,
    })
}
