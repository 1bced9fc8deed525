//! What happens after a commit. A transaction that wants more to be done leaves a message, and a worker does what it
//! asks for.
//!
//! A message is leased, not taken away: the process that works on it renews the lease in every transaction it
//! makes, and deletes the message in the last one. Whoever finds a lease that has run out takes the message
//! over, with a new lease; the old holder's transactions then fail.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::outbox_message;
use entity::outbox_message::{Model as Message, Topic};
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};

/// How long a process may be silent before another one takes its message over.
const LEASE: TimeDelta = TimeDelta::seconds(15);
/// Longest pause before a message that failed is tried again.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);

/// The right to work on a message.
pub struct Lease {
    /// The message.
    pub message: Message,
    token: Uuid,
}

impl Lease {
    /// Prolongs the lease inside a transaction, which can only commit while it is held.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the message went to another process or was withdrawn.
    pub async fn renew(&self, tx: &Tx) -> Result<(), Error> {
        let renewed = outbox_message::Entity::update_many()
            .col_expr(outbox_message::Column::LeasedUntil, Expr::value(tx.now + LEASE))
            // What gets on is not what has to be tried less often.
            .col_expr(outbox_message::Column::Attempts, Expr::value(0))
            .filter(outbox_message::Column::Id.eq(self.message.id))
            .filter(outbox_message::Column::Lease.eq(self.token))
            .exec(&tx.conn)
            .await?;
        if renewed.rows_affected == 1 {
            Ok(())
        } else {
            Err(Error::Conflict)
        }
    }

    /// Deletes the message: all it asked for is done once this transaction has committed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(&self, tx: &Tx) -> Result<(), Error> {
        outbox_message::Entity::delete_by_id(self.message.id)
            .exec(&tx.conn)
            .await?;
        Ok(())
    }
}

/// Takes the next message of these topics that is due; `None` when there is none.
///
/// # Errors
/// When the database fails.
pub async fn claim(db: &Db, topics: &[Topic]) -> Result<Option<Lease>, Error> {
    let due = |now: entity::Timestamp| {
        let of_topic = outbox_message::Column::Topic.is_in(topics.iter().copied());
        Condition::all()
            .add(of_topic)
            .add(outbox_message::Column::DueAt.lte(now))
            .add(
                Condition::any()
                    .add(outbox_message::Column::LeasedUntil.is_null())
                    .add(outbox_message::Column::LeasedUntil.lt(now)),
            )
    };
    // Looking costs no write: most of the time there is nothing.
    if outbox_message::Entity::find()
        .filter(due(db.clock().now()))
        .one(db.read())
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let claimed: Outcome<Option<Lease>> = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let found = outbox_message::Entity::find()
                .filter(due(tx.now))
                .order_by_asc(outbox_message::Column::DueAt)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                .one(&tx.conn)
                .await?;
            let Some(message) = found else { return Ok(None) };
            let token = tx.new_id();
            outbox_message::Entity::update_many()
                .col_expr(outbox_message::Column::Lease, Expr::value(token))
                .col_expr(outbox_message::Column::LeasedUntil, Expr::value(tx.now + LEASE))
                .col_expr(
                    outbox_message::Column::Attempts,
                    Expr::value(message.attempts + 1),
                )
                .filter(outbox_message::Column::Id.eq(message.id))
                .exec(&tx.conn)
                .await?;
            Ok(Some(Lease { message, token }))
        })
        .await;
    claimed.map_err(|failure| Error::Internal(format!("{failure:?}")))
}

/// Tries again later: after one second, two, four, …
///
/// # Errors
/// When the database fails.
pub async fn postpone(db: &Db, lease: &Lease) -> Result<(), Error> {
    let postponed: Outcome<()> = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            // As it is now: what has got on since it was claimed has begun to count anew.
            let message = outbox_message::Entity::find_by_id(lease.message.id)
                .one(&tx.conn)
                .await?;
            let failures = message.map_or(0, |message| message.attempts);
            outbox_message::Entity::update_many()
                .col_expr(
                    outbox_message::Column::DueAt,
                    Expr::value(tx.now + pause(failures)),
                )
                .col_expr(
                    outbox_message::Column::LeasedUntil,
                    Expr::value(None::<entity::Timestamp>),
                )
                .filter(outbox_message::Column::Id.eq(lease.message.id))
                .filter(outbox_message::Column::Lease.eq(lease.token))
                .exec(&tx.conn)
                .await?;
            Ok(())
        })
        .await;
    postponed.map_err(|failure| Error::Internal(format!("{failure:?}")))
}

/// How long a message waits that has failed so often since it last got on.
fn pause(failures: i32) -> TimeDelta {
    let doublings = u32::try_from((failures - 1).clamp(0, 12)).unwrap_or_default();
    TimeDelta::seconds(1 << doublings).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses = [0, 1, 2, 3, 9, 10, i32::MAX].map(|failures| pause(failures).num_seconds());
        assert_eq!(pauses, [1, 1, 2, 4, 256, 300, 300]);
    }
}
