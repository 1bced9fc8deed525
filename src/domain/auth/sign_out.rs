//! signOut: ends the session of the caller's token.

use std::sync::Arc;

use serde_json::json;

use super::guard::Needs;
use super::{Actor, session};
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Ends the actor's own session.
///
/// # Errors
/// When the actor is no longer authenticated.
pub async fn sign_out(db: &Db, actor: &Actor) -> Outcome<()> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        session::end(tx, actor.session_id).await?;
        let subject = Some(actor.session_id.into());
        let recorded = journal::record(tx, &actor.author(), Action::SignedOut, subject, json!({})).await?;
        Ok(((), recorded))
    })
    .await
}
