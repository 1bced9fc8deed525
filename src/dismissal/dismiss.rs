//! dismissUser and dismissUsers: the lock-out, and the handover that is committed with it.

use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::outbox_message::Topic;
use entity::user::{Role, UserStatus};
use entity::{DismissalId, IntegrationSecretId, Timestamp, UserId, dismissal, handover, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::rules::{self, Dismissal, Person};
use super::scheduled::{self, schedule};
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission, links, session};
use crate::db::Tx;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::handover::{Move, Request, start};
use crate::integrations::stop_secrets;
use crate::journal::{self, Action};

/// Most people in one `dismissUsers`.
pub const MAX_PEOPLE: usize = 1_000;

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
    /// The revision of the preview that this must still be true to.
    pub expected_revision: Option<String>,
    /// Secrets of integrations that the person was shown and that go on for a while.
    pub keep_secret_ids: Vec<IntegrationSecretId>,
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
}

/// Locks a person out and queues the handover of their work, in one transaction: when this has answered, no
/// request of theirs is accepted any more and no write of theirs can commit.
///
/// Dismissing someone who is dismissed already changes nothing; a handover that is asked for and was not
/// before is queued.
///
/// # Errors
/// Refusals of [`rules::dismiss`] and of the handover; nothing is changed then.
pub async fn dismiss_user(app: &App, actor: &Actor, command: &DismissUser) -> Outcome<Dismissed> {
    let request = command.request();
    let people: Vec<UserId> = request
        .iter()
        .flat_map(start::people_named)
        .chain([command.user])
        .collect();
    app.db
        .write_as(
            actor,
            Needs::PermissionOverPeople(Permission::DismissUsers, &people),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                let kept = &command.keep_secret_ids;
                refuse_if_any(stop_secrets::check_kept(&tx.conn, actor, command.user, kept, tx.now).await?)?;
                if let Some(at) = command.effective_at {
                    return schedule(tx, actor, command, at).await;
                }
                let leaver = lock_out(tx, actor, command).await?;
                hand_over(tx, actor, command, leaver).await
            },
        )
        .await
}

/// Dismisses several people: all of them or, when anything speaks against one, none. `together` says what holds for
/// all; whom it names is not looked at.
///
/// # Errors
/// As [`dismiss_user`], with the place in `userIds`; [`Code::TooMany`], [`Code::Invalid`] for an empty list or
/// somebody named twice.
pub async fn dismiss_users(
    app: &App,
    actor: &Actor,
    people: &[UserId],
    together: &DismissUser,
) -> Outcome<Vec<Dismissed>> {
    if people.is_empty() {
        return refuse(Code::Invalid, "userIds", "name at least one person");
    }
    if people.len() > MAX_PEOPLE {
        return refuse(
            Code::TooMany,
            "userIds",
            format!("at most {MAX_PEOPLE} people at once"),
        );
    }
    if people.iter().collect::<std::collections::HashSet<_>>().len() < people.len() {
        return refuse(Code::Invalid, "userIds", "somebody is named twice");
    }
    let commands: &Vec<DismissUser> = &people
        .iter()
        .map(|&user| DismissUser {
            user,
            ..together.clone()
        })
        .collect();
    let named: Vec<UserId> = commands[0]
        .request()
        .iter()
        .flat_map(start::people_named)
        .chain(people.iter().copied())
        .collect();
    app.db
        .write_as(
            actor,
            Needs::PermissionOverPeople(Permission::DismissUsers, &named),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                let mut leavers = Vec::with_capacity(commands.len());
                let mut refusals = Vec::new();
                if let Some(at) = together.effective_at {
                    let mut scheduled = Vec::with_capacity(commands.len());
                    for (place, command) in commands.iter().enumerate() {
                        note(
                            place,
                            schedule(tx, actor, command, at).await,
                            &mut scheduled,
                            &mut refusals,
                        )?;
                    }
                    refuse_if_any(refusals)?;
                    return Ok(scheduled);
                }
                // All of them are gone before any work is given away: none of it goes to another leaver.
                for (place, command) in commands.iter().enumerate() {
                    note(
                        place,
                        lock_out(tx, actor, command).await,
                        &mut leavers,
                        &mut refusals,
                    )?;
                }
                refuse_if_any(std::mem::take(&mut refusals))?;
                let mut done = Vec::with_capacity(commands.len());
                for (place, (command, leaver)) in commands.iter().zip(leavers).enumerate() {
                    note(
                        place,
                        hand_over(tx, actor, command, leaver).await,
                        &mut done,
                        &mut refusals,
                    )?;
                }
                refuse_if_any(refusals)?;
                Ok(done)
            },
        )
        .await
}

