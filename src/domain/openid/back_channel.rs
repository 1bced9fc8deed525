//! Back-channel logout: an identity provider ends sessions (OpenID Connect Back-Channel Logout 1.0).

use std::sync::Arc;

use entity::identity_provider::Model as Provider;
use entity::{IdentityProviderId, Timestamp, user};
use sea_orm::sea_query::LockType;
use sea_orm::{EntityTrait, QuerySelect};
use serde_json::json;

use super::claims::MAX_NAME;
use super::jwt::{Refused, Token, check_parties, check_times};
use super::providers::Providers;
use super::revoked::{self, Whom};
use super::{find, list, once};
use crate::domain::auth::session::{self, OfProvider};
use crate::error::{Error, Failure};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Author};

/// The event that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// Maximum age of a logout token, in seconds.
const MAX_AGE: f64 = 300.0;

/// Why no session was ended.
#[derive(Debug)]
pub enum NotEnded {
    /// The token is not accepted.
    Refused(Refused),
    /// The request could not be processed.
    Failed(Error),
}

impl From<Error> for NotEnded {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<Failure> for NotEnded {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.into_error())
    }
}

/// Whose sessions a logout token ends.
struct Logout {
    id: String,
    subject: Option<String>,
    session: Option<String>,
}

/// Ends the session of a `sid`, or all of a `sub`, that were opened with this provider. That there are none is no error.
///
/// # Errors
/// [`NotEnded::Refused`] for anything but a valid logout token that is sent for the first time.
pub async fn log_out(
    db: &Db,
    providers: &Providers,
    id: IdentityProviderId,
    token: &str,
) -> Result<(), NotEnded> {
    let provider = list::active(db, id).await?;
    let provider = provider.ok_or(NotEnded::Refused("there is no such identity provider"))?;
    let now = db.clock().now();
    let token = Token::read(token).map_err(NotEnded::Refused)?;
    // What costs nothing first: strangers shall not cause requests to the provider.
    let logout = &check(&token, &provider, now).map_err(NotEnded::Refused)?;
    let verified = providers.verify(&provider.issuer, &token, now).await;
    verified.map_err(NotEnded::Refused)?;
    let provider = provider.id;
    let ended = db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        if !once::is_new(tx, provider, &logout.id).await? {
            return Ok(false);
        }
        list::lock_against_sign_ins(tx, provider).await?;
        remember(tx, provider, logout).await?;
        let of = OfProvider {
            provider,
            subject: logout.subject.as_deref(),
            session: logout.session.as_deref(),
        };
        for (person, sessions) in session::end_of_provider(tx, of).await? {
            let data = json!({ "provider": provider.to_string(), "sessions": sessions });
            let author = Author::Program("back-channel logout");
            let action = Action::SignedOutByProvider;
            journal::record(tx, &author, action, Some(person.into()), data).await?;
        }
        Ok(true)
    });
    match ended.await? {
        true => Ok(()),
        false => Err(NotEnded::Refused("the token was used before")),
    }
}

/// Remembers who is signed out, so that no sign-in that has begun opens a session afterwards; locks their person.
async fn remember(tx: &Tx, provider: IdentityProviderId, logout: &Logout) -> Result<(), Error> {
    let whom = match (&logout.session, &logout.subject) {
        (Some(session), _) => Whom::Session(provider, session),
        (None, Some(subject)) => Whom::Account(provider, subject),
        (None, None) => return Ok(()),
    };
    revoked::remember(tx, whom).await?;
    let Some(subject) = &logout.subject else {
        return Ok(());
    };
    if let Some(link) = find::link(tx, provider, subject).await? {
        user::Entity::find_by_id(link.user_id)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
    }
    Ok(())
}

/// Checks the claims (section 2.6).
fn check(token: &Token<'_>, provider: &Provider, now: Timestamp) -> Result<Logout, Refused> {
    let claims = &token.claims;
    if !matches!(token.kind.as_deref(), None | Some("jwt" | "logout+jwt")) {
        return Err("the token is no logout token");
    }
    check_parties(claims, &provider.issuer, &provider.client_id)?;
    check_times(claims, now, MAX_AGE, false)?;
    let events = claims.get("events").and_then(|events| events.as_object());
    if !events.is_some_and(|events| events.get(EVENT).is_some_and(|event| event.is_object())) {
        return Err("the token has not the event of a logout");
    }
    if claims.get("nonce").is_some() {
        return Err("a logout token must not have a nonce");
    }
    let name = |name: &str| match claims.get(name) {
        None => Ok(None),
        Some(_) => claims
            .name(name)
            .map(|text| Some(text.to_owned()))
            .ok_or("a name in the token is odd"),
    };
    let (subject, session) = (name("sub")?, name("sid")?);
    if subject.is_none() && session.is_none() {
        return Err("the token names neither a subject nor a session");
    }
    let id = claims
        .text("jti")
        .filter(|id| !id.is_empty() && id.len() <= MAX_NAME);
    Ok(Logout {
        id: id.ok_or("the token has no valid jti")?.to_owned(),
        subject,
        session,
    })
}
