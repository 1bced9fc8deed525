//! Writes what came of attempts.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use entity::webhook::{self, Model as Webhook, WebhookState};
use entity::webhook_delivery::{self, Column, DeliveryFailure, DeliveryState};
use entity::{Timestamp, WebhookDeliveryId, webhook_attempt};
use sea_orm::sea_query::{Expr, ExprTrait, LockType};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::json;

use super::claim::Claim;
use super::schedule::Next;
use super::send::Attempt;
use crate::error::{Error, Failure, Outcome};
use crate::runtime::metrics;
use crate::runtime::metrics::labels::WebhookOutcome;
use crate::store::db::{self, Db, Tx};
use crate::store::journal::{self, Action, Author};

/// How long every attempt has to fail until administrators are told.
const FAILING_AFTER: TimeDelta = TimeDelta::days(1);
/// How long every attempt has to fail until nothing is sent any more.
const DISABLED_AFTER: TimeDelta = TimeDelta::days(5);
/// A time without attempts that ends the time in which everything failed: no delay between two attempts is as long.
const QUIET: TimeDelta = TimeDelta::hours(27);
/// The author of what happens without anybody's request.
const AUTHOR: Author = Author::Program("webhooks");

/// Writes the results of the attempts of a claim, and releases the deliveries `left` without one.
///
/// # Errors
/// When the database fails.
pub async fn settle(
    db: &Db,
    claim: &Claim,
    attempts: &[Attempt],
    left: &[WebhookDeliveryId],
) -> Result<(), Error> {
    let settled = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            // Locked before its deliveries, as everywhere.
            let webhook = webhook::Entity::find_by_id(claim.webhook.id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            release(tx, claim, left).await?;
            let mut delivered: BTreeMap<i32, Vec<WebhookDeliveryId>> = BTreeMap::new();
            let mut seen = Seen::default();
            for attempt in attempts {
                let tries = attempt.delivery.tries + 1;
                match attempt.answer.next(tries, tx.now, tx.new_id()) {
                    Next::Delivered => {
                        let status = attempt.answer.status().unwrap_or_default();
                        delivered.entry(status).or_default().push(attempt.delivery.id);
                    }
                    next => {
                        seen.is_gone |= next == Next::Gone;
                        seen.has_answered |= next == Next::Aborted;
                        seen.has_failed |= next != Next::Aborted;
                        fail(tx, claim, attempt, next).await?;
                    }
                }
            }
            for (status, ids) in &delivered {
                succeed(tx, claim, *status, ids).await?;
            }
            db::insert_all(tx, attempts.iter().map(|attempt| log(tx, attempt)).collect()).await?;
            seen.has_answered |= !delivered.is_empty();
            match webhook.filter(Webhook::is_sending) {
                Some(webhook) => judge(tx, webhook, seen).await,
                None => Ok(()),
            }
        })
        .await;
    settled.map_err(Failure::into_error)?;
    for attempt in attempts {
        metrics::webhook_delivered(outcome(attempt));
    }
    Ok(())
}

fn outcome(attempt: &Attempt) -> WebhookOutcome {
    match attempt.answer.failure() {
        None => WebhookOutcome::Delivered,
        Some(DeliveryFailure::Status) => WebhookOutcome::Status,
        Some(DeliveryFailure::Redirect) => WebhookOutcome::Redirect,
        Some(DeliveryFailure::Dns) => WebhookOutcome::Dns,
        Some(DeliveryFailure::BlockedAddress) => WebhookOutcome::BlockedAddress,
        Some(DeliveryFailure::Connect) => WebhookOutcome::Connect,
        Some(DeliveryFailure::Tls) => WebhookOutcome::Tls,
        Some(DeliveryFailure::Timeout) => WebhookOutcome::Timeout,
    }
}

/// Another process may have claimed a delivery after the lease expired: then its result counts.
fn held(claim: &Claim) -> sea_orm::UpdateMany<webhook_delivery::Entity> {
    webhook_delivery::Entity::update_many()
        .col_expr(Column::Lease, Expr::value(None::<uuid::Uuid>))
        .col_expr(Column::LeasedUntil, Expr::value(None::<Timestamp>))
        .filter(Column::Lease.eq(claim.lease))
}

async fn release(tx: &Tx, claim: &Claim, left: &[WebhookDeliveryId]) -> Result<(), Error> {
    if !left.is_empty() {
        let released = held(claim).filter(Column::Id.is_in(left.iter().copied()));
        released.exec(&tx.conn).await?;
    }
    Ok(())
}

