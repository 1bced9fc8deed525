//! Dismissals on a date: scheduled with `effectiveAt`, called off, and carried out when their time has come.
//!
//! What speaks against a dismissal is looked at twice: when it is scheduled, so that mistakes come to light at once,
//! and when it is carried out. A check that fails then leaves the person where they are; the dismissal and the audit
//! log say why.

use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::outbox_message::Topic;
use entity::{DismissalId, IntegrationSecretId, SessionId, Timestamp, UserId, dismissal, user};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use super::dismiss::{DismissUser, Dismissed, active_administrators, hand_over, in_force, lock_out};
use super::rules::{self, Dismissal, Person};
use crate::app::App;
use crate::auth::guard::{Needs, lock_people};
use crate::auth::{Actor, Permission};
use crate::db::{Db, Tx};
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::handover::{self, Request, plan, start};
use crate::journal::{self, Action, Author};
use crate::outbox::Lease;

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
    if let Dismissal::Already = rules::dismiss(subject, actor.user_id, &active_administrators(tx).await?)? {
        let dismissal = in_force(tx, person.id).await?;
        return Ok(Dismissed {
            user: person,
            dismissal,
            handover: None,
        });
    }
    if let Some(request) = command.request() {
        check_plan(tx, actor, command, request).await?;
    }
    let before = of(tx, person.id).await?;
    let id = before
        .as_ref()
        .map_or_else(|| DismissalId(tx.new_id()), |row| row.id);
    let after = DismissalRow {
        id,
        user_id: person.id,
        state: DismissalState::Scheduled,
        effective_at: at,
        reason: command.reason.clone(),
        requested_by_id: Some(actor.answerable()),
        handover_id: None,
        ended_at: None,
        created_at: before.as_ref().map_or(tx.now, |row| row.created_at),
        moves: command.handover.as_deref().map(handover::to_json),
        keep_secret_ids: write_ids(&command.keep_secret_ids),
        failure: None,
    };
    if before.as_ref() != Some(&after) {
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
    })
}

/// What would be refused if the dismissal were carried out now, but that the person is still here.
async fn check_plan(tx: &Tx, actor: &Actor, command: &DismissUser, request: Request) -> Outcome<()> {
    let request = Request {
        leaving: false,
        ..request
    };
    let (parts, refusals) = plan::resolve(&tx.conn, actor, &request).await?;
    refuse_if_any(refusals)?;
    if let Some(expected) = &command.expected_revision
        && plan::count(&tx.conn, tx.now, request.from, &parts)
            .await?
            .revision
            != *expected
    {
        return Err(start::plan_changed().into());
    }
    Ok(())
}

/// The dismissal that is scheduled for somebody.
///
/// # Errors
/// When the database fails.
pub(super) async fn of(tx: &Tx, person: UserId) -> Result<Option<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .one(&tx.conn)
        .await?)
}

/// Calls a scheduled dismissal off. Doing so twice changes nothing.
///
/// # Errors
/// [`Code::NotFound`] when none is scheduled.
pub async fn cancel_dismissal(app: &App, actor: &Actor, person: UserId) -> Outcome<DismissalRow> {
    app.db
        .write_as(
            actor,
            Needs::PermissionOverPeople(Permission::DismissUsers, &[person]),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                let latest = dismissal::Entity::find()
                    .filter(dismissal::Column::UserId.eq(person))
                    .order_by_desc(dismissal::Column::Id)
                    .one(&tx.conn)
                    .await?;
                let Some(row) = of(tx, person).await? else {
                    return match latest {
                        Some(row) if row.state == DismissalState::Cancelled => Ok(row),
                        _ => refuse(
                            Code::NotFound,
                            "userId",
                            "no dismissal of this person is scheduled",
                        ),
                    };
                };
                let row = call_off(tx, row, None).await?;
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

async fn call_off(tx: &Tx, row: DismissalRow, failure: Option<String>) -> Outcome<DismissalRow> {
    journal::withdraw(tx, Topic::RunDismissal, row.id.0).await?;
    let cancelled = dismissal::ActiveModel {
        id: Set(row.id),
        state: Set(DismissalState::Cancelled),
        ended_at: Set(Some(tx.now)),
        failure: Set(failure),
        ..Default::default()
    };
    Ok(dismissal::Entity::update(cancelled).exec(&tx.conn).await?)
}

/// Carries out a scheduled dismissal whose time has come, as if the one who scheduled it had asked for it now.
///
/// # Errors
/// When the database fails or the lease went to another process; nothing has changed then.
pub async fn carry_out(db: &Db, id: DismissalId, lease: &Lease) -> Result<(), Error> {
    let attempt = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            lease.renew(tx).await?;
            let Some((row, command)) = find(tx, id).await? else {
                return Ok(lease.finish(tx).await?);
            };
            let requester = row.requested_by_id.unwrap_or(row.user_id);
            let named = command
                .request()
                .iter()
                .flat_map(start::people_named)
                .chain([row.user_id])
                .collect::<Vec<_>>();
            let people = lock_people(tx, requester, &named).await?;
            let actor = people
                .iter()
                .find(|person| person.id == requester)
                .map(requested_by)
                .ok_or_else(|| Error::internal("a dismissal that nobody asked for"))?;
            let leaver = lock_out(tx, &actor, &command).await?;
            hand_over(tx, &actor, &command, leaver).await.map(drop)
        })
        .await;
    let reasons = match attempt {
        Ok(()) => return Ok(()),
        Err(Failure::Broken(error)) => return Err(error),
        Err(Failure::Refused(reasons)) => reasons,
    };
    let tell = |reason: &Refusal| reason.message.clone();
    let failure = &reasons.iter().map(tell).collect::<Vec<_>>().join("; ");
    let noted = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            lease.renew(tx).await?;
            let Some((row, _)) = find(tx, id).await? else {
                return Ok(lease.finish(tx).await?);
            };
            let person = row.user_id;
            call_off(tx, row, Some(failure.clone())).await?;
            let data = json!({ "dismissal": id.to_string(), "failure": failure });
            let author = Author::Program("scheduled dismissal");
            Ok(journal::record(tx, &author, Action::DismissalFailed, Some(person.into()), data).await?)
        })
        .await;
    noted.map_err(|failure| match failure {
        Failure::Broken(error) => error,
        Failure::Refused(reasons) => Error::Internal(format!("a failure was refused: {reasons:?}")),
    })
}

/// The dismissal, if it is still to be carried out, and what it asks for.
async fn find(tx: &Tx, id: DismissalId) -> Result<Option<(DismissalRow, DismissUser)>, Error> {
    let found = dismissal::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let Some(row) = found.filter(|row| row.state == DismissalState::Scheduled) else {
        return Ok(None);
    };
    let command = DismissUser {
        user: row.user_id,
        reason: row.reason.clone(),
        effective_at: None,
        handover: row.moves.as_deref().map(handover::from_json).transpose()?,
        expected_revision: None,
        keep_secret_ids: row.keep_secret_ids.as_deref().map_or(Ok(Vec::new()), read_ids)?,
    };
    Ok(Some((row, command)))
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

/// The one who scheduled it, with the role that they have now.
fn requested_by(person: &user::Model) -> Actor {
    Actor {
        user_id: person.id,
        session_id: SessionId(Uuid::nil()),
        role: person.role,
        email: person.email.clone(),
        dismissed_shown: true,
        settled: false,
        integration: None,
    }
}
