//! revokeIntegration.

use std::sync::Arc;

use entity::IntegrationId;
use entity::integration::{self, Model as Integration};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use serde_json::json;

use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission};
use crate::db::Tx;
use crate::error::{Code, Outcome, refuse};
use crate::journal::{self, Action};

/// Ends the token of an integration at once; twice is once.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn revoke_integration(app: &App, actor: &Actor, id: IntegrationId) -> Outcome<Integration> {
    actor.require_person()?;
    app.db
        .write_as(
            actor,
            Needs::Permission(Permission::ManageIntegrations),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                let found = integration::Entity::find_by_id(id)
                    .lock(LockType::NoKeyUpdate)
                    .one(&tx.conn)
                    .await?;
                let Some(mut row) = found else {
                    return refuse(Code::NotFound, "integrationId", "there is no such integration");
                };
                if row.revoked_at.is_some() {
                    return Ok(row);
                }
                row.revoked_at = Some(tx.now);
                row.updated_at = tx.now;
                let saved = row.into_active_model().reset_all().update(&tx.conn).await?;
                let data = json!({ "name": saved.name });
                journal::record(
                    tx,
                    &actor.author(),
                    Action::IntegrationRevoked,
                    Some(id.into()),
                    data,
                )
                .await?;
                Ok(saved)
            },
        )
        .await
}
