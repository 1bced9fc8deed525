//! Gives changes their place in the order of all changes, and creates their deliveries.
//!
//! Whoever has read up to a place has missed nothing, though transactions commit in another order than they begin in: a
//! change is visible before it gets its place, and one transaction at a time assigns the next ones. Of two changes of one
//! object the later one has the later place, whatever the clocks of the processes say: it is recorded under the lock of
//! the object.

use std::sync::Arc;

use entity::webhook::{self, Model as Webhook};
use entity::webhook_delivery::{self, DeliveryState};
use entity::{AuditEntryId, WebhookDeliveryId, WebhookId, audit_entry};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::error::{Error, Failure, Outcome};
use crate::store::db::{self, Db, Tx};

/// Changes in one transaction.
const BATCH: u64 = 500;
/// Changes in one statement.
const UPDATED: usize = 250;
/// One transaction at a time assigns places; on SQLite every transaction has that lock.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7203311846250121)";

/// A change with its place.
struct Placed {
    id: AuditEntryId,
    action: String,
    subject: Option<Uuid>,
    sequence: i64,
}

/// Places all changes that have committed; returns how many.
///
/// # Errors
/// When the database fails.
pub async fn publish(db: &Db) -> Result<u64, Error> {
    let mut published = 0;
    // Asked first, because a write takes locks.
    while audit_entry::Entity::find()
        .filter(audit_entry::Column::Sequence.eq(0))
        .one(db.read())
        .await?
        .is_some()
    {
        let placed = db.write(move |tx: Arc<Tx>| async move { publish_some(&tx).await });
        published += placed.await.map_err(Failure::into_error)?;
    }
    Ok(published)
}

/// Places up to [`BATCH`] of the changes that this transaction sees; returns how many. Locks webhooks: a transaction that
/// has locked one already would wait for another that waits for it.
///
/// # Errors
/// When the database fails.
pub async fn publish_some(tx: &Tx) -> Outcome<u64> {
    let is_postgres = tx.conn.get_database_backend() == DbBackend::Postgres;
    if is_postgres {
        db::execute(&tx.conn, LOCK, []).await?;
    }
    let placed = place(tx, is_postgres).await?;
    // Locked against a change of their state, which decides what becomes of the deliveries.
    let webhooks = webhook::Entity::find()
        .filter(webhook::Column::DeletedAt.is_null())
        .order_by_asc(webhook::Column::Id)
        .lock(LockType::Share)
        .all(&tx.conn)
        .await?;
    let deliveries = placed.iter().flat_map(|change| {
        let receivers = webhooks.iter().filter(|webhook| receives(webhook, change));
        receivers.map(|webhook| delivery(tx, webhook, change))
    });
    db::insert_all(tx, deliveries.collect()).await?;
    Ok(u64::try_from(placed.len()).unwrap_or_default())
}

/// Assigns the next places, in the order in which the changes were recorded.
async fn place(tx: &Tx, is_postgres: bool) -> Result<Vec<Placed>, Error> {
    let order = match is_postgres {
        true => "recorded, id",
        false => "rowid",
    };
    let sql = format!(
        "SELECT id, action, subject_id, (SELECT COALESCE(MAX(sequence), 0) FROM audit_entries WHERE sequence > 0) \
         FROM audit_entries WHERE sequence = 0 ORDER BY {order} LIMIT {BATCH}"
    );
    let mut placed: Vec<Placed> = Vec::new();
    for row in db::query(&tx.conn, &sql, []).await? {
        let last = match placed.last() {
            Some(before) => before.sequence,
            None => row.try_get_by_index(3)?,
        };
        placed.push(Placed {
            id: row.try_get_by_index(0)?,
            action: row.try_get_by_index(1)?,
            subject: row.try_get_by_index(2)?,
            sequence: last + step(tx.new_id()),
        });
    }
    for some in placed.chunks(UPDATED) {
        write_places(tx, is_postgres, some).await?;
    }
    Ok(placed)
}

async fn write_places(tx: &Tx, is_postgres: bool, placed: &[Placed]) -> Result<(), Error> {
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for change in placed {
        let (id, sequence) = (values.len() + 1, values.len() + 2);
        rows.push(match is_postgres {
            true => format!("(${id}::uuid, ${sequence}::bigint)"),
            false => format!("(${id}, ${sequence})"),
        });
        values.push(change.id.into());
        values.push(change.sequence.into());
    }
    let sql = format!(
        "WITH placed (id, place) AS (VALUES {}) UPDATE audit_entries SET sequence = placed.place FROM placed \
         WHERE audit_entries.id = placed.id",
        rows.join(", ")
    );
    db::execute(&tx.conn, &sql, values).await?;
    Ok(())
}

/// Distance to the place before: random, so that a gap doesn't reveal that a change was left out because the reader may
/// not know of it. Geometric, with a mean of eight, because such a distance looks like the sum of two.
fn step(random: Uuid) -> i64 {
    let bits = random.as_u128() as u64 & (u64::MAX >> 2);
    let zero = (0..20).take_while(|place| (bits >> (3 * place)) & 7 != 0);
    1 + i64::try_from(zero.count()).unwrap_or_default()
}

/// Whether a webhook is told of a change: not of one about itself.
fn receives(webhook: &Webhook, change: &Placed) -> bool {
    webhook.receives(&change.action) && change.subject != Some(webhook.id.0)
}

fn delivery(tx: &Tx, webhook: &Webhook, change: &Placed) -> webhook_delivery::ActiveModel {
    let state = match webhook.is_sending() {
        true => DeliveryState::Pending,
        false => DeliveryState::Held,
    };
    new_delivery(
        tx,
        webhook.id,
        change.id,
        &change.action,
        Some(change.sequence),
        state,
    )
}

/// A delivery that was not attempted yet.
pub fn new_delivery(
    tx: &Tx,
    webhook: WebhookId,
    entry: AuditEntryId,
    event: &str,
    sequence: Option<i64>,
    state: DeliveryState,
) -> webhook_delivery::ActiveModel {
    webhook_delivery::ActiveModel {
        id: Set(WebhookDeliveryId(tx.new_id())),
        webhook_id: Set(webhook),
        entry_id: Set(entry),
        event: Set(event.to_owned()),
        sequence: Set(sequence),
        state: Set(state),
        attempts: Set(0),
        tries: Set(0),
        due_at: Set(tx.now),
        lease: Set(None),
        leased_until: Set(None),
        last_status: Set(None),
        last_failure: Set(None),
        delivered_at: Set(None),
        created_at: Set(tx.now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_random_and_at_least_one() {
        let steps: Vec<i64> = (0..4_000_u128)
            .map(|n| {
                step(Uuid::from_u128(
                    n.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835),
                ))
            })
            .collect();
        assert!(steps.iter().all(|step| (1..=21).contains(step)));
        let mean = steps.iter().sum::<i64>() / 4_000;
        assert!((6..=9).contains(&mean), "{mean}");
        assert!(steps.contains(&1) && steps.contains(&20));
    }
}
