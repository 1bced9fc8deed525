//! Locks a person out, and writes the dismissal down: the steps that dismissals at once and on a date share.

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
use crate::domain::integrations::stop_secrets;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Somebody who is locked out.
pub(super) enum Leaver {
    /// By this transaction.
    Now(LockedOut),
    /// By an earlier one.
    Already(DismissalRow, Ended),
}

/// Somebody whom this transaction locks out.
pub(super) struct LockedOut {
    person: UserId,
    at: Timestamp,
    /// As it had been scheduled.
    planned: Option<DismissalRow>,
    ended: Ended,
}

/// What ends beside the sessions of somebody who is dismissed.
#[derive(Default)]
pub(super) struct Ended {
    /// Secrets of integrations that they were shown.
    pub secrets: Vec<Secret>,
    /// Dismissals that they had scheduled: passed to the one who dismisses them, or cancelled.
    pub schedules: Vec<DismissalRow>,
}

impl Leaver {
    /// What has ended in this transaction.
    pub(super) fn ended(&self) -> &Ended {
        match self {
            Self::Now(gone) => &gone.ended,
            Self::Already(_, ended) => ended,
        }
    }
}

/// From this commit on nothing that the person sends is accepted. The caller's transaction holds the rows of the
/// administrators and of this person.
pub(super) async fn lock_out(tx: &Tx, actor: &Actor, command: &DismissUser) -> Outcome<Leaver> {
    let Some(person) = user::Entity::find_by_id(command.user).one(&tx.conn).await? else {
        return refuse(Code::NotFound, "userId", "there is no such person");
    };
    let subject = Person {
        id: person.id,
        role: person.role,
        status: person.status,
    };
    match rules::dismiss(subject, actor.user_id, &active_administrators(&tx.conn).await?)? {
        Dismissal::Already => {
            // What a first dismissal let live on, because it was carried out by it or kept for a while, ends with the
            // next one by a person.
            let ended = match actor.integration {
                Some(_) => Ended::default(),
                None => Box::pin(end_what_they_know(tx, actor, command)).await?,
            };
            return Ok(Leaver::Already(in_force(tx, person.id).await?, ended));
        }
        Dismissal::LocksOut => {}
    }
    // Not before whatever held the person's row has committed: a chunk that gave them work, say.
    let at = tx.moment();
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Dismissed))
        .col_expr(user::Column::DismissedAt, Expr::value(at))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person.id))
        .exec(&tx.conn)
        .await?;
    session::end_all(tx, person.id, None).await?;
    Ok(Leaver::Now(LockedOut {
        person: person.id,
        at,
        planned: planned::of(tx, person.id).await?,
        ended: Box::pin(end_what_they_know(tx, actor, command)).await?,
    }))
}

/// Ends the secrets that the person was shown, the links that are for them or by them, and passes on what they have asked
/// for and is still to come.
async fn end_what_they_know(tx: &Tx, actor: &Actor, command: &DismissUser) -> Outcome<Ended> {
    let (person, author) = (command.user, &actor.author());
    let secrets = stop_secrets::of_leaver(tx, actor, person, &command.keep_secret_ids).await?;
    links::end_for(tx, author, person, links::Reason::Dismissed).await?;
    let sender = links::Sender::Person(person);
    links::end_sent_by(tx, author, sender, links::Reason::SenderDismissed).await?;
    handover::requester::pass_on(tx, person, actor).await?;
    let authors = requester::authors(person, &secrets);
    // Who knows the secret that carries this out would still reach what passes to it.
    let schedules = match stop_secrets::acts_by_known_secret(tx, actor, person).await? {
        true => requester::cancel_all(tx, &authors, actor).await?,
        false => requester::pass_on_all(tx, &authors, actor, "userId").await?,
    };
    Ok(Ended { secrets, schedules })
}

/// Queues the handover of the leaver's work, and writes the dismissal down with it.
pub(super) async fn hand_over(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: Leaver,
) -> Outcome<Dismissed> {
    let expected = command.expected_revision.as_deref();
    let handover = queue_handover(tx, actor, command.request(), expected, &leaver).await?;
    write_down(tx, actor, command, leaver, handover, None).await
}

/// Queues the handover that is asked for; `None` when there is none. Before a refusal nothing has been written.
pub(super) async fn queue_handover(
    tx: &Tx,
    actor: &Actor,
    request: Option<Request>,
    expected_revision: Option<&str>,
    leaver: &Leaver,
) -> Outcome<Option<Handover>> {
    // What went with the dismissal has gone with it.
    if let Leaver::Already(row, _) = leaver
        && let Some(id) = row.handover_id
    {
        return Ok(handovers::Entity::find_by_id(id).one(&tx.conn).await?);
    }
    match request {
        Some(request) => Ok(Some(start::queue(tx, actor, &request, expected_revision).await?)),
        None => Ok(None),
    }
}

/// Writes the dismissal down, with its handover. `failure` is what of the handover was refused.
pub(super) async fn write_down(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: Leaver,
    handover: Option<Handover>,
    failure: Option<String>,
) -> Outcome<Dismissed> {
    let handover_id = handover.as_ref().map(|row| row.id);
    let changed = match &leaver {
        Leaver::Already(row, _) => row.handover_id != handover_id,
        Leaver::Now(_) => true,
    };
    let (dismissal, ended) = match leaver {
        Leaver::Already(row, ended) if row.handover_id == handover_id => (row, ended),
        Leaver::Already(row, ended) => {
            let attached = dismissal::ActiveModel {
                id: Set(row.id),
                handover_id: Set(handover_id),
                ..Default::default()
            };
            let row = dismissal::Entity::update(attached).exec(&tx.conn).await?;
            (row, ended)
        }
        Leaver::Now(gone) => {
            let row = put_in_force(tx, actor, command, &gone, handover_id, failure).await?;
            (row, gone.ended)
        }
    };
    let user = user::Entity::find_by_id(command.user).one(&tx.conn).await?;
    let user = user.ok_or_else(|| Error::Internal("a person vanished".to_owned()))?;
    Ok(Dismissed {
        user,
        dismissal,
        handover,
        schedules_passed: ended.schedules,
        changed,
    })
}

/// The row of a dismissal that is in force from now on, with its audit entry.
async fn put_in_force(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    gone: &LockedOut,
    handover_id: Option<HandoverId>,
    failure: Option<String>,
) -> Outcome<DismissalRow> {
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
    journal::record(tx, &actor.author(), Action::UserDismissed, subject, data).await?;
    Ok(row)
}

pub(super) async fn in_force(tx: &Tx, person: UserId) -> Result<DismissalRow, Error> {
    dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::InForce))
        .one(&tx.conn)
        .await?
        .ok_or_else(|| Error::Internal("a dismissed person has no dismissal in force".to_owned()))
}

/// The administrators who are active and can sign in: those with a password. Whoever decides by them has locked their
/// rows.
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
