//! addIntegrationSecret.

use std::sync::Arc;

use entity::integration::{self, Model as Integration};
use entity::integration_secret::{self, Model as Secret, SecretKind};
use entity::{IntegrationId, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::rules::MAX_ACTIVE;
use super::{known_secrets, secrets};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new secret.
#[derive(Debug, Clone)]
pub struct AddSecret {
    /// Integration.
    pub integration: IntegrationId,
    /// Kind.
    pub kind: SecretKind,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// Adds a secret to an integration, so that secrets can be rotated without an outage; also returns the secret itself,
/// which is shown only this once, to the actor. Only people add secrets.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for a revoked integration, and for kinds other than tokens, which nothing
/// accepts; [`Code::DateInPast`]; [`Code::TooMany`] if it has [`MAX_ACTIVE`] valid ones.
pub async fn add_secret(db: &Db, actor: &Actor, command: &AddSecret) -> Outcome<(Secret, String)> {
    actor.require_person()?;
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageIntegrations),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if command.kind != SecretKind::Token {
                return refuse(Code::Invalid, "kind", "only TOKEN is supported");
            }
            if command.expires_at.is_some_and(|at| at <= tx.now) {
                return refuse(Code::DateInPast, "expiresAt", "this time is in the past");
            }
            let integration = find(tx, command.integration).await?;
            if integration.revoked_at.is_some() {
                return refuse(
                    Code::Invalid,
                    "integrationId",
                    "this integration is revoked: create a new one",
                );
            }
            let live = integration_secret::Entity::find()
                .filter(integration_secret::Column::IntegrationId.eq(integration.id))
                .filter(secrets::active(tx.now))
                .count(&tx.conn)
                .await?;
            if live >= MAX_ACTIVE as u64 {
                let message = format!("it has {MAX_ACTIVE} active secrets: revoke one first");
                return refuse(Code::TooMany, "integrationId", message);
            }
            let (secret, value) =
                secrets::add_token(tx, integration.id, actor.user_id, command.expires_at).await?;
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::IntegrationSecretAdded,
                Some(secret.id.into()),
                known_secrets::describe(&secret),
            )
            .await?;
            Ok(((secret, value), recorded))
        },
    )
    .await
}

/// Returns the integration, locked: secrets are added one at a time.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn find(tx: &Tx, id: IntegrationId) -> Outcome<Integration> {
    let found = integration::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    match found {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "integrationId", "there is no such integration"),
    }
}
