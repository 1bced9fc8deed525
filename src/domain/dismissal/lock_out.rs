//! The lock-out, and the record of the dismissal: steps shared by immediate and scheduled dismissals.

use std::time::Duration;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::integration_secret::Model as Secret;
use entity::outbox_message::Topic;
use entity::user::{Role, UserStatus};
use entity::{DismissalId, HandoverId, Timestamp, UserId, dismissal, handover as handovers, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::command::{DismissUser, Dismissed};
use super::planned;
use super::requester::{self, Requester};
use super::rules::{self, Dismissal, Person};
use crate::domain::auth::{Actor, links, session};
use crate::domain::handover;
use crate::domain::handover::{Request, start};
use crate::domain::integrations::known_secrets;
use crate::domain::webhooks;
use crate::error::{Code, Error, Outcome, refuse};
use crate::runtime::metrics::{self, labels::DismissalOrigin};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// A person who is locked out.
pub(super) enum Leaver {
    /// By this transaction.
    Now(LockedOut),
    /// By an earlier transaction.
    Already(DismissalRow, Ended),
}

/// A person locked out by this transaction.
pub(super) struct LockedOut {
    person: UserId,
    at: Timestamp,
    /// Their scheduled dismissal.
    planned: Option<DismissalRow>,
    ended: Ended,
}

/// What ends with a dismissal besides sessions.
#[derive(Default)]
pub(super) struct Ended {
    /// Secrets of integrations known to the person.
    pub secrets: Vec<Secret>,
    /// Dismissals the person had scheduled: transferred to the one who dismisses them, or cancelled.
    pub schedules: Vec<DismissalRow>,
}

impl Leaver {
    /// Returns what this transaction has ended.
    pub(super) fn ended(&self) -> &Ended {
        match self {
            Self::Now(gone) => &gone.ended,
            Self::Already(_, ended) => ended,
        }
    }
}

/// Locks a person out: once this commits, nothing they send is accepted. The caller's transaction must hold locks on
/// the administrators and on this person.
pub(super) async fn lock_out(
    tx: &Tx,
    actor: &Actor,
    origin: DismissalOrigin,
    command: &DismissUser,
) -> Outcome<Leaver> {
    let Some(person) = user::Entity::find_by_id(command.user).one(&tx.conn).await? else {
        return refuse(Code::NotFound, "userId", "there is no such person");
    };
    let administrators = active_administrators(&tx.conn).await?;
    match rules::dismiss(Person::from(&person), actor.user_id, &administrators)? {
        Dismissal::Already => {
            // What survived the first dismissal, because it was carried out with it or had a grace period, ends when a
            // person repeats it.
            let ended = match actor.integration {
                Some(_) => Ended::default(),
                None => Box::pin(end_access(tx, actor, command)).await?,
            };
            return Ok(Leaver::Already(in_force(tx, person.id).await?, ended));
        }
        Dismissal::LockOut => {}
    }
    // Taken after the lock: later than whatever held the person's row, such as a chunk that gave them work.
    let at = tx.current_time();
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Dismissed))
        .col_expr(user::Column::DismissedAt, Expr::value(at))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person.id))
        .exec(&tx.conn)
        .await?;
    session::end_all(tx, person.id, None).await?;
    let planned = planned::of(tx, person.id).await?;
    count_after_commit(tx, origin, planned.as_ref());
    Ok(Leaver::Now(LockedOut {
        person: person.id,
        at,
        planned,
        ended: Box::pin(end_access(tx, actor, command)).await?,
    }))
}

/// Counts the lock-out when it commits. A scheduled one begins when it was due.
fn count_after_commit(tx: &Tx, origin: DismissalOrigin, planned: Option<&DismissalRow>) {
    let late = match (origin, planned) {
        (DismissalOrigin::Schedule, Some(planned)) => (tx.now - planned.effective_at).to_std(),
        _ => Ok(Duration::ZERO),
    };
    let late = late.unwrap_or_default();
    tx.after_commit(move |took| metrics::dismissed(origin, late + took));
}

/// Returns who dismisses, unless a directory or a schedule does.
pub(super) fn origin(actor: &Actor) -> DismissalOrigin {
    match actor.integration {
        Some(_) => DismissalOrigin::Integration,
        None => DismissalOrigin::Person,
    }
}

/// Ends the secrets known to the person and the links for or by them, and transfers their pending requests.
async fn end_access(tx: &Tx, actor: &Actor, command: &DismissUser) -> Outcome<Ended> {
    let (person, author) = (command.user, &actor.author());
    let secrets = known_secrets::revoke_for_leaver(tx, actor, person, &command.keep_secret_ids).await?;
    webhooks::disable_known_to(tx, &actor.author(), person).await?;
    links::end_for(tx, author, person, links::Reason::Dismissed).await?;
    let sender = links::Sender::Person(person);
    links::end_sent_by(tx, author, sender, links::Reason::SenderDismissed).await?;
    handover::requester::transfer(tx, person, actor).await?;
    let authors = requester::authors(person, &secrets);
    // Anyone who knows the secret of this integration could still use what is transferred to it.
    let schedules = match known_secrets::uses_known_secret(tx, actor, person).await? {
        true => requester::cancel_all(tx, &authors, actor).await?,
        false => requester::transfer_all(tx, &authors, actor, "userId").await?,
    };
    Ok(Ended { secrets, schedules })
}

