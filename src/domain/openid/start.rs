//! startSignInWith: remembers a sign-in and returns where to send the person.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use entity::identity_provider::Model as Provider;
use entity::{IdentityProviderId, pending_sign_in};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use sha2::{Digest, Sha256};
use url::Url;

use super::list;
use super::providers::Providers;
use super::rules;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::secret::{fingerprint, new_secret};
use crate::domain::limits::Network;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db;
use crate::store::db::Tx;
use crate::store::expired;

/// How long a sign-in can be completed.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// Maximum number of sign-ins that are not completed yet, of all people.
const MAX_PENDING: u64 = 20_000;
/// How many are given up at once when there are too many.
const GIVEN_UP: u32 = 100;
/// What the provider is asked for.
const SCOPE: &str = "openid email profile";

/// Begins a sign-in at a provider: returns the URL to open. `binding_hash` is the SHA-256, in base64url without padding,
/// of a random text that the client keeps and completes the sign-in with.
///
/// # Errors
/// [`Code::NotFound`] for the provider; [`Code::Invalid`] for another redirect URI than those registered, or if the hash
/// is none; [`Code::SignInFailed`] if the provider can't be reached; [`Error::RateLimited`].
pub async fn start(
    auth: &Authenticator,
    providers: &Providers,
    id: IdentityProviderId,
    binding_hash: &str,
    redirect_uri: &str,
    network: Network,
) -> Outcome<String> {
    let is_hash = BASE64_URL_SAFE_NO_PAD
        .decode(binding_hash)
        .is_ok_and(|hash| hash.len() == 32);
    if !is_hash {
        let message = "expected a SHA-256 in base64url without padding: 43 characters";
        return refuse(Code::Invalid, "bindingHash", message);
    }
    let Some(provider) = list::active(&auth.db, id).await? else {
        return refuse(Code::NotFound, "providerId", "there is no such identity provider");
    };
    if !provider.redirects().any(|known| known == redirect_uri) {
        let message = "this is none of the redirect URIs of the provider";
        return refuse(Code::Invalid, "redirectUri", message);
    }
    let now = auth.db.clock().now();
    auth.limits.admit_start(network, now)?;
    let metadata = providers.metadata(&provider.issuer, now).await;
    let metadata = metadata.map_err(|_| rules::unreachable())?;
    let (state, nonce, verifier) = (&new_secret()?, &new_secret()?, &new_secret()?);
    let provider = &provider;
    let write = auth.db.write(move |tx: Arc<Tx>| async move {
        expired::delete(&tx, "pending_sign_ins", "state_hash").await?;
        let pending = pending_sign_in::Entity::find().count(&tx.conn).await?;
        if pending >= MAX_PENDING {
            make_room(&tx).await?;
        }
        let row = pending_sign_in::Model {
            state_hash: fingerprint(state),
            provider_id: provider.id,
            nonce: nonce.clone(),
            code_verifier: verifier.clone(),
            binding_hash: binding_hash.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            network: network.to_string(),
            began_at: tx.now,
            expires_at: tx.now + LIFETIME,
        };
        pending_sign_in::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx.conn)
            .await?;
        Ok(())
    });
    write.await?;
    let to = metadata.authorization_endpoint.clone();
    Ok(address(to, provider, redirect_uri, [state, nonce, verifier]))
}

/// Gives up the oldest sign-ins of the network that has begun the most, so that strangers keep nobody else out.
async fn make_room(tx: &Tx) -> Result<(), Error> {
    let sql = format!(
        "DELETE FROM pending_sign_ins WHERE state_hash IN (SELECT state_hash FROM pending_sign_ins WHERE network = \
         (SELECT network FROM pending_sign_ins GROUP BY network ORDER BY COUNT(*) DESC, network LIMIT 1) \
         ORDER BY expires_at LIMIT {GIVEN_UP})"
    );
    db::execute(&tx.conn, &sql, []).await?;
    Ok(())
}

/// Returns the address of the authorization request (OpenID Connect Core, section 3.1.2.1; RFC 7636).
fn address(
    mut to: Url,
    provider: &Provider,
    redirect_uri: &str,
    [state, nonce, verifier]: [&str; 3],
) -> String {
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("scope", SCOPE)
        .append_pair("state", state)
        .append_pair("nonce", nonce)
        .append_pair("code_challenge", &challenge)
        .append_pair("code_challenge_method", "S256");
    to.into()
}
