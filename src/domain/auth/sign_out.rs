//! signOut: ends the session of the caller's token, or of a refresh token.

use std::sync::Arc;

use entity::{IdentityProviderId, session as sessions};
use sea_orm::EntityTrait;
use serde_json::json;

use super::guard::Needs;
use super::secret::{MAX_SECRET_LENGTH, fingerprint};
use super::{Actor, refresh, session};
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Author};

/// Ends the actor's own session; returns the identity provider that it was opened with.
///
/// # Errors
/// When the actor is no longer authenticated.
pub async fn sign_out(db: &Db, actor: &Actor) -> Outcome<Option<IdentityProviderId>> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let row = sessions::Entity::find_by_id(actor.session_id)
            .one(&tx.conn)
            .await?;
        session::end(tx, actor.session_id).await?;
        let subject = Some(actor.session_id.into());
        let recorded = journal::record(tx, &actor.author(), Action::SignedOut, subject, json!({})).await?;
        Ok((row.and_then(|row| row.provider_id), recorded))
    })
    .await
}

/// Ends the session of a refresh token, even if the token was used before; does nothing if there is none. Returns the
/// identity provider that the session was opened with.
///
/// # Errors
/// When the database fails.
pub async fn by_refresh_token(db: &Db, token: &str) -> Outcome<Option<IdentityProviderId>> {
    if token.len() > MAX_SECRET_LENGTH {
        return Ok(None);
    }
    let hash = &fingerprint(token);
    db.write(move |tx: Arc<Tx>| async move {
        let tx = &*tx;
        let Some((id, person)) = refresh::owner(tx, hash).await? else {
            return Ok(None);
        };
        let row = sessions::Entity::find_by_id(id).one(&tx.conn).await?;
        if session::end(tx, id).await? {
            let author = Author::Person(person.id, person.email);
            journal::record(tx, &author, Action::SignedOut, Some(id.into()), json!({})).await?;
        }
        Ok(row.and_then(|row| row.provider_id))
    })
    .await
}
