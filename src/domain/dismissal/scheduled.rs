//! Scheduled dismissals: created with `effectiveAt`, cancelled, and carried out when due.
//!
//! The rules are checked twice: when a dismissal is scheduled, so that mistakes show up at once, and when it is due.
//! Then a violated rule about the person (such as the last administrator) cancels it, and so does a requester who may
//! no longer dismiss people. A violated rule about the handover doesn't: the person is locked out, and keeps the work
//! that was refused. The dismissal and the audit log contain the reasons.

use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::outbox_message::Topic;
use entity::{DismissalId, IntegrationSecretId, Timestamp, UserId, dismissal};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::command::{DismissUser, Dismissed, FIELD};
use super::lock_out::{Leaver, active_administrators, in_force, lock_out, queued_before, record_dismissal};
use super::planned::{self, PROGRAM, cancel};
use super::requester::{self, Requester};
use super::rules::{self, Dismissal, Person};
use crate::domain::auth::guard::{Needs, lock_people};
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::stored::Moves;
use crate::domain::handover::{Request, allowed, plan, start};
use crate::domain::people::create;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::runtime::metrics::labels::DismissalOrigin;
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Recorded};
use crate::store::outbox::Lease;

const NOT_SCHEDULED: &str = "no dismissal of this person is scheduled";

/// Schedules a dismissal, in the transaction of `dismissUser`. An existing one gets the new time, reason and handover.
///
/// # Errors
/// [`Code::DateInPast`]; what would be refused now.
pub(super) async fn schedule(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    at: Timestamp,
) -> Outcome<(Dismissed, Recorded)> {
    if at <= tx.now {
        return Err(date_in_past().into());
    }
    let person = create::find(tx, command.user, "userId").await?;
    let administrators = active_administrators(&tx.conn).await?;
    if let Dismissal::Already = rules::dismiss(Person::from(&person), actor.user_id, &administrators)? {
        let dismissal = in_force(tx, person.id).await?;
        let dismissed = Dismissed {
            user: person,
            dismissal,
            handover: None,
            schedules_passed: Vec::new(),
            changed: false,
        };
        return Ok((dismissed, Recorded::nothing_changed()));
    }
    if let Some(request) = command.request() {
        check_plan(tx, actor, command, request).await?;
    }
    let before = planned::of(tx, person.id).await?;
    let after = scheduled_row(tx, actor, command, at, before.as_ref())?;
    let changed = before.as_ref() != Some(&after);
    let recorded = match changed {
        true => save(tx, actor, after.clone(), before.is_some()).await?,
        false => Recorded::nothing_changed(),
    };
    let dismissed = Dismissed {
        user: person,
        dismissal: after,
        handover: None,
        schedules_passed: Vec::new(),
        changed,
    };
    Ok((dismissed, recorded))
}

/// Returns the refusal of a time in the past.
pub(super) fn date_in_past() -> Refusal {
    let message = "this time is in the past: omit it to dismiss immediately";
    Refusal::new(Code::DateInPast, "effectiveAt", message)
}

/// Returns the row of a scheduled dismissal, which replaces `before`.
fn scheduled_row(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    at: Timestamp,
    before: Option<&DismissalRow>,
) -> Result<DismissalRow, Error> {
    let requester = Requester::acting(actor);
    Ok(DismissalRow {
        id: before.map_or_else(|| DismissalId(tx.new_id()), |row| row.id),
        user_id: command.user,
        state: DismissalState::Scheduled,
        effective_at: at,
        reason: command.reason.clone(),
        requested_by_id: requester.person(),
        requested_by_integration_id: requester.integration(),
        requested_by_secret_id: actor.secret(),
        handover_id: None,
        return_id: None,
        ended_at: None,
        created_at: before.map_or(tx.now, |row| row.created_at),
        moves: command.stored_moves()?,
        keep_secret_ids: write_ids(&command.keep_secret_ids),
        directory_id: None,
        failure: None,
    })
}

