//! endSessions: ends all sessions of a person, one's own or anyone's with MANAGE_USERS.

use std::sync::Arc;

use entity::{UserId, user};
use sea_orm::EntityTrait;
use serde_json::json;

use super::guard::Needs;
use super::{Actor, Permission, session};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Ends every session of a person, including the caller's. Idempotent.
///
/// # Errors
/// [`Code::NotFound`] for a person who doesn't exist, or whose sessions the actor may not end.
pub async fn end_sessions(db: &Db, actor: &Actor, person: UserId) -> Outcome<()> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let allowed = person == actor.user_id || actor.may(Permission::ManageUsers);
        let found = user::Entity::find_by_id(person).one(&tx.conn).await?;
        if !allowed || found.is_none() {
            return refuse(
                Code::NotFound,
                "userId",
                "there is no such person, or you may not sign them out",
            );
        }
        let ended = session::end_all(tx, person, None).await?;
        if ended == 0 {
            return Ok(((), Recorded::nothing_changed()));
        }
        let (subject, data) = (Some(person.into()), json!({ "sessions": ended }));
        let recorded = journal::record(tx, &actor.author(), Action::SessionsEnded, subject, data).await?;
        Ok(((), recorded))
    })
    .await
}
