//! Queries on dismissals, and their visibility.
//!
//! Planned dismissals and reasons are confidential, visible only to those who may dismiss people. Everybody else, the
//! person included, sees only that and since when a person has been dismissed, never the reason or the requester.

use std::collections::HashMap;

use entity::dismissal::{self, Column, DismissalState, Model as Dismissal};
use entity::{DepartmentId, DismissalId, Timestamp, UserId, user};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Returns all dismissals of each person, latest first.
///
/// # Errors
/// When the database fails.
pub async fn of_people(db: &Db, people: &[UserId]) -> Result<HashMap<UserId, Vec<Dismissal>>, Error> {
    let rows = dismissal::Entity::find()
        .filter(Column::UserId.is_in(people.iter().copied()))
        .order_by_desc(Column::Id)
        .all(db.read())
        .await?;
    let mut found: HashMap<UserId, Vec<Dismissal>> = HashMap::new();
    for row in rows {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[DismissalId]) -> Result<HashMap<DismissalId, Dismissal>, Error> {
    db::by_ids::<dismissal::Entity, _>(db.read(), Column::Id, ids, |row| row.id).await
}

/// Filter of dismissals.
#[derive(Debug, Clone, Default)]
pub struct DismissalFilter {
    /// States.
    pub state: Option<Vec<DismissalState>>,
    /// Person who is dismissed.
    pub user: Option<UserId>,
    /// Person who requested it.
    pub requested_by: Option<UserId>,
    /// Department of the person, without those below.
    pub department: Option<DepartmentId>,
    /// Takes effect at this time or later.
    pub effective_since: Option<Timestamp>,
    /// Takes effect before this time.
    pub effective_until: Option<Timestamp>,
    /// Whether something of it failed.
    pub failed: Option<bool>,
}

/// Returns a page of dismissals, newest first, without what is planned about the actor.
///
/// # Errors
/// [`Error::Forbidden`] without the permission; [`Error::BadInput`] for invalid arguments.
pub async fn dismissals(
    db: &Db,
    actor: &Actor,
    filter: &DismissalFilter,
    args: &PageArgs,
) -> Result<Page<Dismissal>, Error> {
    actor.require(Permission::DismissUsers)?;
    let planned = [DismissalState::Scheduled, DismissalState::Cancelled];
    let about_them = Condition::all()
        .add(Column::UserId.eq(actor.user_id))
        .add(Column::State.is_in(planned));
    let of_department = filter.department.map(|department| {
        let people = user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .filter(user::Column::DepartmentId.eq(department));
        Column::UserId.in_subquery(people.into_query())
    });
    let failed = filter.failed.map(|failed| match failed {
        true => Column::Failure.is_not_null(),
        false => Column::Failure.is_null(),
    });
    let condition = Condition::all()
        .add(about_them.not())
        .add_option(
            filter
                .state
                .as_ref()
                .map(|states| Column::State.is_in(states.iter().copied())),
        )
        .add_option(filter.user.map(|person| Column::UserId.eq(person)))
        .add_option(filter.requested_by.map(|person| Column::RequestedById.eq(person)))
        .add_option(of_department)
        .add_option(filter.effective_since.map(|at| Column::EffectiveAt.gte(at)))
        .add_option(filter.effective_until.map(|at| Column::EffectiveAt.lt(at)))
        .add_option(failed);
    let select = dismissal::Entity::find().filter(condition);
    let order = Order::by_id(Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Returns whether the actor may see reasons, authors and plans for `person`: never their own.
pub fn sees_confidential(actor: &Actor, person: UserId) -> bool {
    actor.may(Permission::DismissUsers) && actor.user_id != person
}

/// Returns whether the actor may see this dismissal.
pub fn is_visible(actor: &Actor, row: &Dismissal) -> bool {
    match row.state {
        DismissalState::InForce | DismissalState::Ended => true,
        DismissalState::Scheduled | DismissalState::Cancelled => sees_confidential(actor, row.user_id),
    }
}

/// Returns the dismissal in force, otherwise the scheduled one, if visible to the actor.
pub fn current<'a>(actor: &Actor, dismissals: &'a [Dismissal]) -> Option<&'a Dismissal> {
    let in_state = |state| {
        dismissals
            .iter()
            .find(move |row| row.state == state && is_visible(actor, row))
    };
    in_state(DismissalState::InForce).or_else(|| in_state(DismissalState::Scheduled))
}
