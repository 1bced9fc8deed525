//! hireUser: the same account, the same credentials; the old tokens stay dead.

use std::sync::Arc;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::handover::Model as Handover;
use entity::{UserId, dismissal, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::rules::{self, Hiring, Person};
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission};
use crate::db::Tx;
use crate::error::{Code, Error, Outcome, refuse};
use crate::handover::undo;
use crate::integrations::reach;
use crate::journal::{self, Action};

/// What came of it.
#[derive(Debug)]
pub struct Hired {
    /// The person, as they stand now.
    pub user: user::Model,
    /// The dismissal that has ended.
    pub dismissal: Option<DismissalRow>,
    /// The handover that returns their work, where that was asked for and there is something to return.
    pub handover: Option<Handover>,
}

/// Brings a dismissed person back; with `return_work`, what was handed over since and is still with the one who
/// got it comes back too: that needs REASSIGN_WORK besides.
///
/// # Errors
/// [`Error::Forbidden`] without a permission; refusals of [`rules::hire`]; those of [`reach::may_change`];
/// [`Code::HandoverInProgress`] when their work is to return while it is still being handed over.
pub async fn hire_user(app: &App, actor: &Actor, person: UserId, return_work: bool) -> Outcome<Hired> {
    app.db
        .write_as(
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
                let latest = dismissal::Entity::find()
                    .filter(dismissal::Column::UserId.eq(person))
                    .filter(dismissal::Column::State.is_in([DismissalState::InForce, DismissalState::Ended]))
                    .order_by_desc(dismissal::Column::Id)
                    .one(&tx.conn)
                    .await?;
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
                    return Ok(Hired {
                        user: found,
                        dismissal: latest,
                        handover: None,
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
                dismissal::Entity::update_many()
                    .col_expr(dismissal::Column::State, Expr::value(DismissalState::Ended))
                    .col_expr(dismissal::Column::EndedAt, Expr::value(tx.now))
                    .filter(dismissal::Column::Id.eq(latest.id))
                    .exec(&tx.conn)
                    .await?;
                let handover = if return_work {
                    undo::queue_return(tx, actor, person, latest.created_at).await?
                } else {
                    None
                };
                let data = json!({
                    "dismissal": latest.id.to_string(),
                    "handover": handover.as_ref().map(|row| row.id.to_string()),
                });
                journal::record(tx, &actor.author(), Action::UserHired, Some(person.into()), data).await?;
                let user = user::Entity::find_by_id(person).one(&tx.conn).await?;
                let user = user.ok_or_else(|| Error::Internal("a person vanished".to_owned()))?;
                let dismissal = dismissal::Entity::find_by_id(latest.id).one(&tx.conn).await?;
                Ok(Hired {
                    user,
                    dismissal,
                    handover,
                })
            },
        )
        .await
}
