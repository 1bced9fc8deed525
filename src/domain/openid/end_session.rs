//! Signing out of an identity provider too (OpenID Connect RP-Initiated Logout 1.0).

use entity::IdentityProviderId;

use super::list;
use super::providers::Providers;
use crate::error::Error;
use crate::store::db::Db;

/// Returns the URL to open after a sign-out to end the session at the provider; `None` if the provider has none, or can't
/// be reached.
///
/// # Errors
/// When the database fails.
pub async fn url(db: &Db, providers: &Providers, id: IdentityProviderId) -> Result<Option<String>, Error> {
    let Some(provider) = list::active(db, id).await? else {
        return Ok(None);
    };
    let metadata = providers.metadata(&provider.issuer, db.clock().now()).await;
    let url = metadata.ok().and_then(|found| found.end_session_endpoint.clone());
    Ok(url.map(|mut url| {
        url.query_pairs_mut()
            .append_pair("client_id", &provider.client_id);
        url.into()
    }))
}
