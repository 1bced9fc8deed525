//! endSession: ends one of one's own sessions, or anyone's with MANAGE_USERS.

use std::sync::Arc;

use entity::{SessionId, session as sessions};
use sea_orm::EntityTrait;
use serde_json::json;

use super::guard::Needs;
use super::{Actor, Permission, session};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Ends a session. Idempotent.
///
/// # Errors
/// [`Code::NotFound`] for a session that doesn't exist, or that the actor may not end.
pub async fn end_session(db: &Db, actor: &Actor, id: SessionId) -> Outcome<()> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = sessions::Entity::find_by_id(id).one(&tx.conn).await?;
        let found = found.filter(|s| s.user_id == actor.user_id || actor.may(Permission::ManageUsers));
        let Some(found) = found else {
            return refuse(Code::NotFound, "sessionId", "there is no such session");
        };
        if !session::end(tx, id).await? {
            return Ok(((), Recorded::nothing_changed()));
        }
        let data = json!({ "user": found.user_id.to_string() });
        let recorded =
            journal::record(tx, &actor.author(), Action::SessionEnded, Some(id.into()), data).await?;
        Ok(((), recorded))
    })
    .await
}
