//! Dismissals on a date: scheduled with `effectiveAt`, called off, and carried out when their time has come.
//!
//! The rules are checked twice: when a dismissal is scheduled, so that mistakes come to light at once, and when it is
//! carried out. Then a rule about the person (there must be an administrator) leaves them where they are, and so does
//! an author who may not dismiss any more. A rule about the handover does not: the person is locked out, and what was
//! refused stays with them. The dismissal and the audit log say why.

use std::collections::HashSet;
use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::outbox_message::Topic;
use entity::{DismissalId, IntegrationSecretId, Timestamp, UserId, dismissal, user};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::command::{DismissUser, Dismissed};
use super::lock_out::{Leaver, active_administrators, in_force, lock_out, queue_handover, write_down};
use super::planned::{self, PROGRAM, cancel};
use super::requester::{self, Requester};
use super::rules::{self, Dismissal, Person};
use crate::domain::auth::guard::{Needs, lock_people};
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover;
use crate::domain::handover::{Move, REST, Request, plan, start};
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::Action;
use crate::store::outbox::Lease;

const NOT_SCHEDULED: &str = "no dismissal of this person is scheduled";

/// Puts a dismissal down for a later time, in the transaction of `dismissUser`. One that is down already gets the
/// new time, reason and handover.
///
/// # Errors
/// [`Code::DateInPast`]; what would be refused now.
pub(super) async fn schedule(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    at: Timestamp,
) -> Outcome<Dismissed> {
    if at <= tx.now {
        return refuse(
            Code::DateInPast,
            "effectiveAt",
            "this moment has passed: leave it out to dismiss now",
        );
    }
    let Some(person) = user::Entity::find_by_id(command.user).one(&tx.conn).await? else {
        return refuse(Code::NotFound, "userId", "there is no such person");
    };
    let subject = Person {
        id: person.id,
        role: person.role,
        status: person.status,
    };
    if let Dismissal::Already =
        rules::dismiss(subject, actor.user_id, &active_administrators(&tx.conn).await?)?
    {
        let dismissal = in_force(tx, person.id).await?;
        return Ok(Dismissed {
            user: person,
            dismissal,
            handover: None,
            schedules_passed: Vec::new(),
            changed: false,
        });
    }
    if let Some(request) = command.request() {
        check_plan(tx, actor, command, request).await?;
    }
    let before = planned::of(tx, person.id).await?;
    let id = before
        .as_ref()
        .map_or_else(|| DismissalId(tx.new_id()), |row| row.id);
    let requester = Requester::acting(actor);
    let after = DismissalRow {
        id,
        user_id: person.id,
        state: DismissalState::Scheduled,
        effective_at: at,
        reason: command.reason.clone(),
        requested_by_id: requester.person(),
        requested_by_integration_id: requester.integration(),
        requested_by_secret_id: actor.secret(),
        handover_id: None,
        return_id: None,
        ended_at: None,
        created_at: before.as_ref().map_or(tx.now, |row| row.created_at),
        moves: command
            .request()
            .map(|_| handover::to_json(command.handover.as_deref(), command.rest.as_ref())),
        keep_secret_ids: write_ids(&command.keep_secret_ids),
        failure: None,
    };
    let changed = before.as_ref() != Some(&after);
    if changed {
        let row = after.clone().into_active_model();
        if before.is_some() {
            journal::withdraw(tx, Topic::RunDismissal, id.0).await?;
            dismissal::Entity::update(row.reset_all()).exec(&tx.conn).await?;
        } else {
            dismissal::Entity::insert(row)
                .exec_without_returning(&tx.conn)
                .await?;
        }
        journal::enqueue(tx, Topic::RunDismissal, id.0, at).await?;
        let data = json!({ "dismissal": id.to_string(), "effectiveAt": at, "reason": after.reason });
        journal::record(
            tx,
            &actor.author(),
            Action::DismissalScheduled,
            Some(person.id.into()),
            data,
        )
        .await?;
    }
    Ok(Dismissed {
        user: person,
        dismissal: after,
        handover: None,
        schedules_passed: Vec::new(),
        changed,
    })
}

/// What would be refused if the dismissal were carried out now, but that the person is still here.
async fn check_plan(tx: &Tx, actor: &Actor, command: &DismissUser, request: Request) -> Outcome<()> {
    let expected = command.expected_revision.as_deref();
    let (_, refusals) = plan::check(&tx.conn, tx.now, actor, &request, expected).await?;
    refuse_if_any(refusals)
}

/// Calls a scheduled dismissal off. Doing so twice changes nothing.
///
/// # Errors
/// [`Code::NotFound`] when none is scheduled, or none that the actor may know of: nobody learns of their own.
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
                    Some(row) if row.state == DismissalState::Cancelled => Ok(row),
                    _ => refuse(Code::NotFound, "userId", NOT_SCHEDULED),
                };
            };
            let row = cancel(tx, row, None).await?;
            let data = json!({ "dismissal": row.id.to_string() });
            journal::record(
                tx,
                &actor.author(),
                Action::DismissalCancelled,
                Some(person.into()),
                data,
            )
            .await?;
            Ok(row)
        },
    )
    .await
}

