//! Sends deliveries in the background: each webhook in a lane of its own, so that none waits for another.

use std::collections::HashSet;
use std::time::Duration;

use entity::WebhookId;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use super::claim::{claim, due};
use super::publish;
use super::send::{Permits, send};
use super::settle::settle;
use crate::egress::Egress;
use crate::error::Error;
use crate::store::db::Db;

/// Interval for looking for what is due: retries, and what other processes have published.
const POLL: Duration = Duration::from_secs(1);
/// Delay between a change and its publication: each publication takes a write transaction from the requests.
const COALESCE: Duration = Duration::from_millis(50);
/// Interval for placing changes while no webhook exists.
const POLL_WITHOUT_WEBHOOKS: u32 = 60;
/// Time that open requests have to finish when the process stops.
const GRACE: Duration = Duration::from_secs(3);

/// Publishes changes and sends deliveries until `stop` is true; then finishes the open requests.
pub async fn work(db: Db, egress: Egress, stop: watch::Receiver<bool>) {
    tokio::join!(
        publish_changes(&db, stop.clone()),
        send_deliveries(&db, &egress, stop),
    );
}

/// Without webhooks nobody waits for the order of the changes: then it is assigned now and then.
async fn publish_changes(db: &Db, mut stop: watch::Receiver<bool>) {
    let mut polls = 0;
    while !*stop.borrow() {
        let recorded = db.event_recorded().notified();
        let is_due = match super::list::exist(db).await {
            Ok(exist) => exist || polls % POLL_WITHOUT_WEBHOOKS == 0,
            Err(cause) => {
                tracing::error!(?cause, "failed to look for webhooks");
                false
            }
        };
        if is_due {
            match publish::publish(db).await {
                Ok(0) => {}
                Ok(_) => db.event_recorded().notify_waiters(),
                Err(cause) => tracing::error!(?cause, "failed to publish changes"),
            }
        }
        polls += 1;
        tokio::select! {
            // Others that commit in the meantime are placed in the same transaction.
            () = recorded, if is_due => tokio::time::sleep(COALESCE).await,
            () = tokio::time::sleep(POLL) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn send_deliveries(db: &Db, egress: &Egress, mut stop: watch::Receiver<bool>) {
    let permits = Permits::default();
    let mut lanes: FuturesUnordered<BoxFuture<'_, WebhookId>> = FuturesUnordered::new();
    let mut open = HashSet::new();
    while !*stop.borrow() {
        let recorded = db.event_recorded().notified();
        match due(db).await {
            Ok(found) => {
                for id in found {
                    if open.insert(id) {
                        lanes.push(Box::pin(lane(db, egress, &permits, id, stop.clone())));
                    }
                }
            }
            Err(cause) => tracing::error!(?cause, "failed to look for deliveries"),
        }
        let wake = async {
            tokio::select! {
                () = recorded => {}
                () = tokio::time::sleep(POLL) => {}
            }
        };
        let mut wake = std::pin::pin!(wake);
        loop {
            tokio::select! {
                Some(id) = lanes.next() => { open.remove(&id); }
                () = &mut wake => break,
                _ = stop.changed() => break,
            }
        }
    }
    // What is not finished by then is sent again by another process: its lease expires.
    let finish = async { while lanes.next().await.is_some() {} };
    if tokio::time::timeout(GRACE, finish).await.is_err() {
        tracing::info!("open requests to webhooks were abandoned; they will be repeated");
    }
}

/// Sends what a webhook has to send now; returns its id.
async fn lane(
    db: &Db,
    egress: &Egress,
    permits: &Permits,
    id: WebhookId,
    stop: watch::Receiver<bool>,
) -> WebhookId {
    while !*stop.borrow() {
        match step(db, egress, permits, id).await {
            Ok(true) => {}
            Ok(false) => break,
            Err(cause) => {
                tracing::error!(webhook = %id, ?cause, "failed to send deliveries; it will be retried");
                break;
            }
        }
    }
    id
}

/// Sends one claim; returns whether there may be more.
async fn step(db: &Db, egress: &Egress, permits: &Permits, id: WebhookId) -> Result<bool, Error> {
    let Some(claim) = claim(db, id).await? else {
        return Ok(false);
    };
    let (attempts, left) = send(db, egress, permits, &claim).await?;
    settle(db, &claim, &attempts, &left).await?;
    Ok(true)
}

/// Publishes and sends everything that is due, and returns: for tests and for commands.
///
/// # Errors
/// When the database fails.
pub async fn drain(db: &Db, egress: &Egress) -> Result<(), Error> {
    publish::publish(db).await?;
    let permits = Permits::default();
    for id in due(db).await? {
        while step(db, egress, &permits, id).await? {}
    }
    Ok(())
}
