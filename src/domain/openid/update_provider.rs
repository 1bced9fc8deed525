//! updateIdentityProvider.

use std::sync::Arc;

use entity::identity_provider::{self, Model as Provider};
use entity::{DirectoryId, IdentityProviderId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::create_provider::{check_directory, check_just_in_time};
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx, is_duplicate};
use crate::store::input::Change;
use crate::store::journal::{self, Action, Changes, Recorded};

/// Changes to a provider; what is left out stays.
pub struct UpdateProvider {
    /// The provider.
    pub provider: IdentityProviderId,
    /// Name.
    pub name: Option<String>,
    /// Client ID.
    pub client_id: Option<String>,
    /// Client secret.
    pub client_secret: Change<SecretString>,
    /// Redirect URIs.
    pub redirect_uris: Option<Vec<String>>,
    /// Domains of e-mail addresses.
    pub email_domains: Option<Vec<String>>,
    /// Whether people are created when they sign in.
    pub just_in_time: Option<bool>,
    /// The directory whose people it knows.
    pub directory: Change<DirectoryId>,
    /// The claim with the external id there.
    pub external_id_claim: Option<String>,
}

/// Changes a provider.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for a client ID that is in use, and for `just_in_time` without domains.
pub async fn update_provider(db: &Db, actor: &Actor, command: &UpdateProvider) -> Outcome<Provider> {
    db.write_as(
        actor,
        guard::manage_integrations(actor)?,
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = find(tx, command.provider).await?;
            let mut after = command.apply(before.clone());
            if after.directory_id != before.directory_id {
                check_directory(tx, after.directory_id).await?;
            }
            if after == before {
                return Ok((before, Recorded::nothing_changed()));
            }
            if (after.just_in_time, &after.email_domains) != (before.just_in_time, &before.email_domains) {
                check_just_in_time(&after)?;
            }
            after.updated_at = tx.now;
            let row = after.clone().into_active_model().reset_all();
            match identity_provider::Entity::update(row).exec(&tx.conn).await {
                Err(cause) if is_duplicate(&cause) => {
                    let message = "another identity provider has this issuer and client ID";
                    return refuse(Code::Invalid, "clientId", message);
                }
                updated => updated?,
            };
            let (subject, action) = (Some(after.id.into()), Action::IdentityProviderUpdated);
            let changes = changes(&before, &after);
            let recorded = journal::record(tx, &actor.author(), action, subject, changes).await?;
            Ok((after, recorded))
        },
    )
    .await
}

impl UpdateProvider {
    fn apply(&self, mut row: Provider) -> Provider {
        let keep = |new: &Option<String>, old: String| new.clone().unwrap_or(old);
        let list = |new: &Option<Vec<String>>, old: String| new.as_ref().map_or(old, |new| new.join(" "));
        row.name = keep(&self.name, row.name);
        row.client_id = keep(&self.client_id, row.client_id);
        if let Change::Set(secret) = &self.client_secret {
            row.client_secret = secret.as_ref().map(|secret| secret.expose_secret().to_owned());
        }
        row.redirect_uris = list(&self.redirect_uris, row.redirect_uris);
        row.email_domains = list(&self.email_domains, row.email_domains);
        row.just_in_time = self.just_in_time.unwrap_or(row.just_in_time);
        row.directory_id = self.directory.clone().or(row.directory_id);
        row.external_id_claim = keep(&self.external_id_claim, row.external_id_claim);
        row
    }
}

/// What has changed; of the secret only that it has.
fn changes(before: &Provider, after: &Provider) -> serde_json::Value {
    let directory = |row: &Provider| row.directory_id.map(|id| id.to_string());
    let changes = Changes::default()
        .with("name", before.name.as_str(), after.name.as_str())
        .with("clientId", before.client_id.as_str(), after.client_id.as_str())
        .with(
            "redirectUris",
            before.redirect_uris.as_str(),
            after.redirect_uris.as_str(),
        )
        .with(
            "emailDomains",
            before.email_domains.as_str(),
            after.email_domains.as_str(),
        )
        .with("justInTime", before.just_in_time, after.just_in_time)
        .with("directoryId", directory(before), directory(after))
        .with(
            "externalIdClaim",
            before.external_id_claim.as_str(),
            after.external_id_claim.as_str(),
        );
    let mut changes = serde_json::Value::from(changes);
    if before.client_secret != after.client_secret {
        changes["clientSecret"] = json!("changed");
    }
    changes
}

/// Finds a provider that is not retired, and locks it.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn find(tx: &Tx, id: IdentityProviderId) -> Outcome<Provider> {
    let found = identity_provider::Entity::find_by_id(id)
        // Stronger than what a sign-in holds.
        .lock(LockType::Update)
        .one(&tx.conn)
        .await?;
    match found.filter(|row| row.retired_at.is_none()) {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "providerId", "there is no such identity provider"),
    }
}
