//! revokeIntegration.

use std::sync::Arc;

use entity::integration::Model as Integration;
use entity::{IntegrationId, dismissal, integration_secret};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

use super::add_secret::find;
use crate::domain::auth::guard;
use crate::domain::auth::{Actor, links};
use crate::domain::dismissal::requester;
use crate::domain::dismissal::requester::Author;
use crate::domain::webhooks;
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Result of a revocation.
#[derive(Debug)]
pub struct Revoked {
    /// The integration after the operation.
    pub integration: Integration,
    /// Dismissals it had scheduled, now owned by the one who revoked it.
    pub schedules_passed: Vec<dismissal::Model>,
}

/// Revokes an integration and all its secrets immediately and permanently. Idempotent.
///
/// # Errors
/// [`crate::error::Code::NotFound`].
pub async fn revoke_integration(db: &Db, actor: &Actor, id: IntegrationId) -> Outcome<Revoked> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let mut row = find(tx, id).await?;
            if row.revoked_at.is_some() {
                let revoked = Revoked {
                    integration: row,
                    schedules_passed: Vec::new(),
                };
                return Ok((revoked, Recorded::nothing_changed()));
            }
            row.revoked_at = Some(tx.now);
            row.updated_at = tx.now;
            let saved = row.into_active_model().reset_all().update(&tx.conn).await?;
            integration_secret::Entity::update_many()
                .col_expr(integration_secret::Column::RevokedAt, Expr::value(tx.now))
                .filter(integration_secret::Column::IntegrationId.eq(id))
                .filter(integration_secret::Column::RevokedAt.is_null())
                .exec(&tx.conn)
                .await?;
            webhooks::disable_of_integration(tx, id).await?;
            let data = json!({ "name": saved.name });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::IntegrationRevoked,
                Some(id.into()),
                data,
            )
            .await?;
            let sender = links::Sender::Integration(id);
            links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderRevoked).await?;
            let author = Author::Integration(id);
            let schedules_passed = requester::transfer(tx, author, actor, "integrationId").await?;
            let revoked = Revoked {
                integration: saved,
                schedules_passed,
            };
            Ok((revoked, recorded))
        },
    )
    .await
}
