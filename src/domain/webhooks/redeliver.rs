//! redeliverWebhook.

use std::sync::Arc;

use entity::webhook::Model as Webhook;
use entity::webhook_delivery::{self, Column, DeliveryState};
use entity::{Timestamp, WebhookDeliveryId, WebhookId};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use serde_json::json;

use super::find_sending;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Which deliveries are sent again.
#[derive(Debug, Clone, Copy)]
pub enum Which {
    /// This one.
    One(WebhookDeliveryId),
    /// Those created since a time and, if given, before another.
    Of(Timestamp, Option<Timestamp>),
}

/// Sends deliveries again, whatever became of them: with the same ids, so that a receiver recognizes those it has had.
///
/// # Errors
/// [`Code::NotFound`] for the webhook and the delivery; [`Code::Invalid`] for a disabled webhook, and for a time of which
/// there is nothing to send again.
pub async fn redeliver_webhook(db: &Db, actor: &Actor, id: WebhookId, which: Which) -> Outcome<Webhook> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let tx = &*tx;
            let row = find_sending(tx, id).await?;
            let chosen = match which {
                Which::One(delivery) => Condition::all().add(Column::Id.eq(delivery)),
                Which::Of(since, until) => Condition::all()
                .add(Column::CreatedAt.gte(since))
                .add_option(until.map(|until| Column::CreatedAt.lt(until)))
                // Those are sent anyway.
                .add(Column::State.ne(DeliveryState::Pending)),
            };
            let again = webhook_delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(DeliveryState::Pending))
            .col_expr(Column::Tries, Expr::value(0))
            .col_expr(Column::DueAt, Expr::value(tx.now))
            // The result of an attempt that is under way doesn't count; the next one waits for its end.
            .col_expr(Column::Lease, Expr::value(tx.new_id()))
            .col_expr(Column::DeliveredAt, Expr::value(None::<Timestamp>))
            .filter(Column::WebhookId.eq(id))
            .filter(chosen)
            .exec(&tx.conn)
            .await?
            .rows_affected;
            if again == 0 {
                return match which {
                    Which::One(_) => {
                        refuse(Code::NotFound, "deliveryId", "this webhook has no such delivery")
                    }
                    Which::Of(..) => refuse(
                        Code::Invalid,
                        "since",
                        "there is nothing to send again of this time",
                    ),
                };
            }
            tx.mark_event_recorded();
            let data = json!({ "deliveries": again });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::WebhookRedelivered,
                Some(id.into()),
                data,
            )
            .await?;
            Ok((row, recorded))
        },
    )
    .await
}
