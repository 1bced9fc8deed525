//! dismissalPlan: what a dismissal would do, and everything that it would refuse.

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::integration_secret::Model as Secret;
use entity::session;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::command::{DismissUser, is_about_moves};
use super::lock_out::{Leaver, lock_out};
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::Request;
use crate::domain::handover::plan as handover;
use crate::domain::handover::plan::Plan as HandoverPlan;
use crate::domain::integrations::stop_secrets;
use crate::error::{Code, Error, Refusal, collect};
use crate::store::db::{Db, Tx};

/// What a dismissal would do.
#[derive(Debug)]
pub struct Plan {
    /// What its handover would move and what would stay; `None` for those without REASSIGN_WORK, and where nobody can be
    /// dismissed.
    pub handover: Option<HandoverPlan>,
    /// How many sessions of the person would end.
    pub sessions_ending: u64,
    /// The secrets of integrations that the person was shown and that would stop.
    pub secrets_stopping: Vec<Secret>,
    /// The dismissals that the person has scheduled, and those of integrations whose secrets stop: they would pass to the
    /// one who dismisses the person.
    pub schedules_passing: Vec<DismissalRow>,
    /// What would be refused.
    pub refusals: Vec<Refusal>,
}

/// Runs all rules of `dismissUser`, and counts, in a transaction of which nothing stays.
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
    // What is wrong with the moves comes with the plan of the handover.
    let elsewhere = command.refused.iter().filter(|refusal| !is_about_moves(refusal));
    let mut refusals: Vec<Refusal> = elsewhere.cloned().collect();
    refusals.extend(stop_secrets::check_kept(&tx.conn, actor, person, kept, tx.now).await?);
    let later = command.effective_at.is_some_and(|at| at > tx.now);
    if command.effective_at.is_some() && !later {
        refusals.push(Refusal::new(
            Code::DateInPast,
            "effectiveAt",
            "this moment has passed: leave it out to dismiss now",
        ));
    }
    let sessions_ending = session::Entity::find()
        .filter(session::Column::UserId.eq(person))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(tx.now))
        .count(&tx.conn)
        .await?;
    // From here on everything is as it would be: the person is gone, and gets none of the work.
    let locked_out = collect(lock_out(tx, actor, command).await, &mut refusals)?;
    let possible = locked_out.is_some();
    // What went with an earlier dismissal is not asked for again.
    let done = matches!(&locked_out, Some(Leaver::Already(row, _)) if row.handover_id.is_some());
    let request = command.request().filter(|_| !done);
    if request.is_none() {
        // There is no plan that they could come with.
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
        // Then the plan is what stays with the person.
        _ if possible && actor.may(Permission::ReassignWork) => {
            let nothing = Request {
                moves: Vec::new(),
                rest: None,
                ..command.all_of_it()
            };
            let plan = handover::look(&tx.conn, tx.now, actor, &nothing, None).await?;
            Some(HandoverPlan {
                refusals: Vec::new(),
                ..plan
            })
        }
        _ => None,
    };
    let ended = locked_out.as_ref().map(Leaver::ended);
    let mut schedules_passing = ended.map_or_else(Vec::new, |ended| ended.schedules.clone());
    schedules_passing.retain(|row| row.state == DismissalState::Scheduled);
    Ok(Plan {
        handover,
        sessions_ending: locked_out.as_ref().map_or(0, |_| sessions_ending),
        secrets_stopping: ended.map_or_else(Vec::new, |ended| ended.secrets.clone()),
        schedules_passing,
        refusals,
    })
}
