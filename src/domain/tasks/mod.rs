//! Tasks: one of the things that people hold, and the templates that make them again and again.
//!
//! [`recurrence`] reads rules, [`recurring`] makes the tasks that are due.

pub mod access;
pub mod create;
pub mod create_template;
pub mod list;
pub mod recurrence;
pub mod recurring;
pub mod template_list;
pub mod update;
pub mod update_template;

use entity::task_member::{self, MemberRole};
use entity::{TaskId, UserId};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::error::Error;
use crate::store::db::Tx;

/// Most people in one role of one task.
pub const MAX_MEMBERS: usize = 200;

/// Makes these people, and nobody else, the members of a task in one role.
///
/// # Errors
/// When the database fails.
pub async fn set_members(tx: &Tx, task: TaskId, role: MemberRole, people: &[UserId]) -> Result<(), Error> {
    task_member::Entity::delete_many()
        .filter(task_member::Column::TaskId.eq(task))
        .filter(task_member::Column::Role.eq(role))
        .filter(task_member::Column::UserId.is_not_in(people.iter().copied()))
        .exec(&tx.conn)
        .await?;
    if people.is_empty() {
        return Ok(());
    }
    let rows = people.iter().map(|&user_id| task_member::ActiveModel {
        task_id: Set(task),
        role: Set(role),
        user_id: Set(user_id),
    });
    task_member::Entity::insert_many(rows)
        .on_conflict(sea_orm::sea_query::OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    Ok(())
}
