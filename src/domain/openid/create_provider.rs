//! createIdentityProvider.

use std::sync::Arc;

use entity::identity_provider::{self, Model as Provider};
use entity::{DirectoryId, IdentityProviderId, directory};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use url::{Host, Url};

use super::providers::Providers;
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::{Code, Outcome, Refusal, refuse};
use crate::store::db::{Db, Tx, is_duplicate};
use crate::store::input;
use crate::store::journal::{self, Action};

/// Maximum number of providers.
const MAX_PROVIDERS: u64 = 20;
/// Maximum number of redirect URIs, and of domains.
pub const MAX_LIST: usize = 50;
/// Maximum length of a client ID or secret, in bytes.
const MAX_CLIENT: usize = 1_000;
/// Maximum length of a redirect URI, in bytes.
const MAX_URI: usize = 2_000;
/// The claim with the external id, unless another one is named.
pub const DEFAULT_CLAIM: &str = "sub";

/// A provider to be created; names and lists are checked.
pub struct CreateProvider {
    /// Name.
    pub name: String,
    /// Issuer, exactly as its discovery document has it.
    pub issuer: String,
    /// Client ID.
    pub client_id: String,
    /// Client secret; `None` for a public client.
    pub client_secret: Option<SecretString>,
    /// Redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Domains of e-mail addresses.
    pub email_domains: Vec<String>,
    /// Whether people are created when they sign in.
    pub just_in_time: bool,
    /// The directory whose people it knows.
    pub directory: Option<DirectoryId>,
    /// The claim with the external id there.
    pub external_id_claim: String,
}

/// Creates a provider, after its discovery document was read.
///
/// # Errors
/// [`Code::AddressNotAllowed`] for the issuer; [`Code::Invalid`] if its document can't be used, for the client if it is
/// in use, and for `just_in_time` without domains; [`Code::TooMany`]; [`Code::NotFound`] for the directory.
pub async fn create_provider(
    db: &Db,
    providers: &Providers,
    actor: &Actor,
    command: &CreateProvider,
) -> Outcome<Provider> {
    let needs = guard::manage_integrations(actor)?;
    let checked = &check_issuer(db, providers, &command.issuer).await;
    db.write_as(actor, needs, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        // What came of it is for those who still have the permission.
        checked.clone()?;
        let active = identity_provider::Entity::find()
            .filter(identity_provider::Column::RetiredAt.is_null())
            .count(&tx.conn)
            .await?;
        if active >= MAX_PROVIDERS {
            return refuse(
                Code::TooMany,
                "",
                format!("at most {MAX_PROVIDERS} identity providers"),
            );
        }
        check_directory(tx, command.directory).await?;
        let secret = command.client_secret.as_ref();
        let created = Provider {
            id: IdentityProviderId(tx.new_id()),
            name: command.name.clone(),
            issuer: command.issuer.clone(),
            client_id: command.client_id.clone(),
            client_secret: secret.map(|secret| secret.expose_secret().to_owned()),
            redirect_uris: command.redirect_uris.join(" "),
            email_domains: command.email_domains.join(" "),
            just_in_time: command.just_in_time,
            directory_id: command.directory,
            external_id_claim: command.external_id_claim.clone(),
            created_at: tx.now,
            updated_at: tx.now,
            retired_at: None,
        };
        check_just_in_time(&created)?;
        let row = created.clone().into_active_model();
        match identity_provider::Entity::insert(row)
            .exec_without_returning(&tx.conn)
            .await
        {
            Err(cause) if is_duplicate(&cause) => {
                let message = "another identity provider has this issuer and client ID";
                return refuse(Code::Invalid, "clientId", message);
            }
            inserted => inserted?,
        };
        let data = told(&created);
        let subject = Some(created.id.into());
        let action = Action::IdentityProviderCreated;
        let recorded = journal::record(tx, &actor.author(), action, subject, data).await?;
        Ok((created, recorded))
    })
    .await
}

/// Checks that people can be created if they are to be.
///
/// # Errors
/// [`Code::Invalid`].
pub(super) fn check_just_in_time(row: &Provider) -> Outcome<()> {
    if row.just_in_time && row.email_domains.is_empty() {
        let message = "justInTime needs a domain: only people with an address in one are created";
        return refuse(Code::Invalid, "emailDomains", message);
    }
    Ok(())
}

