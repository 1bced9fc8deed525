//! Background work: outbox messages, due recurring tasks, live notifications and the lag of the replica. The only place
//! that spawns tasks.

use std::sync::Arc;
use std::time::Duration;

use entity::outbox_message::Topic;
use entity::{DismissalId, HandoverId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::directory;
use crate::domain::dismissal::scheduled;
use crate::domain::handover::run;
use crate::domain::integrations::expiring;
use crate::domain::live::{self, Live};
use crate::domain::tasks::recurring;
use crate::domain::webhooks::{self, prune};
use crate::egress::Egress;
use crate::error::Error;
use crate::store::db::{Db, replica};
use crate::store::outbox;

/// Interval for polling the outbox when no commit in this process wakes the worker.
const POLL: Duration = Duration::from_secs(2);

/// Interval for work that has time.
const RARELY: Duration = Duration::from_secs(600);

/// Starts the background work. Once `stop` is true, it finishes the current chunk and ends. `chunk` is the number of
/// items of a handover that are moved in one transaction.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that spawns background work"
)]
pub fn start(
    db: Db,
    egress: Egress,
    live: Arc<Live>,
    chunk: u64,
    stop: watch::Receiver<bool>,
) -> JoinHandle<()> {
    // Concurrent, so that a long handover doesn't delay recurring tasks.
    let messages = work(db.clone(), chunk, stop.clone());
    let recurring = recurring::work(db.clone(), stop.clone());
    let expiring = {
        let announce = |db: Db| async move { expiring::announce(&db).await };
        rarely(db.clone(), stop.clone(), "announce secrets that expire", announce)
    };
    let webhooks = send_webhooks(db.clone(), egress, stop.clone());
    let replica = replica::work(db, stop.clone());
    tokio::spawn(async move {
        tokio::join!(
            messages,
            recurring,
            expiring,
            live::work(&live, stop),
            replica,
            webhooks
        );
    })
}

/// Sends webhooks and deletes old deliveries, in a task of its own, because signing and sending thousands of deliveries
/// takes a core. Starts it again should it fail.
#[expect(
    clippy::disallowed_methods,
    reason = "the only place that spawns background work"
)]
async fn send_webhooks(db: Db, egress: Egress, stop: watch::Receiver<bool>) {
    loop {
        let work = webhooks::deliver::work(db.clone(), egress.clone(), stop.clone());
        let prune = |db: Db| async move { prune::prune(&db).await };
        let pruned = rarely(db.clone(), stop.clone(), "delete old deliveries", prune);
        let both = async move { tokio::join!(work, pruned) };
        let Err(cause) = tokio::spawn(both).await else {
            return;
        };
        tracing::error!(%cause, "sending webhooks has failed; it is started again");
        tokio::time::sleep(POLL).await;
    }
}

/// Does something every [`RARELY`] until `stop` is true. A failure is logged, and is no reason to end.
async fn rarely<F>(db: Db, mut stop: watch::Receiver<bool>, what: &str, work: impl Fn(Db) -> F)
where
    F: Future<Output = Result<(), Error>>,
{
    while !*stop.borrow() {
        if let Err(cause) = work(db.clone()).await {
            tracing::error!(?cause, "failed to {what}");
        }
        tokio::select! {
            () = tokio::time::sleep(RARELY) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Topics processed concurrently: a handover that takes minutes doesn't delay a dismissal.
const TOPIC_GROUPS: [&[Topic]; 2] = [
    &[Topic::RunDismissal, Topic::RunDirectoryHandover],
    &[Topic::RunHandover],
];

/// Processes messages until `stop` is true, then finishes the current chunk.
async fn work(db: Db, chunk: u64, stop: watch::Receiver<bool>) {
    let [first, second] = TOPIC_GROUPS.map(|topics| work_on(&db, chunk, topics, stop.clone()));
    tokio::join!(first, second);
}

async fn work_on(db: &Db, chunk: u64, topics: &[Topic], mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        // Registered before the query, so that a commit in between is not missed.
        let committed = db.outbox_changed().notified();
        match next(db, chunk, topics).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(cause) => tracing::error!(cause = ?cause, "failed to process the outbox"),
        }
        tokio::select! {
            () = committed => {}
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Processes everything that is due, recurring tasks included, and returns.
///
/// # Errors
/// When the database fails.
pub async fn drain(db: &Db, chunk: u64) -> Result<(), Error> {
    while next(db, chunk, &TOPIC_GROUPS.concat()).await? || recurring::make_due(db).await? > 0 {}
    Ok(())
}

/// Claims and processes the next due message. Returns whether there was one.
async fn next(db: &Db, chunk: u64, topics: &[Topic]) -> Result<bool, Error> {
    let Some(lease) = outbox::claim(db, topics).await? else {
        return Ok(false);
    };
    let subject = lease.message.subject_id;
    let done = match lease.message.topic {
        Topic::RunHandover => run::run(db, HandoverId(subject), &lease, chunk).await,
        Topic::RunDismissal => scheduled::carry_out(db, DismissalId(subject), &lease).await,
        Topic::RunDirectoryHandover => directory::handover::carry_out(db, DismissalId(subject), &lease).await,
    };
    if let Err(cause) = done {
        tracing::error!(message = %lease.message.id, cause = ?cause, "a message failed; it will be retried");
        outbox::postpone(db, &lease).await?;
    }
    Ok(true)
}
