//! Deletes old deliveries, with their attempts.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::webhook_delivery::{self, Column, DeliveryState};
use entity::{Timestamp, WebhookDeliveryId, webhook_attempt};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::error::{Error, Failure, Outcome};
use crate::store::db::{Db, Tx};

/// How long deliveries are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Deliveries deleted in one transaction.
const BATCH: u64 = 500;

/// Deletes the deliveries that are older than thirty days, unless they are still to be sent.
///
/// # Errors
/// When the database fails.
pub async fn prune(db: &Db) -> Result<(), Error> {
    // Asked first, because a write takes locks.
    while old(db.clock().now()).one(db.read()).await?.is_some() {
        let pruned = db.write(move |tx: Arc<Tx>| async move { prune_some(&tx).await });
        pruned.await.map_err(Failure::into_error)?;
    }
    Ok(())
}

fn old(now: Timestamp) -> Select<webhook_delivery::Entity> {
    webhook_delivery::Entity::find()
        .filter(Column::State.ne(DeliveryState::Pending))
        .filter(Column::CreatedAt.lt(now - KEPT))
}

async fn prune_some(tx: &Tx) -> Outcome<()> {
    let old: Vec<WebhookDeliveryId> = old(tx.now)
        .select_only()
        .column(Column::Id)
        .order_by_asc(Column::CreatedAt)
        .limit(BATCH)
        // Locked against a request to send them again.
        .lock(LockType::Update)
        .into_tuple()
        .all(&tx.conn)
        .await?;
    webhook_attempt::Entity::delete_many()
        .filter(webhook_attempt::Column::DeliveryId.is_in(old.iter().copied()))
        .exec(&tx.conn)
        .await?;
    webhook_delivery::Entity::delete_many()
        .filter(Column::Id.is_in(old.iter().copied()))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
