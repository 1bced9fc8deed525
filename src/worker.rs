//! What goes on in the background: messages of the outbox, tasks that are due, telling those who wait, and how far the
//! replica is. The only place that starts such work.

use std::sync::Arc;
use std::time::Duration;

use entity::outbox_message::Topic;
use entity::{DismissalId, HandoverId};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::domain::dismissal::scheduled;
use crate::domain::handover::run;
use crate::domain::live::{self, Live};
use crate::domain::tasks::recurring;
use crate::error::Error;
use crate::store::db::{Db, replica};
use crate::store::outbox;

/// How often the outbox is looked at when nobody says that there is something.
const POLL: Duration = Duration::from_secs(2);

/// Starts the background work; it ends, with the chunk under way, once `stop` holds true. `chunk` is how many items of a
/// handover are moved in one transaction.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that starts background work"
)]
pub fn start(db: Db, live: Arc<Live>, chunk: u64, stop: watch::Receiver<bool>) -> JoinHandle<()> {
    // Side by side: a long handover does not keep the tasks that are due from being made.
    let messages = work(db.clone(), chunk, stop.clone());
    let recurring = recurring::work(db.clone(), stop.clone());
    let replica = replica::work(db, stop.clone());
    tokio::spawn(async move {
        tokio::join!(messages, recurring, live::work(&live, stop), replica);
    })
}

/// What is worked on side by side: a handover that takes minutes keeps no dismissal waiting.
const LANES: [&[Topic]; 2] = [&[Topic::RunDismissal], &[Topic::RunHandover]];

/// Works until `stop` says so; then it ends with the chunk that is under way.
async fn work(db: Db, chunk: u64, stop: watch::Receiver<bool>) {
    let [first, second] = LANES.map(|topics| work_on(&db, chunk, topics, stop.clone()));
    tokio::join!(first, second);
}

async fn work_on(db: &Db, chunk: u64, topics: &[Topic], mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        // Registered before looking, so that a commit in between is not missed.
        let committed = db.work_committed().notified();
        match next(db, chunk, topics).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(cause) => tracing::error!(cause = ?cause, "the outbox could not be worked on"),
        }
        tokio::select! {
            () = committed => {}
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Works on everything that is due, recurring tasks included, and returns.
///
/// # Errors
/// When the database fails.
pub async fn drain(db: &Db, chunk: u64) -> Result<(), Error> {
    while next(db, chunk, &LANES.concat()).await? || recurring::make_due(db).await? > 0 {}
    Ok(())
}

/// Takes the next message that is due, and does what it asks for. Answers whether there was one.
async fn next(db: &Db, chunk: u64, topics: &[Topic]) -> Result<bool, Error> {
    let Some(lease) = outbox::claim(db, topics).await? else {
        return Ok(false);
    };
    let subject = lease.message.subject_id;
    let done = match lease.message.topic {
        Topic::RunHandover => run::run(db, HandoverId(subject), &lease, chunk).await,
        Topic::RunDismissal => scheduled::carry_out(db, DismissalId(subject), &lease).await,
    };
    if let Err(cause) = done {
        tracing::error!(message = %lease.message.id, cause = ?cause, "a message failed; it will be tried again");
        outbox::postpone(db, &lease).await?;
    }
    Ok(true)
}
