//! hireUser: restores the account with its credentials; old tokens stay invalid.

use std::collections::HashSet;
use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::user::{self, Model as User, UserStatus};
use entity::{HandoverId, UserId, dismissal, handover};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::rules::{self, Hiring, Person};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::undo;
use crate::domain::handover::undo::ReturnPlan;
use crate::domain::integrations::reach;
use crate::domain::people::create;
use crate::error::{Code, Error, Outcome, Refusal, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Result of rehiring.
#[derive(Debug)]
pub struct Hired {
    /// The person after the operation.
    pub user: User,
    /// The dismissal that ended.
    pub dismissal: Option<DismissalRow>,
    /// The handover that returns their work, if requested and there is any.
    pub handover: Option<Handover>,
    /// False if they had been rehired before.
    pub changed: bool,
}

/// Rehires a dismissed person. `return_work` additionally returns the work that was handed over and not reassigned
/// since, and needs REASSIGN_WORK. Idempotent: a repeated call returns the first result.
///
/// # Errors
/// [`Error::Forbidden`] without a permission; refusals of [`rules::hire`]; those of [`reach::may_change`];
/// [`Code::EmailTaken`] if somebody else has their address now;
/// [`Code::HandoverInProgress`] if work is to be returned while it is still being handed over.
pub async fn hire_user(db: &Db, actor: &Actor, person: UserId, return_work: bool) -> Outcome<Hired> {
    let exhausted = &match latest_of(db.read(), person).await? {
        Some(latest) if return_work && latest.state == DismissalState::InForce => {
            undo::exhausted(db, person, latest.created_at).await?
        }
        _ => HashSet::new(),
    };
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::HireUsers, &[person]),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            if return_work {
                actor.require(Permission::ReassignWork)?;
            }
            let found = create::find(tx, person, "userId").await?;
            reach::may_change(tx, actor, &found).await?;
            if found.has_given_up_address() {
                let message = "somebody else has the e-mail address of this person now: change it first";
                return refuse(Code::EmailTaken, "userId", message);
            }
            let latest = latest_of(&tx.conn, person).await?;
            match (decide(&found, actor, latest.as_ref())?, latest) {
                (Hiring::Already, latest) => repeat_result(tx, found, latest).await,
                (Hiring::Returns(status), Some(latest)) => {
                    rehire(tx, actor, &latest, status, return_work.then_some(exhausted)).await
                }
                (Hiring::Returns(_), None) => {
                    Err(Error::Internal("a dismissed person has no dismissal".to_owned()).into())
                }
            }
        },
    )
    .await
}

/// Applies the rules to a person and their latest dismissal.
fn decide(person: &User, actor: &Actor, latest: Option<&DismissalRow>) -> Result<Hiring, Refusal> {
    let accepted = person.accepted_at.is_some();
    rules::hire(Person::from(person), actor.user_id, accepted, latest.is_some())
}

/// Returns the result of the earlier rehiring.
async fn repeat_result(tx: &Tx, user: User, dismissal: Option<DismissalRow>) -> Outcome<(Hired, Recorded)> {
    let handover = match dismissal.as_ref().and_then(|row| row.return_id) {
        Some(id) => handover::Entity::find_by_id(id).one(&tx.conn).await?,
        None => None,
    };
    let hired = Hired {
        user,
        dismissal,
        handover,
        changed: false,
    };
    Ok((hired, Recorded::nothing_changed()))
}

/// Lets the person sign in again, and ends the dismissal. Returns their work if `exhausted` is given: the handovers of
/// which nothing is left to return.
pub(super) async fn rehire(
    tx: &Tx,
    actor: &Actor,
    latest: &DismissalRow,
    status: UserStatus,
    exhausted: Option<&HashSet<HandoverId>>,
) -> Outcome<(Hired, Recorded)> {
    let person = latest.user_id;
    user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(status))
        .col_expr(user::Column::DismissedAt, Expr::value(None::<entity::Timestamp>))
        .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
        .filter(user::Column::Id.eq(person))
        .exec(&tx.conn)
        .await?;
    let handover = match exhausted {
        Some(exhausted) => undo::queue_return(tx, actor, person, latest.created_at, exhausted).await?,
        None => None,
    };
    let returned = handover.as_ref().map(|row| row.id);
    dismissal::Entity::update_many()
        .col_expr(dismissal::Column::State, Expr::value(DismissalState::Ended))
        .col_expr(dismissal::Column::EndedAt, Expr::value(tx.now))
        .col_expr(dismissal::Column::ReturnId, Expr::value(returned))
        .filter(dismissal::Column::Id.eq(latest.id))
        .exec(&tx.conn)
        .await?;
    let data = json!({
        "dismissal": latest.id.to_string(),
        "handover": returned.map(|id| id.to_string()),
    });
    let recorded = journal::record(tx, &actor.author(), Action::UserHired, Some(person.into()), data).await?;
    let user = user::Entity::find_by_id(person).one(&tx.conn).await?;
    let user = user.ok_or_else(|| Error::Internal("the row of a locked person is missing".to_owned()))?;
    let dismissal = dismissal::Entity::find_by_id(latest.id).one(&tx.conn).await?;
    let hired = Hired {
        user,
        dismissal,
        handover,
        changed: true,
    };
    Ok((hired, recorded))
}

/// Previews the work that `hire_user` would return, and its refusals. Writes nothing.
///
/// # Errors
/// [`Error::Forbidden`] as for the operation itself, or when the database fails.
pub async fn preview_return(db: &Db, actor: &Actor, person: UserId) -> Result<ReturnPlan, Error> {
    actor.require(Permission::HireUsers)?;
    actor.require(Permission::ReassignWork)?;
    let conn = db.read();
    let refused = |refusal| {
        Ok(ReturnPlan {
            refusals: vec![refusal],
            ..ReturnPlan::default()
        })
    };
    let Some(found) = user::Entity::find_by_id(person).one(conn).await? else {
        return refused(Refusal::new(Code::NotFound, "userId", "there is no such person"));
    };
    reach::may_change_in(conn, actor, &found).await?;
    let latest = latest_of(conn, person).await?;
    match (decide(&found, actor, latest.as_ref()), latest) {
        (Ok(Hiring::Returns(_)), Some(latest)) => {
            undo::plan_return(conn, actor, person, latest.created_at).await
        }
        (Ok(_), _) => Ok(ReturnPlan::default()),
        (Err(refusal), latest) => {
            let mut plan = match latest {
                Some(latest) if found.status == UserStatus::Dismissed => {
                    undo::plan_return(conn, actor, person, latest.created_at).await?
                }
                _ => ReturnPlan::default(),
            };
            plan.refusals.insert(0, refusal);
            Ok(plan)
        }
    }
}

/// Returns the latest dismissal of a person that is or was in force.
async fn latest_of(conn: &impl ConnectionTrait, person: UserId) -> Result<Option<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.is_in([DismissalState::InForce, DismissalState::Ended]))
        .order_by_desc(dismissal::Column::Id)
        .one(conn)
        .await?)
}
