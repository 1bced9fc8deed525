//! Reads of tasks. Who may see which is decided in [`access`](super::access).

use std::collections::HashMap;

use entity::task::{self, TaskStatus};
use entity::task_member::{self, MemberRole};
use entity::{DepartmentId, TaskId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, LikeExpr};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::access::TASKS;
use crate::domain::auth::{Actor, Permission};
use crate::domain::people::tree;
use crate::error::Error;
use crate::store::db::{Db, sql_condition};
use crate::store::input;
use crate::store::page;
use crate::store::page::{Order, Page, PageArgs};

/// The part that someone plays in a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskRole {
    /// Does it.
    Responsible,
    /// Has set it.
    Creator,
    /// Assists.
    Participant,
    /// Follows.
    Observer,
}

/// Which tasks.
#[derive(Debug, Clone, Default)]
pub struct TaskFilter {
    /// In which this person plays a part.
    pub user: Option<UserId>,
    /// The part that is meant; any, when left out. It needs `user` or `held_by_dismissed`.
    pub role: Option<TaskRole>,
    /// How far they have come.
    pub status: Option<Vec<TaskStatus>>,
    /// Open ones, or closed ones.
    pub open: Option<bool>,
    /// Of which somebody in that part is dismissed, or nobody is; the responsible, when none is meant.
    pub held_by_dismissed: Option<bool>,
    /// In the title.
    pub search: Option<String>,
    /// Whose responsible is in this department or below.
    pub department: Option<DepartmentId>,
    /// Due before this moment.
    pub deadline_before: Option<Timestamp>,
    /// Changed at this moment or later.
    pub updated_since: Option<Timestamp>,
}

/// A page of the tasks that the actor may see, the newest first.
///
/// # Errors
/// [`Error::BadInput`] for arguments that make no sense.
pub async fn tasks(
    db: &Db,
    actor: &Actor,
    filter: &TaskFilter,
    args: &PageArgs,
) -> Result<Page<task::Model>, Error> {
    actor.require_sight_of_work()?;
    let mut select = task::Entity::find();
    if !actor.may(Permission::ReadWork) {
        select = select.filter(sql_condition(
            db.backend(),
            &TASKS.visible(),
            &[actor.user_id.into()],
        ));
    }
    match (filter.user, filter.role) {
        (None, None) => {}
        (None, Some(_)) if filter.held_by_dismissed.is_some() => {}
        (None, Some(_)) => {
            let needed = "filter.role needs filter.userId or filter.heldByDismissed";
            return Err(Error::BadInput(needed.to_owned()));
        }
        (Some(user), Some(TaskRole::Responsible)) => {
            select = select.filter(task::Column::ResponsibleId.eq(user))
        }
        (Some(user), Some(TaskRole::Creator)) => select = select.filter(task::Column::CreatorId.eq(user)),
        (Some(user), role) => {
            let part = match role {
                Some(TaskRole::Participant) => "m.role = 'PARTICIPANT'",
                Some(_) => "m.role = 'OBSERVER'",
                None => "TRUE",
            };
            let mut sql = format!("SELECT m.task_id FROM task_members m WHERE m.user_id = $1 AND {part}");
            if role.is_none() {
                sql += " UNION SELECT t.id FROM tasks t WHERE t.creator_id = $1 \
                         UNION SELECT t.id FROM tasks t WHERE t.responsible_id = $1";
            }
            select = select.filter(sql_condition(
                db.backend(),
                &format!("tasks.id IN ({sql})"),
                &[user.into()],
            ));
        }
    }
    if let Some(status) = &filter.status {
        select = select.filter(task::Column::Status.is_in(status.iter().copied()));
    }
    if let Some(open) = filter.open {
        select = select.filter(task::Column::Closed.eq(!open));
    }
    if let Some(dismissed) = filter.held_by_dismissed {
        let not = if dismissed { "" } else { "NOT" };
        let holders = match filter.role {
            None | Some(TaskRole::Responsible) => "(tasks.responsible_id)",
            Some(TaskRole::Creator) => "(tasks.creator_id)",
            Some(TaskRole::Participant) => {
                "(SELECT m.user_id FROM task_members m WHERE m.task_id = tasks.id AND m.role = 'PARTICIPANT')"
            }
            Some(TaskRole::Observer) => {
                "(SELECT m.user_id FROM task_members m WHERE m.task_id = tasks.id AND m.role = 'OBSERVER')"
            }
        };
        select = select.filter(Expr::cust(format!(
            "{not} EXISTS (SELECT 1 FROM users h WHERE h.id IN {holders} AND h.status = 'DISMISSED')"
        )));
    }
    if let Some(pattern) = filter
        .search
        .as_deref()
        .map(input::search_pattern)
        .transpose()?
        .flatten()
    {
        select = select.filter(Expr::col(task::Column::SearchText).like(LikeExpr::new(pattern).escape('\\')));
    }
    if let Some(department) = filter.department {
        let people = tree::people_below("$1");
        select = select.filter(sql_condition(
            db.backend(),
            &format!("tasks.responsible_id IN {people}"),
            &[department.into()],
        ));
    }
    if let Some(before) = filter.deadline_before {
        select = select.filter(task::Column::Deadline.lt(before));
    }
    if let Some(since) = filter.updated_since {
        select = select.filter(task::Column::UpdatedAt.gte(since));
    }
    let order = Order::by_id(task::Column::Id, true);
    page::fetch(db.read(), select, order, args, |row| row.id.0).await
}

/// The task, if it exists and the actor may see it.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: TaskId) -> Result<Option<task::Model>, Error> {
    if !TASKS.may_see(db.read(), actor, id).await? {
        return Ok(None);
    }
    Ok(task::Entity::find_by_id(id).one(db.read()).await?)
}

/// Tasks by id, whoever may see them: for what has been seen already, a ledger's subjects for instance.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[TaskId]) -> Result<HashMap<TaskId, task::Model>, Error> {
    let rows = task::Entity::find()
        .filter(task::Column::Id.is_in(ids.iter().copied()))
        .all(db.read())
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The members of each of these tasks.
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

/// The name of a status in the API.
pub fn status_name(status: TaskStatus) -> String {
    status.to_value()
}
