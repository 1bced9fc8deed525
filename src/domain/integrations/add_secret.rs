//! addIntegrationSecret.

use std::sync::Arc;

use entity::integration::{self, Model as Integration};
use entity::integration_secret::{self, Model as Secret, SecretKind};
use entity::{IntegrationId, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::rules::MAX_LIVE;
use super::{secrets, stop_secrets};
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
    /// Whose it is.
    pub integration: IntegrationId,
    /// What kind of secret.
    pub kind: SecretKind,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Adds a secret to an integration, so that the one before can be taken out of use without an outage; answers the secret
/// itself too, which is shown this once, to the actor. Only people add secrets.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for an integration that is revoked, and for kinds other than tokens: nothing
/// accepts them; [`Code::DateInPast`]; [`Code::TooMany`] when [`MAX_LIVE`] are live.
pub async fn add_secret(db: &Db, actor: &Actor, command: &AddSecret) -> Outcome<(Secret, String)> {
    actor.require_person()?;
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageIntegrations),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if command.kind != SecretKind::Token {
                return refuse(Code::Invalid, "kind", "only TOKEN is accepted at sign-in so far");
            }
            if command.expires_at.is_some_and(|at| at <= tx.now) {
                return refuse(Code::DateInPast, "expiresAt", "this moment has passed");
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
                .filter(secrets::live(tx.now))
                .count(&tx.conn)
                .await?;
            if live >= MAX_LIVE as u64 {
                let message = format!("it has {MAX_LIVE} live secrets: revoke one first");
                return refuse(Code::TooMany, "integrationId", message);
            }
            let (secret, value) =
                secrets::add_token(tx, integration.id, actor.user_id, command.expires_at).await?;
            journal::record(
                tx,
                &actor.author(),
                Action::IntegrationSecretAdded,
                Some(secret.id.into()),
                stop_secrets::describe(&secret),
            )
            .await?;
            Ok((secret, value))
        },
    )
    .await
}

/// The integration, locked: secrets are added to it one at a time.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn find(tx: &Tx, id: IntegrationId) -> Outcome<Integration> {
    let found = integration::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    match found {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "integrationId", "there is no such integration"),
    }
}
