//! updateTask.

use std::sync::Arc;

use entity::task::{self, Model as Task, TaskStatus};
use entity::{TaskId, Timestamp, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};

use super::access::TASKS;
use super::{list, members};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::{Action, Changes, Recorded};

/// Changes to a task, checked.
#[derive(Debug, Clone)]
pub struct UpdateTask {
    /// Id of the task.
    pub task: TaskId,
    /// Title; required.
    pub title: Change<String>,
    /// Status; required.
    pub status: Change<TaskStatus>,
    /// Person responsible; required.
    pub responsible: Change<UserId>,
    /// All participants.
    pub participants: Change<Vec<UserId>>,
    /// All observers.
    pub observers: Change<Vec<UserId>>,
    /// When it is due.
    pub deadline: Change<Timestamp>,
}

/// Updates a task, as its creator, its responsible person, a head above either, or an administrator. Existing members
/// may be inactive, new ones may not.
///
/// # Errors
/// [`Code::NotFound`] for a task that the actor can't see, [`Error::Forbidden`] for one that they can only read.
pub async fn update_task(db: &Db, actor: &Actor, command: &UpdateTask) -> Outcome<Task> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = find_editable(tx, actor, command.task).await?;
        let after = changed(&before, command.clone());
        if let Some(new) = after
            .responsible_id
            .filter(|_| after.responsible_id != before.responsible_id)
        {
            check_active(tx, &[new], "responsibleId").await?;
        }
        let members_changed =
            members::update(tx, before.id, &command.participants, &command.observers).await?;
        if after == before && !members_changed {
            return Ok((before, Recorded::nothing_changed()));
        }
        save(tx, actor, &before, after).await
    })
    .await
}

/// Returns the task, locked, if the actor may change it.
async fn find_editable(tx: &Tx, actor: &Actor, id: TaskId) -> Outcome<Task> {
    let found = task::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let Some(task) = found else { return missing() };
    if !TASKS.may_see(&tx.conn, actor, task.id).await? {
        return missing();
    }
    if !TASKS.may_edit(&tx.conn, actor, task.id).await? {
        return Err(Error::Forbidden(
            "being the creator or the responsible person of the task, or a head above either",
        )
        .into());
    }
    Ok(task)
}

fn changed(before: &Task, command: UpdateTask) -> Task {
    let title = command.title.or_keep(before.title.clone());
    let status = command.status.or_keep(before.status);
    Task {
        search_text: text::search_key(&title),
        title,
        status,
        status_text: before.status_text.clone().filter(|_| status == before.status),
        deadline: command.deadline.or(before.deadline),
        responsible_id: match command.responsible {
            Change::Set(Some(new)) => Some(new),
            _ => before.responsible_id,
        },
        ..before.clone()
    }
}

async fn save(tx: &Tx, actor: &Actor, before: &Task, after: Task) -> Outcome<(Task, Recorded)> {
    let saved = task::Entity::update(task::ActiveModel {
        id: Set(after.id),
        title: Set(after.title),
        search_text: Set(after.search_text),
        status: Set(after.status),
        status_text: Set(after.status_text),
        deadline: Set(after.deadline),
        responsible_id: Set(after.responsible_id),
        updated_at: Set(tx.now),
        ..Default::default()
    })
    .exec(&tx.conn)
    .await?;
    let person = |row: &Task| row.responsible_id.map(|id| id.to_string());
    let deadline = |row: &Task| row.deadline.map(|at| at.to_rfc3339());
    let data = Changes::default()
        .with("title", before.title.clone(), saved.title.clone())
        .with(
            "status",
            list::status_name(before.status),
            list::status_name(saved.status),
        )
        .with("responsible", person(before), person(&saved))
        .with("deadline", deadline(before), deadline(&saved));
    let subject = Some(saved.id.into());
    let recorded = journal::record(tx, &actor.author(), Action::TaskUpdated, subject, data).await?;
    Ok((saved, recorded))
}

fn missing<T>() -> Outcome<T> {
    refuse(Code::NotFound, "taskId", "there is no such task")
}
