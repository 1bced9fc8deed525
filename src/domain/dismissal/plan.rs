//! dismissalPlan: previews a dismissal and all its refusals.

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::integration_secret::Model as Secret;
use entity::{UserId, session};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::command::{DismissUser, is_about_moves};
use super::lock_out::{Leaver, lock_out, origin};
use super::scheduled::date_in_past;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::Request;
use crate::domain::handover::plan as handover;
use crate::domain::handover::plan::Plan as HandoverPlan;
use crate::domain::integrations::known_secrets;
use crate::error::{Error, Refusal, collect};
use crate::store::db::{Db, Tx};

/// Preview of a dismissal.
#[derive(Debug)]
pub struct Plan {
    /// Preview of its handover; `None` without REASSIGN_WORK, and if the person can't be dismissed.
    pub handover: Option<HandoverPlan>,
    /// Number of sessions that would end.
    pub sessions_ending: u64,
    /// Secrets of integrations known to the person that would be revoked.
    pub secrets_stopping: Vec<Secret>,
    /// Scheduled dismissals of the person, and of integrations whose secrets are revoked, that would be transferred to
    /// the one who dismisses them.
    pub schedules_passing: Vec<DismissalRow>,
    /// Refusals.
    pub refusals: Vec<Refusal>,
}

/// Runs all rules of `dismissUser` in a transaction that is rolled back, and counts the effects.
///
/// # Errors
/// [`Error::Forbidden`] as for the dismissal itself, or when the database fails.
pub async fn preview(db: &Db, actor: &Actor, command: &DismissUser) -> Result<Plan, Error> {
    actor.require(Permission::DismissUsers)?;
    command.require_permissions(actor)?;
    let tx = db.dry_run().await?;
    let plan = dry_run(&tx, actor, command).await;
    tx.conn.rollback().await?;
    plan
}

async fn dry_run(tx: &Tx, actor: &Actor, command: &DismissUser) -> Result<Plan, Error> {
    let (person, kept) = (command.user, &command.keep_secret_ids);
    // Refusals about the moves come with the plan of the handover.
    let elsewhere = command.refused.iter().filter(|refusal| !is_about_moves(refusal));
    let mut refusals: Vec<Refusal> = elsewhere.cloned().collect();
    refusals.extend(known_secrets::check_kept(&tx.conn, actor, person, kept, tx.now).await?);
    let later = command.effective_at.is_some_and(|at| at > tx.now);
    if command.effective_at.is_some() && !later {
        refusals.push(date_in_past());
    }
    let open_sessions = count_sessions(tx, person).await?;
    // From here on the person is locked out, as they would be, and gets none of the work.
    let locked_out = collect(lock_out(tx, actor, origin(actor), command).await, &mut refusals)?;
    // A handover that was queued with an earlier dismissal is not queued again.
    let done = matches!(&locked_out, Some(Leaver::Already(row, _)) if row.handover_id.is_some());
    let request = command.request().filter(|_| !done);
    if request.is_none() {
        // Without a plan of the handover, they are reported here.
        let about_moves = command.refused.iter().filter(|refusal| is_about_moves(refusal));
        refusals.extend(about_moves.cloned());
    }
    let handover = match request {
        Some(request) => {
            let request = Request {
                leaving: !later,
                ..request
            };
            let expected = command.expected_revision.as_deref();
            let plan = handover::look(&tx.conn, tx.now, actor, &request, expected).await?;
            refusals.extend(plan.refusals.iter().cloned());
            Some(plan)
        }
        None if locked_out.is_some() && actor.may(Permission::ReassignWork) => {
            Some(remaining_work(tx, actor, command).await?)
        }
        None => None,
    };
    let ended = locked_out.as_ref().map(Leaver::ended);
    let mut schedules_passing = ended.map_or_else(Vec::new, |ended| ended.schedules.clone());
    schedules_passing.retain(|row| row.state == DismissalState::Scheduled);
    Ok(Plan {
        handover,
        sessions_ending: locked_out.as_ref().map_or(0, |_| open_sessions),
        secrets_stopping: ended.map_or_else(Vec::new, |ended| ended.secrets.clone()),
        schedules_passing,
        refusals,
    })
}

async fn count_sessions(tx: &Tx, person: UserId) -> Result<u64, Error> {
    Ok(session::Entity::find()
        .filter(session::Column::UserId.eq(person))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(tx.now))
        .count(&tx.conn)
        .await?)
}

/// Previews a dismissal without a handover: everything stays with the person.
async fn remaining_work(tx: &Tx, actor: &Actor, command: &DismissUser) -> Result<HandoverPlan, Error> {
    let nothing = Request {
        moves: Vec::new(),
        rest: None,
        ..command.request_or_empty()
    };
    let plan = handover::look(&tx.conn, tx.now, actor, &nothing, None).await?;
    Ok(HandoverPlan {
        refusals: Vec::new(),
        ..plan
    })
}
