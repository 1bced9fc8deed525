//! What a person comes back with from an identity provider, and what it proves.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::Timestamp;
use entity::identity_provider::Model as Provider;
use entity::pending_sign_in::{self, Model as Pending};
use sea_orm::EntityTrait;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use super::exchange;
use super::id_token::{self, Account, Expected};
use super::jwt::{Refused, Token};
use super::list;
use super::providers::Providers;
use super::rules;
use super::user_info;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::secret::{MAX_SECRET_LENGTH, fingerprint};
use crate::error::Outcome;
use crate::store::db::Tx;

/// Maximum length of a code, in bytes.
const MAX_CODE: usize = 8 << 10;
/// Maximum length of an issuer, in bytes.
const MAX_ISSUER: usize = 2 << 10;

/// What a person comes back with.
#[derive(Clone)]
pub struct Callback {
    /// The `state` of the sign-in.
    pub state: String,
    /// The code, good for one exchange.
    pub code: String,
    /// The issuer, if the provider names itself (RFC 9207).
    pub iss: Option<String>,
    /// What the client has kept since the start.
    pub binding: String,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("iss", &self.iss)
            .finish_non_exhaustive()
    }
}

/// A sign-in whose account is known.
pub struct Redeemed {
    /// The provider, as it was when the account was read.
    pub provider: Provider,
    /// The account.
    pub account: Account,
    /// When the sign-in began.
    pub began_at: Timestamp,
}

/// Exchanges a callback for the account that has signed in at the provider. The sign-in can't be completed again,
/// whatever comes out.
///
/// # Errors
/// [`Code::SignInFailed`](crate::error::Code::SignInFailed), with one text for all reasons; the log knows which.
pub async fn redeem(auth: &Authenticator, providers: &Providers, callback: &Callback) -> Outcome<Redeemed> {
    let is_short = callback.state.len() <= MAX_SECRET_LENGTH
        && callback.binding.len() <= MAX_SECRET_LENGTH
        && callback.code.len() <= MAX_CODE
        && callback.iss.as_ref().is_none_or(|iss| iss.len() <= MAX_ISSUER);
    let pending = match is_short {
        true => take(auth, &callback.state).await?,
        false => None,
    };
    let Some(pending) = pending else {
        return Err(rules::failed().into());
    };
    let Some(provider) = list::active(&auth.db, pending.provider_id).await? else {
        return Err(rules::failed().into());
    };
    match check(auth, providers, &provider, &pending, callback).await {
        Ok(account) => Ok(Redeemed {
            provider,
            account,
            began_at: pending.began_at,
        }),
        Err(why) => {
            tracing::warn!(provider = %provider.id, why, "a sign-in with an identity provider failed");
            Err(rules::failed().into())
        }
    }
}

/// Removes a pending sign-in, so that it is used once; `None` if there is none or it has expired.
async fn take(auth: &Authenticator, state: &str) -> Outcome<Option<Pending>> {
    let hash = &fingerprint(state);
    let taken = auth.db.write(move |tx: Arc<Tx>| async move {
        let pending = pending_sign_in::Entity::find_by_id(hash).one(&tx.conn).await?;
        let deleted = pending_sign_in::Entity::delete_by_id(hash).exec(&tx.conn).await?;
        Ok(pending.filter(|row| deleted.rows_affected == 1 && row.expires_at > tx.now))
    });
    taken.await
}

async fn check(
    auth: &Authenticator,
    providers: &Providers,
    provider: &Provider,
    pending: &Pending,
    callback: &Callback,
) -> Result<Account, Refused> {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&callback.binding));
    if hash != pending.binding_hash {
        return Err("the binding is wrong: another client has started the sign-in");
    }
    let now = auth.db.clock().now();
    let metadata = providers.metadata(&provider.issuer, now).await;
    let metadata = metadata.map_err(|_| "the provider can't be reached")?;
    match &callback.iss {
        Some(iss) if *iss != provider.issuer => return Err("another issuer has answered"),
        None if metadata.names_itself => return Err("the issuer is missing from the answer"),
        _ => {}
    }
    let tokens = exchange::exchange(
        &providers.egress,
        &metadata,
        provider,
        &callback.code,
        &pending.redirect_uri,
        &pending.code_verifier,
    );
    let tokens = tokens.await?;
    let now = auth.db.clock().now();
    let token = Token::read(tokens.id_token.expose_secret())?;
    providers.verify(&provider.issuer, &token, now).await?;
    let expected = Expected {
        issuer: &provider.issuer,
        client: &provider.client_id,
        nonce: &pending.nonce,
        access_token: tokens.access_token.as_ref().map(|token| token.expose_secret()),
        external_id_claim: &provider.external_id_claim,
    };
    let account = id_token::check(&token, &expected, now)?;
    // The address counts only within the domains of the provider.
    let is_thin = !account.person.has_email && provider.domains().next().is_some();
    match (&metadata.userinfo_endpoint, expected.access_token) {
        (Some(endpoint), Some(access)) if is_thin => {
            user_info::add(&providers.egress, endpoint, access, &provider.issuer, account).await
        }
        _ => Ok(account),
    }
}
