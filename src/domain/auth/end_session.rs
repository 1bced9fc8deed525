//! endSession: ends one of one's own sessions, or anyone's for those who manage people.

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
use crate::store::journal::Action;

/// Ends a session; one that has ended already stays so.
///
/// # Errors
/// [`Code::NotFound`] for a session that does not exist or is not the actor's to end.
pub async fn end_session(db: &Db, actor: &Actor, id: SessionId) -> Outcome<()> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let found = sessions::Entity::find_by_id(id).one(&tx.conn).await?;
        let found = found.filter(|s| s.user_id == actor.user_id || actor.may(Permission::ManageUsers));
        let Some(found) = found else {
            return refuse(Code::NotFound, "sessionId", "there is no such session");
        };
        if session::end(tx, id).await? {
            let data = json!({ "user": found.user_id.to_string() });
            journal::record(tx, &actor.author(), Action::SessionEnded, Some(id.into()), data).await?;
        }
        Ok(())
    })
    .await
}
