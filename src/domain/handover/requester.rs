//! Who is named as having asked for a handover that is still under way.

use entity::UserId;
use entity::handover::{self, HandoverState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::domain::auth::Actor;
use crate::error::Outcome;
use crate::store::db::Tx;

/// Passes the handovers of `person` that are queued or running to `heir`, who takes the right to hand work over from
/// them: nothing goes on in the name of somebody who may not do it any more.
///
/// # Errors
/// When the database fails.
pub async fn pass_on(tx: &Tx, person: UserId, heir: &Actor) -> Outcome<()> {
    let (to_person, to_integration) = heir.requester();
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
