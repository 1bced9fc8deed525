//! Global token revocation: an identity provider ends all sessions of a person, however they were opened.

use std::sync::Arc;

use entity::identity_provider::Model as Provider;
use entity::user::{self, Model as User};
use entity::{UserId, identity};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::jwt::{Refused, Token};
use super::providers::Providers;
use super::revocation::{Subject, check};
use super::revoked::{self, Whom};
use super::rules::is_within;
use super::{list, once};
use crate::domain::auth::secret::fingerprint;
use crate::domain::auth::session;
use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::input;
use crate::store::journal::{self, Action, Author};

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// The sessions have ended, if there were any.
    Done,
    /// The token is not accepted.
    Unauthenticated(Refused),
    /// The provider may not speak for this person.
    Forbidden,
    /// There is no such person.
    Unknown,
    /// The person is named in a way that is not supported.
    Unsupported,
}

/// Ends all sessions of a person in the name of the provider that has signed the token. `audience` is the address of the
/// endpoint.
///
/// # Errors
/// When the request could not be processed.
pub async fn revoke_sessions(
    db: &Db,
    providers: &Providers,
    token: &str,
    audience: &str,
    subject: &Subject,
) -> Result<Revoked, Error> {
    let (provider, id) = match authenticate(db, providers, token, audience).await? {
        Ok(authenticated) => authenticated,
        Err(why) => return Ok(Revoked::Unauthenticated(why)),
    };
    let (provider, id) = (&provider, &*id);
    let written = db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        if !once::is_new(tx, provider.id, id).await? {
            return Ok(Revoked::Unauthenticated("the token was used before"));
        }
        if let Subject::Account { issuer, subject } = subject
            && *issuer == provider.issuer
        {
            list::lock_against_sign_ins(tx, provider.id).await?;
            revoked::remember(tx, Whom::Account(provider.id, subject)).await?;
        }
        let person = match find(tx, provider, subject).await? {
            Ok(person) => person,
            Err(answer) => return Ok(answer),
        };
        revoked::remember(tx, Whom::Person(person.id)).await?;
        let ended = session::end_all(tx, person.id, None).await?;
        let data = json!({ "provider": provider.id.to_string(), "sessions": ended });
        let (author, action) = (
            Author::Program("global token revocation"),
            Action::SignedOutByProvider,
        );
        journal::record(tx, &author, action, Some(person.id.into()), data).await?;
        Ok(Revoked::Done)
    });
    written.await.map_err(crate::error::Failure::into_error)
}

/// Returns the provider that has signed the token, and its `jti`; without one, what the token itself is known by.
async fn authenticate(
    db: &Db,
    providers: &Providers,
    token: &str,
    audience: &str,
) -> Result<Result<(Provider, String), Refused>, Error> {
    let whole = token;
    let token = match Token::read(token) {
        Ok(token) => token,
        Err(why) => return Ok(Err(why)),
    };
    let now = db.clock().now();
    let id = match check(&token, audience, now) {
        Ok(Some(id)) => id.to_owned(),
        Ok(None) => format!("token {}", fingerprint(whole)),
        Err(why) => return Ok(Err(why)),
    };
    let (issuer, client) = (token.claims.text("iss"), token.claims.text("sub"));
    let provider = list::by_client(db, issuer.unwrap_or_default(), client.unwrap_or_default()).await?;
    let Some(provider) = provider else {
        return Ok(Err("the token is by no identity provider that is known"));
    };
    let verified = providers.verify(&provider.issuer, &token, now).await;
    Ok(verified.map(|()| (provider, id)))
}

/// Finds the person, whom the provider has to speak for: linked to it, or with an address in its domains.
async fn find(tx: &Tx, provider: &Provider, subject: &Subject) -> Outcome<Result<User, Revoked>> {
    match subject {
        Subject::Unsupported => Ok(Err(Revoked::Unsupported)),
        Subject::Account { issuer, .. } if *issuer != provider.issuer => Ok(Err(Revoked::Forbidden)),
        Subject::Account { subject, .. } => {
            let linked = super::find::link(tx, provider.id, subject).await?;
            let person = match linked {
                Some(row) => lock(tx, row.user_id).await?,
                None => None,
            };
            Ok(person.ok_or(Revoked::Unknown))
        }
        Subject::Email(address) => {
            let Ok(address) = input::email(address, "email") else {
                return Ok(Err(Revoked::Unknown));
            };
            let by_address = user::Entity::find()
                .filter(user::Column::EmailKey.eq(user::email_key(&address)))
                .one(&tx.conn)
                .await?;
            let linked = match &by_address {
                Some(person) => is_linked(tx, provider, person.id).await?,
                None => false,
            };
            if !linked && !is_within(&address, provider.domains()) {
                return Ok(Err(Revoked::Forbidden));
            }
            let person = match by_address {
                Some(person) => lock(tx, person.id).await?,
                None => None,
            };
            Ok(person.ok_or(Revoked::Unknown))
        }
    }
}

async fn is_linked(tx: &Tx, provider: &Provider, person: UserId) -> Outcome<bool> {
    let found = identity::Entity::find()
        .filter(identity::Column::ProviderId.eq(provider.id))
        .filter(identity::Column::UserId.eq(person))
        .one(&tx.conn)
        .await?;
    Ok(found.is_some())
}

/// Locks a person, so that no session is opened meanwhile.
async fn lock(tx: &Tx, id: UserId) -> Outcome<Option<User>> {
    Ok(user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?)
}
