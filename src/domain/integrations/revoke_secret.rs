//! revokeIntegrationSecret.

use std::sync::Arc;

use entity::{IntegrationSecretId, integration, integration_secret};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};

use super::known_secrets;
use super::revoke::Revoked;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::domain::dismissal::requester;
use crate::domain::dismissal::requester::Author;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal::Recorded;

/// Revokes one secret of an integration immediately. Idempotent. Returns the integration, which keeps working with its
/// other secrets, and the dismissals scheduled with this one, which are transferred to the actor. Only people revoke
/// secrets.
///
/// # Errors
/// [`Code::NotFound`].
pub async fn revoke_secret(db: &Db, actor: &Actor, id: IntegrationSecretId) -> Outcome<Revoked> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let found = integration_secret::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            let Some(secret) = found else {
                return refuse(Code::NotFound, "secretId", "there is no such secret");
            };
            let mut schedules_passed = Vec::new();
            let mut recorded = Recorded::nothing_changed();
            if secret.revoked_at.is_none() {
                recorded = known_secrets::revoke(tx, actor, &secret, "request").await?;
                let author = Author::Secret(secret.id);
                schedules_passed = requester::transfer(tx, author, actor, "secretId").await?;
            }
            let integration = integration::Entity::find_by_id(secret.integration_id)
                .one(&tx.conn)
                .await?;
            let revoked = Revoked {
                integration: integration
                    .ok_or_else(|| Error::internal("the integration of a secret is missing"))?,
                schedules_passed,
            };
            Ok((revoked, recorded))
        },
    )
    .await
}
