//! addIntegrationSecret.

use std::sync::Arc;

use entity::integration::{self, Model as Integration};
use entity::integration_secret::{self, Model as Secret};
use entity::{IntegrationId, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::public_key::PublicKey;
use super::rules::MAX_ACTIVE;
use super::secrets::Ownership;
use super::{known_secrets, secrets};
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::{Code, Outcome, Refusal, refuse};
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
    pub kind: NewSecret,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// Kind of a new secret.
#[derive(Debug, Clone)]
pub enum NewSecret {
    /// A token, generated here.
    Token,
    /// A client secret, generated here.
    ClientSecret,
    /// A public key in PEM.
    PublicKey(String),
}

/// Adds a secret to an integration, so that secrets can be rotated without an outage; also returns the secret itself,
/// which is shown only this once, to the actor; `None` for a public key. Only people add secrets.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for a revoked integration, and for a public key that can't be used or was
/// added before; [`Code::DateInPast`]; [`Code::TooMany`] if it has [`MAX_ACTIVE`] valid ones, of all kinds.
pub async fn add_secret(db: &Db, actor: &Actor, command: &AddSecret) -> Outcome<(Secret, Option<String>)> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
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
            let of = Ownership {
                integration: integration.id,
                shown_to: actor.user_id,
                expires_at: command.expires_at,
            };
            let (secret, value) = add(tx, of, &command.kind).await?;
            let mut data = known_secrets::describe(&secret);
            data["kind"] = secret.kind.to_value().into();
            let action = Action::IntegrationSecretAdded;
            let recorded = journal::record(tx, &actor.author(), action, Some(secret.id.into()), data).await?;
            Ok(((secret, value), recorded))
        },
    )
    .await
}

async fn add(tx: &Tx, of: Ownership, kind: &NewSecret) -> Outcome<(Secret, Option<String>)> {
    let (secret, value) = match kind {
        NewSecret::Token => secrets::add_token(tx, of).await?,
        NewSecret::ClientSecret => secrets::add_client_secret(tx, of).await?,
        NewSecret::PublicKey(pem) => {
            let key = PublicKey::from_pem(pem);
            let key = key.map_err(|reason| Refusal::new(Code::Invalid, "publicKey", reason))?;
            return Ok((secrets::add_public_key(tx, of, &key).await?, None));
        }
    };
    Ok((secret, Some(value)))
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
