//! Claims deliveries: the exclusive right to send them, for a time.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::webhook::{self, Model as Webhook, WebhookOrder};
use entity::webhook_delivery::{self, Column, DeliveryState, Model as Delivery};
use entity::{Timestamp, WebhookId};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, Failure};
use crate::store::db::{self, Db, Tx};

/// How long a process may send what it has claimed. Another one repeats what is not settled by then.
pub const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Deliveries claimed at once.
const BATCH: u64 = 32;
/// As [`BATCH`], for a webhook whose last attempt failed.
const BATCH_WHEN_FAILING: u64 = 4;

/// Claimed deliveries of one webhook.
pub struct Claim {
    /// The webhook.
    pub webhook: Webhook,
    /// The deliveries; for an ordered webhook the next one alone.
    pub deliveries: Vec<Delivery>,
    /// Token of the claim.
    pub lease: Uuid,
    /// When the claim expires.
    pub until: Timestamp,
}

/// Returns the webhooks that have something to send now.
///
/// # Errors
/// When the database fails.
pub async fn due(db: &Db) -> Result<Vec<WebhookId>, Error> {
    let sql = "SELECT w.id FROM webhooks w WHERE w.state IN ('ENABLED', 'FAILING') AND w.deleted_at IS NULL \
               AND EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'PENDING' \
                   AND d.due_at <= $1 AND (d.leased_until IS NULL OR d.leased_until < $1) \
                   AND (w.delivery_order = 'BEST_EFFORT' OR d.sequence IS NULL OR d.sequence = ( \
                       SELECT MIN(e.sequence) FROM webhook_deliveries e \
                       WHERE e.webhook_id = w.id AND e.state = 'PENDING')))";
    let rows = db::query(db.read(), sql, [db.clock().now().into()]).await?;
    let mut found = Vec::new();
    for row in rows {
        found.push(row.try_get_by_index(0)?);
    }
    Ok(found)
}

/// Claims the next deliveries of a webhook; `None` if there is nothing to send now.
///
/// # Errors
/// When the database fails.
pub async fn claim(db: &Db, id: WebhookId) -> Result<Option<Claim>, Error> {
    let claimed = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            // Locked against a change of its order or state.
            let webhook = webhook::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let Some(webhook) = webhook.filter(Webhook::is_sending) else {
                return Ok(None);
            };
            let deliveries = next(tx, &webhook).await?;
            if deliveries.is_empty() {
                return Ok(None);
            }
            let (lease, until) = (tx.new_id(), tx.now + LEASE);
            webhook_delivery::Entity::update_many()
                .col_expr(Column::Lease, Expr::value(lease))
                .col_expr(Column::LeasedUntil, Expr::value(until))
                .filter(Column::Id.is_in(deliveries.iter().map(|delivery| delivery.id)))
                .exec(&tx.conn)
                .await?;
            Ok(Some(Claim {
                webhook,
                deliveries,
                lease,
                until,
            }))
        })
        .await;
    claimed.map_err(Failure::into_error)
}

async fn next(tx: &Tx, webhook: &Webhook) -> Result<Vec<Delivery>, Error> {
    let pending = webhook_delivery::Entity::find()
        .filter(Column::WebhookId.eq(webhook.id))
        .filter(Column::State.eq(DeliveryState::Pending));
    let is_due = Condition::all().add(Column::DueAt.lte(tx.now)).add(
        Condition::any()
            .add(Column::LeasedUntil.is_null())
            .add(Column::LeasedUntil.lt(tx.now)),
    );
    if webhook.delivery_order == WebhookOrder::InOrder {
        let under_way = pending.clone().filter(Column::LeasedUntil.gte(tx.now));
        if under_way.one(&tx.conn).await?.is_some() {
            return Ok(Vec::new());
        }
        let head = pending.clone().filter(Column::Sequence.is_not_null());
        let head = head.order_by_asc(Column::Sequence).one(&tx.conn).await?;
        if let Some(head) = head.filter(|head| head.due_at <= tx.now) {
            return Ok(vec![head]);
        }
        // Tests have no place in the order.
        let test = pending.filter(is_due).filter(Column::Sequence.is_null());
        return Ok(test.one(&tx.conn).await?.into_iter().collect());
    }
    let size = match webhook.failing_since {
        Some(_) => BATCH_WHEN_FAILING,
        None => BATCH,
    };
    Ok(pending
        .filter(is_due)
        .order_by_asc(Column::DueAt)
        .limit(size)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(&tx.conn)
        .await?)
}
