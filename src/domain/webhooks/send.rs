//! Sends claimed deliveries.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::audit_entry::Model as Entry;
use entity::webhook::{Model as Webhook, WebhookOrder};
use entity::webhook_delivery::Model as Delivery;
use entity::{Timestamp, WebhookDeliveryId};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::Url;
use tokio::sync::Semaphore;

use super::claim::Claim;
use super::schedule::Answer;
use super::{payload, signature};
use crate::domain::audit::list as audits;
use crate::egress::{self, Egress};
use crate::error::Error;
use crate::store::db::Db;

/// Requests of one webhook at a time, unless it is ordered.
const PARALLEL: usize = 4;
/// Time of a claim that an attempt needs: an attempt takes at most fifteen seconds.
const NEEDED: TimeDelta = TimeDelta::seconds(20);
/// Requests beside the first one of each webhook that may be open at a time: a webhook never waits for another.
const SHARED: usize = 64;

/// Permits for these requests.
pub struct Permits(Semaphore);

impl Default for Permits {
    fn default() -> Self {
        Self(Semaphore::new(SHARED))
    }
}

/// What came of a delivery that was claimed.
pub struct Attempt {
    /// The delivery.
    pub delivery: Delivery,
    /// When the attempt began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The answer.
    pub answer: Answer,
}

/// Sends what was claimed. Leaves out what could not be begun before the claim expires.
///
/// # Errors
/// When the database fails, or what is stored can't be read.
pub async fn send(
    db: &Db,
    egress: &Egress,
    permits: &Permits,
    claim: &Claim,
) -> Result<(Vec<Attempt>, Vec<WebhookDeliveryId>), Error> {
    let ids: Vec<_> = claim
        .deliveries
        .iter()
        .map(|delivery| delivery.entry_id)
        .collect();
    let entries = audits::by_ids(db, &ids).await?;
    let mut shared = Vec::new();
    if claim.webhook.delivery_order == WebhookOrder::BestEffort {
        let wanted = claim.deliveries.len().min(PARALLEL);
        shared.extend((1..wanted).map_while(|_| permits.0.try_acquire().ok()));
    }
    let parallel = 1 + shared.len();
    // Boxed: the compiler can't prove that the stream may move between threads otherwise.
    let mut requests: Vec<BoxFuture<'_, _>> = Vec::new();
    for delivery in &claim.deliveries {
        let entry = entries.get(&delivery.entry_id);
        let entry = entry.ok_or_else(|| Error::internal("a delivery has no audit entry"))?;
        requests.push(Box::pin(one(db, egress, claim, delivery, entry)));
    }
    let mut running = stream::iter(requests).buffer_unordered(parallel);
    let (mut attempts, mut left) = (Vec::new(), Vec::new());
    while let Some(done) = running.next().await {
        let (id, attempt) = done?;
        match attempt {
            Some(attempt) => attempts.push(attempt),
            None => left.push(id),
        }
    }
    Ok((attempts, left))
}

/// Sends one delivery; `None` if the claim would expire before an answer.
async fn one(
    db: &Db,
    egress: &Egress,
    claim: &Claim,
    delivery: &Delivery,
    entry: &Entry,
) -> Result<(WebhookDeliveryId, Option<Attempt>), Error> {
    let at = db.clock().now();
    if at + NEEDED > claim.until {
        return Ok((delivery.id, None));
    }
    let begun = Instant::now();
    let answer = attempt(egress, &claim.webhook, delivery, entry, at).await?;
    let attempt = Attempt {
        delivery: delivery.clone(),
        at,
        took: begun.elapsed(),
        answer,
    };
    Ok((delivery.id, Some(attempt)))
}

async fn attempt(
    egress: &Egress,
    webhook: &Webhook,
    delivery: &Delivery,
    entry: &Entry,
    at: Timestamp,
) -> Result<Answer, Error> {
    let url = Url::parse(&webhook.url).map_err(|_| Error::internal("a stored URL can't be read"))?;
    let body = payload::body(delivery, entry);
    let headers = headers(webhook, &payload::event_id(delivery), at, &body)?;
    let answer = egress.notify(&url, headers, body.into_bytes()).await;
    Ok(match answer {
        Ok(answer) => read(&answer),
        Err(reason) => Answer::Unreachable(reason),
    })
}

fn headers(webhook: &Webhook, id: &str, at: Timestamp, body: &str) -> Result<HeaderMap, Error> {
    let signatures = signature::signatures(webhook, id, at, body)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", at.timestamp().to_string()),
        ("webhook-signature", signatures),
    ] {
        let value = HeaderValue::try_from(value).map_err(Error::internal)?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

fn read(answer: &egress::Answer) -> Answer {
    let header = |name: &str| {
        let value = answer.headers.get(name).and_then(|value| value.to_str().ok());
        value.map(str::to_owned)
    };
    Answer::Status {
        status: answer.status,
        retry_after: header(RETRY_AFTER.as_str()),
        aborted: header("webhook-delivery").is_some_and(|value| value.trim() == "abort-message"),
    }
}