/// Carries out a scheduled dismissal whose time has come, in the name of the one who asked for it, as what they may do
/// at this moment. A refused handover does not keep the person in: what could not be handed over stands in `failure`
/// and stays with them.
///
/// # Errors
/// When the database fails or the lease went to another process; nothing has changed then.
pub async fn carry_out(db: &Db, id: DismissalId, lease: &Lease) -> Result<(), Error> {
    let attempt = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            let Some(read) = scheduled(tx, id, false).await? else {
                lease.renew(tx).await?;
                return Ok(lease.finish(tx).await?);
            };
            // People first and then what is about them, as a dismissal by somebody does: nobody waits in a circle.
            let named = named_in(&command(&read)?);
            let people = lock_people(tx, read.requested_by_id.unwrap_or(read.user_id), &named).await?;
            lease.renew(tx).await?;
            let Some(row) = scheduled(tx, id, true).await? else {
                return Ok(lease.finish(tx).await?);
            };
            let Some(actor) = requester::still_permitted(tx, &row, &people).await? else {
                let message = "the one who asked for it may not dismiss people any more";
                return refuse(Code::Invalid, "", message);
            };
            dismiss_now(tx, &actor, &command(&row)?).await
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
            Ok(journal::record(tx, &PROGRAM, Action::DismissalFailed, Some(person.into()), data).await?)
        })
        .await;
    noted.map_err(|failure| match failure {
        Failure::Broken(error) => error,
        Failure::Refused(reasons) => Error::Internal(format!("a failure was refused: {reasons:?}")),
    })
}

/// Locks the person out, and hands over what can be.
async fn dismiss_now(tx: &Tx, actor: &Actor, command: &DismissUser) -> Outcome<()> {
    let leaver = lock_out(tx, actor, command).await?;
    let (handover, refused) = hand_over_what_can_be(tx, actor, command, &leaver).await?;
    let failure = (!refused.is_empty()).then(|| messages(&refused));
    let done = write_down(tx, actor, command, leaver, handover, failure.clone()).await?;
    if failure.is_some() {
        let data = json!({ "dismissal": done.dismissal.id.to_string(), "failure": failure });
        let subject = Some(done.user.id.into());
        journal::record(tx, &PROGRAM, Action::HandoverRefused, subject, data).await?;
    }
    Ok(())
}

/// Queues the moves that nothing is wrong with; answers what is wrong with the others.
async fn hand_over_what_can_be(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: &Leaver,
) -> Outcome<(Option<Handover>, Vec<Refusal>)> {
    if command.require_permissions(actor).is_err() {
        let message = "the one who asked for it may not hand work over any more";
        return Ok((None, vec![Refusal::new(Code::Invalid, "", message)]));
    }
    let all = match queue_handover(tx, actor, command.request(), None, leaver).await {
        Ok(handover) => return Ok((handover, Vec::new())),
        Err(Failure::Refused(reasons)) => reasons,
        Err(broken) => return Err(broken),
    };
    let rest = command
        .request()
        .and_then(|request| without_refused(request, &all));
    if rest.is_none() {
        return Ok((None, all));
    }
    match queue_handover(tx, actor, rest, None, leaver).await {
        Ok(handover) => Ok((handover, all)),
        Err(Failure::Refused(_)) => Ok((None, all)),
        Err(broken) => Err(broken),
    }
}

/// The request without the moves that the refusals are about; `None` where nothing would be left, or a refusal is about no
/// move alone. What a refused move names is not the rest: it stays.
fn without_refused(request: Request, refusals: &[Refusal]) -> Option<Request> {
    let mut about = HashSet::new();
    let mut rest = request.rest;
    for refusal in refusals {
        if refusal.field.first().is_some_and(|field| field == REST) {
            rest = None;
        } else {
            about.insert(refusal.field.get(1)?.parse::<usize>().ok()?);
        }
    }
    let (refused, moves): (Vec<Move>, Vec<Move>) = request
        .moves
        .into_iter()
        .partition(|wanted| about.contains(&wanted.place));
    let spared = refused.into_iter().map(|wanted| wanted.kind).collect();
    (!moves.is_empty() || rest.is_some()).then_some(Request {
        moves,
        rest,
        spared,
        ..request
    })
}

fn messages(refusals: &[Refusal]) -> String {
    let texts: Vec<&str> = refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    texts.join("; ")
}

/// Everyone whom a dismissal is about: the person and the recipients.
fn named_in(command: &DismissUser) -> Vec<UserId> {
    let request = command.request();
    let recipients = request.iter().flat_map(start::people_named);
    recipients.chain([command.user]).collect()
}

/// The dismissal, if it is still to be carried out.
async fn scheduled(tx: &Tx, id: DismissalId, lock: bool) -> Result<Option<DismissalRow>, Error> {
    let mut query = dismissal::Entity::find_by_id(id);
    if lock {
        query = query.lock(LockType::NoKeyUpdate);
    }
    let found = query.one(&tx.conn).await?;
    Ok(found.filter(|row| row.state == DismissalState::Scheduled))
}

/// What a scheduled dismissal asks for.
fn command(row: &DismissalRow) -> Result<DismissUser, Error> {
    let kept = row.moves.as_deref().map(handover::from_json).transpose()?;
    let (moves, rest) = kept.unwrap_or_default();
    Ok(DismissUser {
        user: row.user_id,
        reason: row.reason.clone(),
        effective_at: None,
        handover: moves,
        rest,
        refused: Vec::new(),
        expected_revision: None,
        keep_secret_ids: row.keep_secret_ids.as_deref().map_or(Ok(Vec::new()), read_ids)?,
    })
}

/// The text in which the secrets that are to be kept wait for the time of the dismissal; `None` for none.
fn write_ids(ids: &[IntegrationSecretId]) -> Option<String> {
    let texts: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (!texts.is_empty()).then(|| json!(texts).to_string())
}

/// Reads what [`write_ids`] has written.
fn read_ids(text: &str) -> Result<Vec<IntegrationSecretId>, Error> {
    let texts: Vec<String> = serde_json::from_str(text).map_err(Error::internal)?;
    texts
        .iter()
        .map(|text| text.parse().map_err(Error::internal))
        .collect()
}