/// Queues the handover of the leaver's work, and records the dismissal.
pub(super) async fn hand_over(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: Leaver,
) -> Outcome<(Dismissed, Recorded)> {
    let expected = command.expected_revision.as_deref();
    let handover = queue_handover(tx, actor, command.request(), expected, &leaver).await?;
    record_dismissal(tx, actor, command, leaver, handover, None).await
}

/// Queues the requested handover; `None` if there is none. Nothing has been written when it refuses.
async fn queue_handover(
    tx: &Tx,
    actor: &Actor,
    request: Option<Request>,
    expected_revision: Option<&str>,
    leaver: &Leaver,
) -> Outcome<Option<Handover>> {
    if let Some(handover) = queued_before(tx, leaver).await? {
        return Ok(Some(handover));
    }
    match request {
        Some(request) => {
            let (queued, _) = start::queue(tx, actor, &request, expected_revision).await?;
            Ok(Some(queued))
        }
        None => Ok(None),
    }
}

/// Returns the handover that was queued with an earlier dismissal.
pub(super) async fn queued_before(tx: &Tx, leaver: &Leaver) -> Outcome<Option<Handover>> {
    match leaver {
        Leaver::Already(row, _) => match row.handover_id {
            Some(id) => Ok(handovers::Entity::find_by_id(id).one(&tx.conn).await?),
            None => Ok(None),
        },
        Leaver::Now(_) => Ok(None),
    }
}

/// Records the dismissal with its handover. `failure` describes the refused part of the handover.
pub(super) async fn record_dismissal(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: Leaver,
    handover: Option<Handover>,
    failure: Option<String>,
) -> Outcome<(Dismissed, Recorded)> {
    let handover_id = handover.as_ref().map(|row| row.id);
    let changed = match &leaver {
        Leaver::Already(row, _) => row.handover_id != handover_id,
        Leaver::Now(_) => true,
    };
    let (dismissal, ended, recorded) = match leaver {
        Leaver::Already(row, ended) if row.handover_id == handover_id => {
            (row, ended, Recorded::by_its_steps())
        }
        Leaver::Already(row, ended) => {
            let attached = dismissal::ActiveModel {
                id: Set(row.id),
                handover_id: Set(handover_id),
                ..Default::default()
            };
            let row = dismissal::Entity::update(attached).exec(&tx.conn).await?;
            (row, ended, Recorded::by_its_steps())
        }
        Leaver::Now(gone) => {
            let (row, recorded) = put_in_force(tx, actor, command, &gone, handover_id, failure).await?;
            (row, gone.ended, recorded)
        }
    };
    let user = user::Entity::find_by_id(command.user).one(&tx.conn).await?;
    let user = user.ok_or_else(|| Error::Internal("the row of a locked person is missing".to_owned()))?;
    let dismissed = Dismissed {
        user,
        dismissal,
        handover,
        schedules_passed: ended.schedules,
        changed,
    };
    Ok((dismissed, recorded))
}

/// Writes a dismissal in force, and its audit entry.
async fn put_in_force(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    gone: &LockedOut,
    handover_id: Option<HandoverId>,
    failure: Option<String>,
) -> Outcome<(DismissalRow, Recorded)> {
    let requester = Requester::acting(actor);
    let row = dismissal::ActiveModel {
        id: Set(gone
            .planned
            .as_ref()
            .map_or_else(|| DismissalId(tx.new_id()), |row| row.id)),
        user_id: Set(gone.person),
        state: Set(DismissalState::InForce),
        effective_at: Set(gone.at),
        reason: Set(command.reason.clone()),
        requested_by_id: Set(requester.person()),
        requested_by_integration_id: Set(requester.integration()),
        requested_by_secret_id: Set(actor.secret()),
        handover_id: Set(handover_id),
        return_id: Set(None),
        ended_at: Set(None),
        created_at: Set(tx.now),
        moves: Set(None),
        keep_secret_ids: Set(None),
        directory_id: Set(None),
        failure: Set(failure),
    };
    let row = match &gone.planned {
        Some(planned) => {
            journal::withdraw(tx, Topic::RunDismissal, planned.id.0).await?;
            dismissal::Entity::update(row).exec(&tx.conn).await?
        }
        None => {
            dismissal::Entity::insert(row)
                .exec_with_returning(&tx.conn)
                .await?
        }
    };
    let data = json!({
        "dismissal": row.id.to_string(),
        "reason": command.reason,
        "handover": handover_id.map(|id| id.to_string()),
    });
    let subject = Some(gone.person.into());
    let recorded = journal::record(tx, &actor.author(), Action::UserDismissed, subject, data).await?;
    Ok((row, recorded))
}

pub(super) async fn in_force(tx: &Tx, person: UserId) -> Result<DismissalRow, Error> {
    dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::InForce))
        .one(&tx.conn)
        .await?
        .ok_or_else(|| Error::Internal("a dismissed person has no dismissal in force".to_owned()))
}

/// Returns the active administrators who can sign in, that is, have a password. Callers that decide by them must hold
/// locks on their rows.
///
/// # Errors
/// When the database fails.
pub async fn active_administrators(conn: &impl ConnectionTrait) -> Result<Vec<UserId>, Error> {
    Ok(user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .filter(user::Column::PasswordHash.is_not_null())
        .into_tuple()
        .all(conn)
        .await?)
}
