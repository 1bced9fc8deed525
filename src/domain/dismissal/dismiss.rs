//! dismissUser: the lock-out, and the handover that is committed with it.

use crate::store::db::Db;
use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::integration_secret::Model as Secret;
use entity::outbox_message::Topic;
use entity::user::{Role, UserStatus};
use entity::{
    DismissalId, HandoverId, IntegrationSecretId, Timestamp, UserId, dismissal, handover as handovers, user,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::plan;
use super::requester::{self, Requester};
use super::rules::{self, Dismissal, Person};
use super::scheduled::{self, schedule};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission, links, session};
use crate::domain::handover;
use crate::domain::handover::{Move, REST, Recipient, Request, start};
use crate::domain::integrations::stop_secrets;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Most secrets that one dismissal keeps.
pub const MAX_KEPT: usize = 1_000;

/// The name of the input field that holds the moves.
const FIELD: &str = "handover";

/// What is asked for.
#[derive(Debug, Clone)]
pub struct DismissUser {
    /// Who leaves.
    pub user: UserId,
    /// Why.
    pub reason: Option<String>,
    /// When; `None` for now.
    pub effective_at: Option<Timestamp>,
    /// What happens to their work; `None` leaves it where it is.
    pub handover: Option<Vec<Move>>,
    /// Who gets everything open that no move names.
    pub rest: Option<Recipient>,
    /// The revision of the preview that this must still be true to.
    pub expected_revision: Option<String>,
    /// Secrets of integrations that the person was shown and that go on for a while.
    pub keep_secret_ids: Vec<IntegrationSecretId>,
    /// What was wrong with the request as it came in; it is refused then, together with what the rules say.
    pub refused: Vec<Refusal>,
}

/// What came of it.
#[derive(Debug)]
pub struct Dismissed {
    /// The person, as they stand now.
    pub user: user::Model,
    /// The dismissal in force.
    pub dismissal: DismissalRow,
    /// The handover that goes with it.
    pub handover: Option<Handover>,
    /// Dismissals that the person had scheduled: the one who dismisses them has taken these over.
    pub schedules_passed: Vec<DismissalRow>,
    /// Whether anything was done: not when all of it had been done before.
    pub changed: bool,
}

/// Locks a person out and queues the handover of their work, in one transaction: when this has answered, no
/// request of theirs is accepted any more and no write of theirs can commit.
///
/// Dismissing someone who is dismissed already changes nothing; a handover that is asked for and was not
/// before is queued. Handing work over needs REASSIGN_WORK besides.
///
/// # Errors
/// Refusals of [`rules::dismiss`] and of the handover; [`Error::Forbidden`] without a permission. Nothing is changed
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
                refuse_if_any(stop_secrets::check_kept(&tx.conn, actor, command.user, kept, tx.now).await?)?;
                if let Some(at) = command.effective_at {
                    return schedule(tx, actor, command, at).await;
                }
                let leaver = lock_out(tx, actor, command).await?;
                hand_over(tx, actor, command, leaver).await
            },
        )
        .await;
    match done {
        // The first reason was enough to stop. What else there is, the preview knows.
        Err(Failure::Refused(first)) => {
            let all = Box::pin(plan::preview(db, actor, command)).await?.refusals;
            Err(Failure::Refused(if all.is_empty() { first } else { all }))
        }
        done => done,
    }
}

impl DismissUser {
    /// Goes on only with the permissions for all that is asked for: to dismiss moves no work by itself.
    pub(super) fn require_permissions(&self, actor: &Actor) -> Result<(), Error> {
        match self.request() {
            Some(_) => actor.require(Permission::ReassignWork),
            None => Ok(()),
        }
    }

    /// The handover that is asked for.
    pub(super) fn request(&self) -> Option<Request> {
        (self.handover.is_some() || self.rest.is_some()).then(|| self.all_of_it())
    }

    /// The handover that is asked for; one of nothing where none is.
    pub(super) fn all_of_it(&self) -> Request {
        let about_moves = |refusal: &&Refusal| is_about_moves(refusal);
        Request {
            from: Some(self.user),
            leaving: self.effective_at.is_none(),
            later: self.effective_at.is_some(),
            moves: self.handover.clone().unwrap_or_default(),
            rest: self.rest.clone(),
            spared: Vec::new(),
            field: FIELD,
            refused: self.refused.iter().filter(about_moves).cloned().collect(),
        }
    }
}

/// Whether a refusal is about the handover of a dismissal.
pub(super) fn is_about_moves(refusal: &Refusal) -> bool {
    let field = refusal.field.first().map(String::as_str);
    [Some(FIELD), Some(REST)].contains(&field)
}

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
        planned: scheduled::of(tx, person.id).await?,
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