/// Saves a scheduled dismissal, and the message that carries it out.
async fn save(tx: &Tx, actor: &Actor, row: DismissalRow, exists: bool) -> Outcome<Recorded> {
    let (id, at, subject) = (row.id, row.effective_at, Some(row.user_id.into()));
    let data = json!({ "dismissal": id.to_string(), "effectiveAt": at, "reason": row.reason });
    let row = row.into_active_model();
    if exists {
        journal::withdraw(tx, Topic::RunDismissal, id.0).await?;
        dismissal::Entity::update(row.reset_all()).exec(&tx.conn).await?;
    } else {
        dismissal::Entity::insert(row)
            .exec_without_returning(&tx.conn)
            .await?;
    }
    journal::enqueue(tx, Topic::RunDismissal, id.0, at).await?;
    Ok(journal::record(tx, &actor.author(), Action::DismissalScheduled, subject, data).await?)
}

/// Checks what would be refused if the dismissal were carried out now, except that the person is still active.
async fn check_plan(tx: &Tx, actor: &Actor, command: &DismissUser, request: Request) -> Outcome<()> {
    let expected = command.expected_revision.as_deref();
    let (_, refusals) = plan::check(&tx.conn, tx.now, actor, &request, expected).await?;
    refuse_if_any(refusals)
}

/// Cancels a scheduled dismissal. Idempotent.
///
/// # Errors
/// [`Code::NotFound`] if none is scheduled, or none that the actor may see: nobody sees their own.
pub async fn cancel_dismissal(db: &Db, actor: &Actor, person: UserId) -> Outcome<DismissalRow> {
    if person == actor.user_id {
        return refuse(Code::NotFound, "userId", NOT_SCHEDULED);
    }
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::DismissUsers, &[person]),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let latest = dismissal::Entity::find()
                .filter(dismissal::Column::UserId.eq(person))
                .order_by_desc(dismissal::Column::Id)
                .one(&tx.conn)
                .await?;
            let Some(row) = planned::of(tx, person).await? else {
                return match latest {
                    Some(row) if row.state == DismissalState::Cancelled => {
                        Ok((row, Recorded::nothing_changed()))
                    }
                    _ => refuse(Code::NotFound, "userId", NOT_SCHEDULED),
                };
            };
            let row = cancel(tx, row, None).await?;
            let data = json!({ "dismissal": row.id.to_string() });
            let recorded = journal::record(
                tx,
                &actor.author(),
                Action::DismissalCancelled,
                Some(person.into()),
                data,
            )
            .await?;
            Ok((row, recorded))
        },
    )
    .await
}

/// Carries out a due dismissal in the name of its requester, with their current permissions. A refused handover doesn't
/// stop the lock-out: `failure` describes what was refused, and that work stays with the person.
///
/// # Errors
/// When the database fails or another process has claimed the message; nothing has changed then.
pub async fn carry_out(db: &Db, id: DismissalId, lease: &Lease) -> Result<(), Error> {
    let attempt = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let Some(read) = scheduled(tx, id, false).await? else {
                lease.renew(tx).await?;
                return Ok(lease.finish(tx).await?);
            };
            // Locks people before the dismissal, in the same order as an immediate dismissal, to avoid deadlocks.
            let named = people_involved(&command(&read)?);
            let people = lock_people(tx, read.requested_by_id.unwrap_or(read.user_id), &named).await?;
            lease.renew(tx).await?;
            let Some(row) = scheduled(tx, id, true).await? else {
                return Ok(lease.finish(tx).await?);
            };
            let Some(actor) = requester::still_permitted(tx, &row, &people).await? else {
                let message = "the requester may no longer dismiss people";
                return refuse(Code::Invalid, "", message);
            };
            dismiss_now(tx, &actor, &actor, DismissalOrigin::Schedule, &command(&row)?).await?;
            Ok(())
        })
        .await;
    let reasons = match attempt {
        Ok(()) => return Ok(()),
        Err(Failure::Broken(error)) => return Err(error),
        Err(Failure::Refused(reasons)) => reasons,
    };
    let failure = &messages(&reasons);
    let noted = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            lease.renew(tx).await?;
            let Some(row) = scheduled(tx, id, true).await? else {
                return Ok(lease.finish(tx).await?);
            };
            let person = row.user_id;
            cancel(tx, row, Some(failure.clone())).await?;
            let data = json!({ "dismissal": id.to_string(), "failure": failure });
            journal::record(tx, &PROGRAM, Action::DismissalFailed, Some(person.into()), data).await?;
            Ok(())
        })
        .await;
    noted.map_err(Failure::into_error)
}

