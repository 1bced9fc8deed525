//! The requester of a handover that is queued or running.

use entity::UserId;
use entity::handover::{self, HandoverState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::domain::auth::Actor;
use crate::error::Outcome;
use crate::store::db::Tx;

/// Transfers queued and running handovers of `person` to `successor`, who revokes their right to hand work over: none
/// continues in the name of somebody without the right.
///
/// # Errors
/// When the database fails.
pub async fn transfer(tx: &Tx, person: UserId, successor: &Actor) -> Outcome<()> {
    let (to_person, to_integration) = successor.requester();
    handover::Entity::update_many()
        .col_expr(handover::Column::RequestedById, Expr::value(to_person))
        .col_expr(
            handover::Column::RequestedByIntegrationId,
            Expr::value(to_integration),
        )
        .filter(handover::Column::RequestedById.eq(person))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .exec(&tx.conn)
        .await?;
    Ok(())
}
