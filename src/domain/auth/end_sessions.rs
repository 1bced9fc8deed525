//! endSessions: ends all sessions of a person, one's own or anyone's for those who manage people.

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
use crate::store::journal::Action;

/// Ends every session of a person, the one that asks for it included. Where none is open, nothing changes.
///
/// # Errors
/// [`Code::NotFound`] for a person who does not exist or whose sessions are not the actor's to end.
pub async fn end_sessions(db: &Db, actor: &Actor, person: UserId) -> Outcome<()> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let allowed = person == actor.user_id || actor.may(Permission::ManageUsers);
        let found = user::Entity::find_by_id(person).one(&tx.conn).await?;
        if !allowed || found.is_none() {
            return refuse(
                Code::NotFound,
                "userId",
                "there is no such person, or they are not yours to sign out",
            );
        }
        let ended = session::end_all(tx, person, None).await?;
        if ended > 0 {
            let (subject, data) = (Some(person.into()), json!({ "sessions": ended }));
            journal::record(tx, &actor.author(), Action::SessionsEnded, subject, data).await?;
        }
        Ok(())
    })
    .await
}