/// Locks the person out in the name of `actor`, and hands over what is not refused to `requester`.
pub(super) async fn dismiss_now(
    tx: &Tx,
    actor: &Actor,
    requester: &Actor,
    origin: DismissalOrigin,
    command: &DismissUser,
) -> Outcome<(Dismissed, Recorded)> {
    let leaver = lock_out(tx, actor, origin, command).await?;
    let (handover, refused) = hand_over_allowed(tx, requester, command, &leaver).await?;
    let failure = (!refused.is_empty()).then(|| messages(&refused));
    let (done, recorded) = record_dismissal(tx, actor, command, leaver, handover, failure.clone()).await?;
    if failure.is_some() {
        let data = json!({ "dismissal": done.dismissal.id.to_string(), "failure": failure });
        let subject = Some(done.user.id.into());
        journal::record(tx, &PROGRAM, Action::HandoverRefused, subject, data).await?;
    }
    Ok((done, recorded))
}

/// Queues the moves that are not refused; returns the refusals of the others.
async fn hand_over_allowed(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: &Leaver,
) -> Outcome<(Option<Handover>, Vec<Refusal>)> {
    if command.require_permissions(actor).is_err() {
        let message = "the requester may no longer hand work over";
        return Ok((None, vec![Refusal::new(Code::Invalid, "", message)]));
    }
    if let Some(handover) = queued_before(tx, leaver).await? {
        return Ok((Some(handover), Vec::new()));
    }
    match command.request() {
        Some(request) => allowed::queue(tx, actor, request).await,
        None => Ok((None, Vec::new())),
    }
}

fn messages(refusals: &[Refusal]) -> String {
    let texts: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    texts.join("; ")
}

/// Returns everyone involved in a dismissal: the person and the recipients.
pub(super) fn people_involved(command: &DismissUser) -> Vec<UserId> {
    let request = command.request();
    let recipients = request.iter().flat_map(start::people_named);
    recipients.chain([command.user]).collect()
}

/// Returns the dismissal if it is still scheduled.
async fn scheduled(tx: &Tx, id: DismissalId, lock: bool) -> Result<Option<DismissalRow>, Error> {
    let mut query = dismissal::Entity::find_by_id(id);
    if lock {
        query = query.lock(LockType::NoKeyUpdate);
    }
    let found = query.one(&tx.conn).await?;
    Ok(found.filter(|row| row.state == DismissalState::Scheduled))
}

/// Restores the command of a scheduled dismissal. A stored handover that can't be read is a refused one: it does not keep
/// the person from being locked out.
pub(super) fn command(row: &DismissalRow) -> Result<DismissUser, Error> {
    let mut refused = Vec::new();
    let stored = match row.moves.as_deref().map(str::parse::<Moves>) {
        None => Moves::default(),
        Some(Ok(stored)) => stored,
        Some(Err(cause)) => {
            tracing::error!(%cause, dismissal = %row.id, "the stored handover of a dismissal can't be read");
            let message = "the stored handover can't be read: hand the work over with bulkReassign";
            refused.push(Refusal::new(Code::Invalid, FIELD, message));
            Moves {
                moves: Some(Vec::new()),
                rest: None,
            }
        }
    };
    Ok(DismissUser {
        user: row.user_id,
        reason: row.reason.clone(),
        effective_at: None,
        handover: stored.moves,
        rest: stored.rest,
        refused,
        expected_revision: None,
        keep_secret_ids: row.keep_secret_ids.as_deref().map_or(Ok(Vec::new()), read_ids)?,
    })
}

/// Serializes the secrets to keep; `None` for none.
fn write_ids(ids: &[IntegrationSecretId]) -> Option<String> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| json!(texts).to_string())
}

/// Parses the text of [`write_ids`].
fn read_ids(text: &str) -> Result<Vec<IntegrationSecretId>, Error> {
    let texts: Vec<String> = serde_json::from_str(text).map_err(Error::internal)?;
    texts
        .iter()
        .map(|text| text.parse().map_err(Error::internal))
        .collect()
}
