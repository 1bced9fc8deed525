//! cancelHandover: cancels a run. Moved items stay moved, and can be undone.

use std::sync::Arc;

use entity::handover::{HandoverState, Model as Handover};
use entity::outbox_message::Topic;
use entity::{HandoverId, handover};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Outcome, Refusal};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Cancels a queued or running handover; a finished one is returned unchanged.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn cancel(db: &Db, actor: &Actor, id: HandoverId) -> Outcome<Handover> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ReassignWork),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let row = find(tx, id).await?;
            if row.state.is_finished() {
                return Ok((row, Recorded::nothing_changed()));
            }
            handover::Entity::update_many()
                .col_expr(handover::Column::State, Expr::value(HandoverState::Cancelled))
                .col_expr(handover::Column::FinishedAt, Expr::value(tx.now))
                .col_expr(handover::Column::Total, Expr::value(row.total.unwrap_or(0)))
                .filter(handover::Column::Id.eq(id))
                .exec(&tx.conn)
                .await?;
            journal::withdraw(tx, Topic::RunHandover, id.0).await?;
            let data = json!({ "moved": row.moved, "of": row.total });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::HandoverCancelled,
                Some(id.into()),
                data,
            )
            .await?;
            Ok((find(tx, id).await?, recorded))
        },
    )
    .await
}

/// Returns the handover, locked.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn find(tx: &Tx, id: HandoverId) -> Outcome<Handover> {
    let row = handover::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    row.ok_or_else(|| no_such_handover().into())
}

pub(super) fn no_such_handover() -> Refusal {
    Refusal::new(Code::NotFound, "handoverId", "there is no such handover")
}
