//! hireUser: the same account, the same credentials; the old tokens stay dead.

use std::collections::HashSet;
use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::user::UserStatus;
use entity::{UserId, dismissal, handover, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::rules::{self, Hiring, Person};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::undo;
use crate::domain::handover::undo::ReturnPlan;
use crate::domain::integrations::reach;
use crate::error::{Code, Error, Outcome, Refusal, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::Action;

/// What came of it.
#[derive(Debug)]
pub struct Hired {
    /// The person, as they stand now.
    pub user: user::Model,
    /// The dismissal that has ended.
    pub dismissal: Option<DismissalRow>,
    /// The handover that returns their work, where that was asked for and there is something to return.
    pub handover: Option<Handover>,
    /// Whether anything was done: not when they had come back before.
    pub changed: bool,
}

/// Brings a dismissed person back; with `return_work`, what was handed over since and nobody has given away since
/// comes back too: that needs REASSIGN_WORK besides. Asked for again, it answers what came of it the first time.
///
/// # Errors
/// [`Error::Forbidden`] without a permission; refusals of [`rules::hire`]; those of [`reach::may_change`];
/// [`Code::HandoverInProgress`] when their work is to return while it is still being handed over.
pub async fn hire_user(db: &Db, actor: &Actor, person: UserId, return_work: bool) -> Outcome<Hired> {
    let used_up = &match latest_of(db.read(), person).await? {
        Some(latest) if return_work && latest.state == DismissalState::InForce => {
            undo::used_up(db, person, latest.created_at).await?
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
            let Some(found) = user::Entity::find_by_id(person).one(&tx.conn).await? else {
                return refuse(Code::NotFound, "userId", "there is no such person");
            };
            reach::may_change(tx, actor, &found).await?;
            let latest = latest_of(&tx.conn, person).await?;
            let subject = Person {
                id: person,
                role: found.role,
                status: found.status,
            };
            let verdict = rules::hire(
                subject,
                actor.user_id,
                found.accepted_at.is_some(),
                latest.is_some(),
            )?;
            let Hiring::Returns(status) = verdict else {
                let returned = latest.as_ref().and_then(|row| row.return_id);
                return Ok(Hired {
                    user: found,
                    handover: match returned {
                        Some(id) => handover::Entity::find_by_id(id).one(&tx.conn).await?,
                        None => None,
                    },
                    dismissal: latest,
                    changed: false,
                });
            };
            let Some(latest) = latest else {
                return Err(Error::Internal("a dismissed person has no dismissal".to_owned()).into());
            };
            user::Entity::update_many()
                .col_expr(user::Column::Status, Expr::value(status))
                .col_expr(user::Column::DismissedAt, Expr::value(None::<entity::Timestamp>))
                .col_expr(user::Column::UpdatedAt, Expr::value(tx.now))
                .filter(user::Column::Id.eq(person))
                .exec(&tx.conn)
                .await?;
            let handover = if return_work {
                undo::queue_return(tx, actor, person, latest.created_at, used_up).await?
            } else {
                None
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
            journal::record(tx, &actor.author(), Action::UserHired, Some(person.into()), data).await?;
            let user = user::Entity::find_by_id(person).one(&tx.conn).await?;
            let user = user.ok_or_else(|| Error::Internal("a person vanished".to_owned()))?;
            let dismissal = dismissal::Entity::find_by_id(latest.id).one(&tx.conn).await?;
            Ok(Hired {
                user,
                dismissal,
                handover,
                changed: true,
            })
        },
    )
    .await
}

/// Says what `hire_user` would return with the work, and what refuses it. Writes nothing.
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
    let subject = Person {
        id: person,
        role: found.role,
        status: found.status,
    };
    let verdict = rules::hire(
        subject,
        actor.user_id,
        found.accepted_at.is_some(),
        latest.is_some(),
    );
    match (verdict, latest) {
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

/// The dismissal of somebody that is in force, or the last one that was.
async fn latest_of(conn: &impl ConnectionTrait, person: UserId) -> Result<Option<DismissalRow>, Error> {
    Ok(dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.is_in([DismissalState::InForce, DismissalState::Ended]))
        .order_by_desc(dismissal::Column::Id)
        .one(conn)
        .await?)
}
