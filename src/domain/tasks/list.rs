//! Queries on tasks. [`access`](super::access) decides on visibility.

use std::collections::HashMap;

use entity::task::{self, TaskStatus};
use entity::task_member::{self, MemberRole};
use entity::{DepartmentId, TaskId, Timestamp, UserId};
use sea_orm::sea_query::{IntoCondition, SimpleExpr};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    Select,
};

use super::access::TASKS;
use crate::domain::auth::{Actor, Permission};
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// Role of a person in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskRole {
    /// Is responsible.
    Responsible,
    /// Created it.
    Creator,
    /// Participates.
    Participant,
    /// Observes.
    Observer,
}

/// Filter of tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// This person has a role in it.
    pub user: Option<UserId>,
    /// Role of that person; defaults to any. Requires `user` or `held_by_dismissed`.
    pub role: Option<TaskRole>,
    /// One of these statuses.
    pub status: Option<Vec<TaskStatus>>,
    /// Open or closed.
    pub open: Option<bool>,
    /// Whether somebody in the role is dismissed; the role defaults to the responsible person.
    pub held_by_dismissed: Option<bool>,
    /// Text in the title.
    pub search: Option<String>,
    /// Department of the responsible person, subdepartments included.
    pub department: Option<DepartmentId>,
    /// Due before this time.
    pub deadline_before: Option<Timestamp>,
    /// Changed at or after this time.
    pub updated_since: Option<Timestamp>,
}

/// Returns a page of the tasks visible to the actor, newest first.
///
/// # Errors
/// [`Error::BadInput`] for invalid arguments.
pub async fn tasks(
    db: &Db,
    actor: &Actor,
    filter: &TaskFilter,
    args: &PageArgs,
) -> Result<Page<task::Model>, Error> {
    let select = visible(db.read(), actor, filter)?;
    let order = Order::by_id(task::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// Selects the tasks that are visible to the actor and match the filter.
///
/// # Errors
/// As [`tasks`].
pub fn visible(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    filter: &TaskFilter,
) -> Result<Select<task::Entity>, Error> {
    actor.require_work_access()?;
    let backend = conn.get_database_backend();
    let mut select = task::Entity::find();
    if !actor.may(Permission::ReadWork) {
        let visible = sql_condition(backend, &TASKS.visible(), &[actor.user_id.into()]);
        select = select.filter(visible);
    }
    Ok(select.filter(matching(backend, filter)?))
}

/// Returns the condition of a filter, regardless of visibility.
fn matching(backend: DbBackend, filter: &TaskFilter) -> Result<Condition, Error> {
    use task::Column;
    let of_department = |department: DepartmentId| {
        let sql = format!("tasks.responsible_id IN {}", tree::people_below("$1"));
        sql_condition(backend, &sql, &[department.into()])
    };
    let status = filter.status.as_ref();
    let dismissed = filter.held_by_dismissed;
    Ok(Condition::all()
        .add_option(part_of_user(backend, filter)?)
        .add_option(status.map(|status| Column::Status.is_in(status.iter().copied())))
        .add_option(filter.open.map(|open| Column::Closed.eq(!open)))
        .add_option(dismissed.map(|dismissed| held_by_dismissed(filter.role, dismissed)))
        .add_option(input::search(Column::SearchText, filter.search.as_deref())?)
        .add_option(filter.department.map(of_department))
        .add_option(filter.deadline_before.map(|before| Column::Deadline.lt(before)))
        .add_option(filter.updated_since.map(|since| Column::UpdatedAt.gte(since))))
}

/// Returns the condition that the filter's person has the filter's role.
fn part_of_user(backend: DbBackend, filter: &TaskFilter) -> Result<Option<Condition>, Error> {
    use task::Column;
    let Some(user) = filter.user else {
        if filter.role.is_some() && filter.held_by_dismissed.is_none() {
            let needed = "filter.role needs filter.userId or filter.heldByDismissed";
            return Err(Error::BadInput(needed.to_owned()));
        }
        return Ok(None);
    };
    let as_member = |role: &str| {
        let members =
            format!("SELECT m.task_id FROM task_members m WHERE m.user_id = $1 AND m.role = '{role}'");
        sql_condition(backend, &format!("tasks.id IN ({members})"), &[user.into()])
    };
    Ok(Some(match filter.role {
        Some(TaskRole::Responsible) => Column::ResponsibleId.eq(user).into_condition(),
        Some(TaskRole::Creator) => Column::CreatorId.eq(user).into_condition(),
        Some(TaskRole::Participant) => as_member("PARTICIPANT"),
        Some(TaskRole::Observer) => as_member("OBSERVER"),
        None => sql_condition(backend, &TASKS.has_role_of("($1)"), &[user.into()]),
    }))
}

/// Returns the condition on whether somebody in this role is dismissed.
fn held_by_dismissed(role: Option<TaskRole>, dismissed: bool) -> SimpleExpr {
    let holders = match role {
        None | Some(TaskRole::Responsible) => "(tasks.responsible_id)",
        Some(TaskRole::Creator) => "(tasks.creator_id)",
        Some(TaskRole::Participant) => {
            "(SELECT m.user_id FROM task_members m WHERE m.task_id = tasks.id AND m.role = 'PARTICIPANT')"
        }
        Some(TaskRole::Observer) => {
            "(SELECT m.user_id FROM task_members m WHERE m.task_id = tasks.id AND m.role = 'OBSERVER')"
        }
    };
    tree::any_dismissed(holders, dismissed)
}

/// Returns tasks by id, without a permission check: for tasks already known to be visible, such as subjects of a
/// ledger.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[TaskId]) -> Result<HashMap<TaskId, task::Model>, Error> {
    db::by_ids::<task::Entity, _>(db.read(), task::Column::Id, ids, |row| row.id).await
}

/// Returns the members of each task.
///
/// # Errors
/// When the database fails.
pub async fn members(db: &Db, ids: &[TaskId]) -> Result<HashMap<TaskId, Vec<(MemberRole, UserId)>>, Error> {
    let rows = task_member::Entity::find()
        .filter(task_member::Column::TaskId.is_in(ids.iter().copied()))
        .order_by_asc(task_member::Column::UserId)
        .all(db.read())
        .await?;
    let mut found: HashMap<TaskId, Vec<(MemberRole, UserId)>> = HashMap::new();
    for row in rows {
        found
            .entry(row.task_id)
            .or_default()
            .push((row.role, row.user_id));
    }
    Ok(found)
}

/// Returns the name of a status in the API.
pub fn status_name(status: TaskStatus) -> String {
    status.to_value()
}
