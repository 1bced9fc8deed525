//! createIntegration.

use std::sync::Arc;

use entity::integration::{self, Model as Integration};
use entity::{IntegrationId, Timestamp};
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;

use super::secrets::Ownership;
use super::{secrets, write_scopes};
use crate::domain::auth::guard;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new integration.
#[derive(Debug, Clone)]
pub struct CreateIntegration {
    /// Name.
    pub name: String,
    /// Permissions.
    pub scopes: Vec<Permission>,
    /// When its first token expires.
    pub expires_at: Option<Timestamp>,
}

/// Creates an integration, owned by the actor, with its first token, which is shown only this once, to the actor. Only
/// people create integrations: none can give itself scopes.
///
/// # Errors
/// [`Code::DateInPast`] for a token that would have expired already; [`Code::Invalid`] without scopes.
pub async fn create_integration(
    db: &Db,
    actor: &Actor,
    command: &CreateIntegration,
) -> Outcome<(Integration, String)> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if command.expires_at.is_some_and(|at| at <= tx.now) {
                return refuse(Code::DateInPast, "expiresAt", "this time is in the past");
            }
            if command.scopes.is_empty() {
                return refuse(Code::Invalid, "scopes", "at least one scope is required");
            }
            let row = Integration {
                id: IntegrationId(tx.new_id()),
                name: command.name.clone(),
                owner_id: actor.user_id,
                scopes: write_scopes(&command.scopes),
                created_at: tx.now,
                updated_at: tx.now,
                revoked_at: None,
            };
            integration::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(&tx.conn)
                .await?;
            let of = Ownership {
                integration: row.id,
                shown_to: actor.user_id,
                expires_at: command.expires_at,
            };
            let (secret, token) = secrets::add_token(tx, of).await?;
            let data = json!({
                "name": row.name,
                "scopes": row.scopes,
                "secret": secret.id.to_string(),
                "hint": secret.hint,
            });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::IntegrationCreated,
                Some(row.id.into()),
                data,
            )
            .await?;
            Ok(((row, token), recorded))
        },
    )
    .await
}
