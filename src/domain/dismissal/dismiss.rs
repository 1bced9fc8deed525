//! dismissUser: the lock-out, and the handover committed with it.

use std::sync::Arc;

use entity::UserId;

use super::command::{DismissUser, Dismissed};
use super::lock_out::{hand_over, lock_out, origin};
use super::plan;
use super::scheduled::schedule;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::start;
use crate::domain::integrations::known_secrets;
use crate::error::{Failure, Outcome, refuse_if_any};
use crate::store::db::Db;
use crate::store::db::Tx;

/// Locks a person out and queues the handover of their work, in one transaction: once this returns, no request of
/// theirs is accepted and no write of theirs can commit.
///
/// Dismissing a dismissed person changes nothing, except that a handover is queued if there was none before. A handover
/// additionally needs REASSIGN_WORK.
///
/// # Errors
/// Refusals of [`rules::dismiss`](super::rules::dismiss) and of the handover; [`Error::Forbidden`](crate::error::Error::Forbidden) without a permission. Nothing is changed
/// then.
pub async fn dismiss_user(db: &Db, actor: &Actor, command: &DismissUser) -> Outcome<Dismissed> {
    let request = command.request();
    let people: Vec<UserId> = request
        .iter()
        .flat_map(start::people_named)
        .chain([command.user])
        .collect();
    let done = db
        .write_as(
            actor,
            Needs::PermissionOverPeople(Permission::DismissUsers, &people),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                command.require_permissions(actor)?;
                refuse_if_any(command.refused.clone())?;
                let kept = &command.keep_secret_ids;
                refuse_if_any(known_secrets::check_kept(&tx.conn, actor, command.user, kept, tx.now).await?)?;
                if let Some(at) = command.effective_at {
                    return schedule(tx, actor, command, at).await;
                }
                let leaver = lock_out(tx, actor, origin(actor), command).await?;
                hand_over(tx, actor, command, leaver).await
            },
        )
        .await;
    match done {
        // The operation stopped at the first reason; the preview finds the others.
        Err(Failure::Refused(first)) => {
            let all = Box::pin(plan::preview(db, actor, command)).await?.refusals;
            Err(Failure::Refused(if all.is_empty() { first } else { all }))
        }
        done => done,
    }
}