fn counted(
    update: sea_orm::UpdateMany<webhook_delivery::Entity>,
) -> sea_orm::UpdateMany<webhook_delivery::Entity> {
    let next = |column: Column| Expr::col(column).add(1);
    update
        .col_expr(Column::Attempts, next(Column::Attempts))
        .col_expr(Column::Tries, next(Column::Tries))
}

async fn succeed(tx: &Tx, claim: &Claim, status: i32, ids: &[WebhookDeliveryId]) -> Result<(), Error> {
    counted(held(claim))
        .col_expr(Column::State, Expr::value(DeliveryState::Delivered))
        .col_expr(Column::LastStatus, Expr::value(status))
        .col_expr(Column::LastFailure, Expr::value(None::<DeliveryFailure>))
        .col_expr(Column::DeliveredAt, Expr::value(tx.now))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

async fn fail(tx: &Tx, claim: &Claim, attempt: &Attempt, next: Next) -> Result<(), Error> {
    let (state, due) = match next {
        Next::Retry(at) => (DeliveryState::Pending, at),
        _ => (DeliveryState::Failed, tx.now),
    };
    counted(held(claim))
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::DueAt, Expr::value(due))
        .col_expr(Column::LastStatus, Expr::value(attempt.answer.status()))
        .col_expr(Column::LastFailure, Expr::value(attempt.answer.failure()))
        .filter(Column::Id.eq(attempt.delivery.id))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

fn log(tx: &Tx, attempt: &Attempt) -> webhook_attempt::ActiveModel {
    webhook_attempt::ActiveModel {
        id: Set(tx.new_id()),
        delivery_id: Set(attempt.delivery.id),
        at: Set(attempt.at),
        milliseconds: Set(i32::try_from(attempt.took.as_millis()).unwrap_or(i32::MAX)),
        status: Set(attempt.answer.status()),
        failure: Set(attempt.answer.failure()),
    }
}

/// What the attempts of a claim say of the receiver.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    /// It has accepted one, or refused it for good.
    has_answered: bool,
    /// One has failed.
    has_failed: bool,
    /// It will never accept any.
    is_gone: bool,
}

/// Updates the state of the webhook: one success ends the time in which everything failed, and so does a time without
/// attempts that is longer than any delay between two.
async fn judge(tx: &Tx, row: Webhook, seen: Seen) -> Outcome<()> {
    let is_fine = seen.has_answered && !seen.is_gone;
    let is_as_before = match is_fine {
        true => row.failing_since.is_none(),
        false => !seen.has_failed,
    };
    if is_as_before {
        return Ok(());
    }
    let recent = row.last_failed_at.is_some_and(|at| tx.now - at < QUIET);
    let since = row.failing_since.filter(|_| recent).unwrap_or(tx.now);
    let (state, action) = match (seen.is_gone, is_fine, tx.now - since) {
        (true, ..) => (WebhookState::Gone, Some(Action::WebhookDisabled)),
        (_, true, _) => (WebhookState::Enabled, None),
        (_, _, time) if time >= DISABLED_AFTER => (WebhookState::Disabled, Some(Action::WebhookDisabled)),
        (_, _, time) if time >= FAILING_AFTER => (WebhookState::Failing, Some(Action::WebhookFailing)),
        _ => (WebhookState::Enabled, None),
    };
    let has_changed = state != row.state;
    let mut changed = row.clone().into_active_model();
    changed.state = Set(state);
    changed.failing_since = Set((!is_fine).then_some(since));
    if seen.has_failed {
        changed.last_failed_at = Set(Some(tx.now));
    }
    let has_stopped = matches!(state, WebhookState::Gone | WebhookState::Disabled);
    if has_stopped {
        changed.disabled_at = Set(Some(tx.now));
        hold(tx, &row).await?;
    }
    changed.update(&tx.conn).await?;
    if let Some(action) = action.filter(|_| has_changed) {
        tracing::warn!(webhook = %row.id, ?state, failing_since = %since, "{}", action.description());
        let data = json!({ "failingSince": since, "gone": seen.is_gone });
        journal::record(tx, &AUTHOR, action, Some(row.id.into()), data).await?;
    }
    Ok(())
}

/// Holds what a webhook that has stopped would have sent.
///
/// # Errors
/// When the database fails.
pub async fn hold(tx: &Tx, webhook: &Webhook) -> Result<(), Error> {
    webhook_delivery::Entity::update_many()
        .col_expr(Column::State, Expr::value(DeliveryState::Held))
        .col_expr(Column::Lease, Expr::value(None::<uuid::Uuid>))
        .col_expr(Column::LeasedUntil, Expr::value(None::<Timestamp>))
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Column::State.eq(DeliveryState::Pending))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
