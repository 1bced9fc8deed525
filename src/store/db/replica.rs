//! A streaming replica for queries, and whether it is near enough to the primary to be asked.
//!
//! Twice a second the primary is asked how far its log is and the replica how far it has replayed it. A replica that
//! lags more than [`LAG`] behind, or can't be told about, is not asked at all. Whoever has written within [`SETTLES`]
//! reads from the primary, so everybody finds what they have written, whatever the lag.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use tokio::sync::watch;

use super::{Db, Reader, query};
use crate::error::Error;

/// How far a replica may be behind.
const LAG: Duration = Duration::from_secs(5);
/// How long after a write a person reads from the primary: longer than [`LAG`], [`LOOK`] and [`BELIEVED`] together.
pub const SETTLES: TimeDelta = TimeDelta::seconds(10);
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(500);
/// How long a look is believed.
const BELIEVED: Duration = Duration::from_secs(2);

/// A replica, and until when it may be asked.
pub struct Replica {
    reader: Reader,
    near_until: Mutex<Option<Instant>>,
}

impl Replica {
    /// A replica that is not asked before it has been looked at.
    pub fn new(reader: Reader) -> Arc<Self> {
        Arc::new(Self {
            reader,
            near_until: Mutex::default(),
        })
    }

    /// The connections, while the replica is near enough.
    pub fn reader(&self) -> Option<&Reader> {
        let until = *self.near_until.lock().unwrap_or_else(PoisonError::into_inner);
        until
            .filter(|until| Instant::now() < *until)
            .map(|_| &self.reader)
    }

    fn is_near(&self, near: bool) {
        let mut until = self.near_until.lock().unwrap_or_else(PoisonError::into_inner);
        if near != until.is_some() {
            tracing::info!(near, "the replica");
        }
        *until = near.then(|| Instant::now() + BELIEVED);
    }
}

/// Looks after the replica until `stop` says so; without one there is nothing to do.
pub async fn work(db: Db, mut stop: watch::Receiver<bool>) {
    let Some(replica) = db.replica.clone() else { return };
    // Where the log of the primary was, the oldest first; none older than the lag but one.
    let mut log = VecDeque::new();
    while !*stop.borrow() {
        let near = tokio::time::timeout(BELIEVED, look(&db, &replica, &mut log)).await;
        match near {
            Ok(Ok(near)) => replica.is_near(near),
            Ok(Err(cause)) => {
                tracing::warn!(?cause, "the replica could not be looked at");
                replica.is_near(false);
            }
            Err(_) => replica.is_near(false),
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn look(db: &Db, replica: &Replica, log: &mut VecDeque<(Instant, i64)>) -> Result<bool, Error> {
    let asked = Instant::now();
    let rows = query(&db.read, "SELECT (pg_current_wal_lsn() - '0/0')::bigint", []).await?;
    let Some(row) = rows.first() else { return Ok(false) };
    log.push_back((asked, row.try_get_by_index(0)?));
    while log.get(1).is_some_and(|(at, _)| at.elapsed() > LAG) {
        log.pop_front();
    }
    // Nothing is told by a server that is no replica (any more).
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
