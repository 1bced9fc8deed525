//! dismissUser and dismissUsers: the lock-out, and the handover that is committed with it.

use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::user::{Role, UserStatus};
use entity::{DismissalId, UserId, dismissal, handover, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::rules::{self, Dismissal, Person};
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission, session};
use crate::db::Tx;
use crate::error::{Code, Error, Failure, Outcome, Refusal, refuse};
use crate::handover::{Move, Request, start};
use crate::journal::{self, Action};

/// Most people in one `dismissUsers`.
pub const MAX_PEOPLE: usize = 1_000;

/// The name of the input field that holds the moves.
const FIELD: &str = "handover";

/// What is asked for.
#[derive(Debug)]
pub struct DismissUser {
    /// Who leaves.
    pub user: UserId,
    /// Why.
    pub reason: Option<String>,
    /// What happens to their work; `None` leaves it where it is.
    pub handover: Option<Vec<Move>>,
    /// The revision of the preview that this must still be true to.
    pub expected_revision: Option<String>,
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
            move |tx: Arc<Tx>| async move {
                let tx = &*tx;
                dismiss_one(tx, actor, command).await
            },
        )
        .await
}

/// Dismisses several people: all of them or, when anything speaks against one, none.
///
/// # Errors
/// As [`dismiss_user`], with the place in `userIds`; [`Code::TooMany`], [`Code::Invalid`] for an empty list or
/// somebody named twice.
pub async fn dismiss_users(
    app: &App,
    actor: &Actor,
    people: &[UserId],
    reason: Option<String>,
    moves: Option<Vec<Move>>,
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
            reason: reason.clone(),
            handover: moves.clone(),
            expected_revision: None,
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
            move |tx: Arc<Tx>| async move {
                let tx = &*tx;
                let mut done = Vec::with_capacity(commands.len());
                let mut refusals = Vec::new();
                for (place, command) in commands.iter().enumerate() {
                    let name_the_place = |refusal: &mut Refusal| {
                        if refusal.field.first().is_some_and(|field| field == "userId") {
                            refusal.field = vec!["userIds".to_owned(), place.to_string()];
                        }
                    };
                    match dismiss_one(tx, actor, command).await {
                        Ok(dismissed) => done.push(dismissed),
                        Err(Failure::Refused(mut reasons)) => {
                            reasons.iter_mut().for_each(name_the_place);
                            refusals.extend(reasons);
                        }
                        Err(broken) => return Err(broken),
                    }
                }
                crate::error::refuse_if_any(refusals)?;
                Ok(done)
            },
        )
        .await
}

impl DismissUser {
    fn request(&self) -> Option<Request> {
        self.handover.clone().map(|moves| Request {
            from: Some(self.user),
            leaving: true,
            moves,
            field: FIELD,
        })
    }
}

/// The operation itself. The caller's transaction holds the rows of the administrators and of this person.
async fn dismiss_one(tx: &Tx, actor: &Actor, command: &DismissUser) -> Outcome<Dismissed> {
    let Some(person) = user::Entity::find_by_id(command.user).one(&tx.conn).await? else {
        return refuse(Code::NotFound, "userId", "there is no such person");
    };
    let subject = Person {
        id: person.id,
        role: person.role,
        status: person.status,
    };
    let already = match rules::dismiss(subject, actor.user_id, &active_administrators(tx).await?)? {
        Dismissal::Already => Some(in_force(tx, person.id).await?),
        Dismissal::LocksOut => None,
    };
    let handover = match (&already, command.request()) {
        (
            Some(DismissalRow {
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

    let dismissal = match already {
        Some(row) if row.handover_id == handover_id => row,
        Some(row) => {
            let attached = dismissal::ActiveModel {
                id: Set(row.id),
                handover_id: Set(handover_id),
                ..Default::default()
            };
            dismissal::Entity::update(attached).exec(&tx.conn).await?
        }
        None => {
            // Not before whatever held the person's row has committed: a chunk that gave them work, say.
            let at = tx.moment();
            lock_out(tx, person.id, at).await?;
            let row = dismissal::ActiveModel {
                id: Set(DismissalId(tx.new_id())),
                user_id: Set(person.id),
                state: Set(DismissalState::InForce),
                effective_at: Set(at),
                reason: Set(command.reason.clone()),
                requested_by_id: Set(Some(actor.user_id)),
                handover_id: Set(handover_id),
                ended_at: Set(None),
                created_at: Set(tx.now),
            };
            let row = dismissal::Entity::insert(row)
                .exec_with_returning(&tx.conn)
                .await?;
            let data = json!({
                "dismissal": row.id.to_string(),
                "reason": command.reason,
                "handover": handover_id.map(|id| id.to_string()),
            });
            journal::record(
                tx,
                &actor.author(),
                Action::UserDismissed,
                Some(person.id.into()),
                data,
            )
            .await?;
            row
        }
    };
    let user = user::Entity::find_by_id(person.id).one(&tx.conn).await?;
    let user = user.ok_or_else(|| Error::Internal("a person vanished".to_owned()))?;
    Ok(Dismissed {
        user,
        dismissal,
        handover,
    })
}

/// From this commit on nothing that the person sends is accepted.
async fn lock_out(tx: &Tx, person: UserId, at: entity::Timestamp) -> Outcome<()> {
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(UserStatus::Dismissed))
        .col_expr(user::Column::DismissedAt, Expr::value(at))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person))
        .exec(&tx.conn)
        .await?;
    session::end_all(tx, person, None).await
}

async fn in_force(tx: &Tx, person: UserId) -> Result<DismissalRow, Error> {
    dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::InForce))
        .one(&tx.conn)
        .await?
        .ok_or_else(|| Error::Internal("a dismissed person has no dismissal in force".to_owned()))
}

/// The administrators who are active now. Their rows have to be locked by the caller's transaction.
///
/// # Errors
/// When the database fails.
pub async fn active_administrators(tx: &Tx) -> Result<Vec<UserId>, Error> {
    Ok(user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .into_tuple()
        .all(&tx.conn)
        .await?)
}
