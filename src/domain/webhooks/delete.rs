//! deleteWebhook.

use std::sync::Arc;

use entity::WebhookId;
use entity::webhook_delivery::{self, Column, DeliveryState};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::create::origin;
use super::find;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::Outcome;
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Deletes a webhook and its secrets; nothing more is sent. The record of its deliveries is kept for thirty days.
///
/// # Errors
/// [`crate::error::Code::NotFound`].
pub async fn delete_webhook(db: &Db, actor: &Actor, id: WebhookId) -> Outcome<()> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let tx = &*tx;
            let row = find(tx, id).await?;
            webhook_delivery::Entity::update_many()
            .col_expr(Column::State, Expr::value(DeliveryState::Failed))
            // What is being sent now changes nothing any more.
            .col_expr(Column::Lease, Expr::value(None::<uuid::Uuid>))
            .filter(Column::WebhookId.eq(id))
            .filter(Column::State.is_in([DeliveryState::Pending, DeliveryState::Held]))
            .exec(&tx.conn)
            .await?;
            let data = json!({ "url": origin(&row.url) });
            let mut row = row.into_active_model();
            row.deleted_at = Set(Some(tx.now));
            row.updated_at = Set(tx.now);
            row.secret = Set(String::new());
            row.previous_secret = Set(None);
            row.update(&tx.conn).await?;
            let recorded =
                journal::record(tx, &actor.author(), Action::WebhookDeleted, Some(id.into()), data).await?;
            Ok(((), recorded))
        },
    )
    .await
}