impl DismissUser {
    /// The handover that is asked for.
    pub(super) fn request(&self) -> Option<Request> {
        self.handover.clone().map(|moves| Request {
            from: Some(self.user),
            leaving: true,
            moves,
            field: FIELD,
        })
    }
}

/// Keeps what came of one of several people; refusals about the person name the place in the list.
fn note<T>(place: usize, outcome: Outcome<T>, done: &mut Vec<T>, refusals: &mut Vec<Refusal>) -> Outcome<()> {
    match outcome {
        Ok(one) => done.push(one),
        Err(Failure::Refused(mut reasons)) => {
            for reason in &mut reasons {
                if reason.field.first().is_some_and(|field| field == "userId") {
                    reason.field = vec!["userIds".to_owned(), place.to_string()];
                }
            }
            refusals.extend(reasons);
        }
        Err(broken) => return Err(broken),
    }
    Ok(())
}

/// Somebody who is locked out.
pub(super) enum Leaver {
    /// By this transaction, from this moment on; perhaps as it had been scheduled.
    Now(UserId, Timestamp, Option<DismissalRow>),
    /// By an earlier one.
    Already(DismissalRow),
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
    match rules::dismiss(subject, actor.user_id, &active_administrators(tx).await?)? {
        Dismissal::Already => return Ok(Leaver::Already(in_force(tx, person.id).await?)),
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
    stop_secrets::of_leaver(tx, actor, person.id, &command.keep_secret_ids).await?;
    links::end_for(tx, &actor.author(), person.id, links::Reason::Dismissed).await?;
    let sender = links::Sender::Person(person.id);
    links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderDismissed).await?;
    Ok(Leaver::Now(person.id, at, scheduled::of(tx, person.id).await?))
}

/// Writes the dismissal down, with the handover of the leaver's work.
pub(super) async fn hand_over(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: Leaver,
) -> Outcome<Dismissed> {
    let handover = match (&leaver, command.request()) {
        // What went with the dismissal has gone with it.
        (
            Leaver::Already(DismissalRow {
                handover_id: Some(id),
                ..
            }),
            _,
        ) => handover::Entity::find_by_id(*id).one(&tx.conn).await?,
        (_, Some(request)) => {
            Some(start::queue(tx, actor, &request, command.expected_revision.as_deref()).await?)
        }
        (_, None) => None,
    };
    let handover_id = handover.as_ref().map(|row| row.id);
    let dismissal = match leaver {
        Leaver::Already(row) if row.handover_id == handover_id => row,
        Leaver::Already(row) => {
            let attached = dismissal::ActiveModel {
                id: Set(row.id),
                handover_id: Set(handover_id),
                ..Default::default()
            };
            dismissal::Entity::update(attached).exec(&tx.conn).await?
        }
        Leaver::Now(person, at, planned) => {
            let row = dismissal::ActiveModel {
                id: Set(planned
                    .as_ref()
                    .map_or_else(|| DismissalId(tx.new_id()), |row| row.id)),
                user_id: Set(person),
                state: Set(DismissalState::InForce),
                effective_at: Set(at),
                reason: Set(command.reason.clone()),
                requested_by_id: Set(Some(actor.answerable())),
                handover_id: Set(handover_id),
                ended_at: Set(None),
                created_at: Set(tx.now),
                moves: Set(None),
                keep_secret_ids: Set(None),
                failure: Set(None),
            };
            let row = match planned {
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
            journal::record(
                tx,
                &actor.author(),
                Action::UserDismissed,
                Some(person.into()),
                data,
            )
            .await?;
            row
        }
    };
    let user = user::Entity::find_by_id(command.user).one(&tx.conn).await?;
    let user = user.ok_or_else(|| Error::Internal("a person vanished".to_owned()))?;
    Ok(Dismissed {
        user,
        dismissal,
        handover,
    })
}

pub(super) async fn in_force(tx: &Tx, person: UserId) -> Result<DismissalRow, Error> {
    dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::InForce))
        .one(&tx.conn)
        .await?
        .ok_or_else(|| Error::Internal("a dismissed person has no dismissal in force".to_owned()))
}

/// The administrators who are active and can sign in: those with a password. Their rows have to be locked by the caller's
/// transaction.
///
/// # Errors
/// When the database fails.
pub async fn active_administrators(tx: &Tx) -> Result<Vec<UserId>, Error> {
    Ok(user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .filter(user::Column::PasswordHash.is_not_null())
        .into_tuple()
        .all(&tx.conn)
        .await?)
}