/// What the audit log is told: everything but the secret.
fn told(row: &Provider) -> serde_json::Value {
    json!({
        "name": row.name,
        "issuer": row.issuer,
        "clientId": row.client_id,
        "hasClientSecret": row.client_secret.is_some(),
        "redirectUris": row.redirect_uris,
        "emailDomains": row.email_domains,
        "justInTime": row.just_in_time,
        "directoryId": row.directory_id.map(|id| id.to_string()),
        "externalIdClaim": row.external_id_claim,
    })
}

/// Checks that an issuer may be reached, and that its discovery document is its own.
async fn check_issuer(db: &Db, providers: &Providers, issuer: &str) -> Outcome<()> {
    let url = providers.egress.check(issuer).await;
    let url = url.map_err(|why| why.refusal("issuer"))?;
    if url.query().is_some() {
        return refuse(Code::Invalid, "issuer", "must not contain a query");
    }
    providers.forget(issuer);
    match providers.metadata(issuer, db.clock().now()).await {
        Ok(_) => Ok(()),
        Err(why) => refuse(Code::Invalid, "issuer", why),
    }
}

/// Checks that a directory has not ended.
///
/// # Errors
/// [`Code::NotFound`].
pub(super) async fn check_directory(tx: &Tx, id: Option<DirectoryId>) -> Outcome<()> {
    let Some(id) = id else { return Ok(()) };
    let found = directory::Entity::find_by_id(id).one(&tx.conn).await?;
    match found.filter(|row| row.ended_at.is_none()) {
        Some(_) => Ok(()),
        None => refuse(Code::NotFound, "directoryId", "there is no such directory"),
    }
}

/// Checks a client ID.
///
/// # Errors
/// [`Code::Invalid`].
pub fn check_client(text: &str, field: &str) -> Outcome<String> {
    let fits =
        !text.is_empty() && text.len() <= MAX_CLIENT && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    match fits {
        true => Ok(text.to_owned()),
        false => refuse(Code::Invalid, field, "expected 1 to 1,000 ASCII characters"),
    }
}

/// Checks redirect URIs: `https`, or `http` to this machine for development.
///
/// # Errors
/// [`Code::Invalid`], [`Code::TooMany`].
pub fn check_redirects(uris: Vec<String>) -> Outcome<Vec<String>> {
    if uris.is_empty() {
        return refuse(Code::Invalid, "redirectUris", "at least one is needed");
    }
    if uris.len() > MAX_LIST {
        return refuse(Code::TooMany, "redirectUris", format!("at most {MAX_LIST}"));
    }
    for (place, uri) in uris.iter().enumerate() {
        if !is_redirect(uri) {
            let message = "expected an https URL without a fragment, or http with 127.0.0.1 or localhost";
            return refuse(Code::Invalid, &format!("redirectUris.{place}"), message);
        }
    }
    Ok(uris)
}

fn is_redirect(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    uri.len() <= MAX_URI
        && uri.bytes().all(|byte| (0x21..0x7f).contains(&byte))
        && url.fragment().is_none()
        && (url.scheme() == "https" || (url.scheme() == "http" && is_local))
}

/// Checks domains of e-mail addresses; returns them in lower case.
///
/// # Errors
/// [`Code::Invalid`], [`Code::TooMany`].
pub fn check_domains(domains: Vec<String>) -> Outcome<Vec<String>> {
    if domains.len() > MAX_LIST {
        return refuse(Code::TooMany, "emailDomains", format!("at most {MAX_LIST}"));
    }
    let mut checked = Vec::with_capacity(domains.len());
    for (place, domain) in domains.iter().enumerate() {
        let field = format!("emailDomains.{place}");
        let invalid = || Refusal::new(Code::Invalid, &field, "expected a domain such as example.com");
        let address = input::email(&format!("x@{}", domain.trim()), &field).map_err(|_| invalid())?;
        let (_, domain) = address.rsplit_once('@').ok_or_else(invalid)?;
        checked.push(domain.to_lowercase());
    }
    Ok(checked)
}
