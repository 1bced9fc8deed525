//! updateTask.

use std::sync::Arc;

use entity::task::{self, Model as Task, TaskStatus};
use entity::task_member::MemberRole;
use entity::{TaskId, Timestamp, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};
use serde_json::json;

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
use crate::store::journal::Action;

/// What is to change, checked.
#[derive(Debug, Clone)]
pub struct UpdateTask {
    /// Which task.
    pub task: TaskId,
    /// What is to be done; it can't be removed.
    pub title: Change<String>,
    /// How far it has come; it can't be removed.
    pub status: Change<TaskStatus>,
    /// Who does it; it can't be removed.
    pub responsible: Change<UserId>,
    /// Everybody who assists.
    pub participants: Change<Vec<UserId>>,
    /// Everybody who follows.
    pub observers: Change<Vec<UserId>>,
    /// When it is due.
    pub deadline: Change<Timestamp>,
}

/// Changes a task. Its creator, its responsible, the heads of either and administrators may; people who are
/// members already may be inactive, new ones may not.
///
/// # Errors
/// [`Code::NotFound`] for a task that the actor can't see, [`Error::Forbidden`] for one that they only see.
pub async fn update_task(db: &Db, actor: &Actor, command: &UpdateTask) -> Outcome<Task> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = task::Entity::find_by_id(command.task)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let Some(before) = before else { return missing() };
        if !TASKS.may_see(&tx.conn, actor, before.id).await? {
            return missing();
        }
        if !TASKS.may_edit(&tx.conn, actor, before.id).await? {
            return Err(Error::Forbidden("to have set the task, to do it, or to lead who does").into());
        }
        let command = command.clone();
        let responsible = match command.responsible {
            Change::Set(Some(new)) => Some(new),
            _ => before.responsible_id,
        };
        if let Some(new) = responsible.filter(|_| responsible != before.responsible_id) {
            check_active(tx, &[new], "responsibleId").await?;
        }
        let title = command.title.or_keep(before.title.clone());
        let status = command.status.or_keep(before.status);
        let mut members_changed = false;
        for (change, role, field) in [
            (command.participants, MemberRole::Participant, "participantIds"),
            (command.observers, MemberRole::Observer, "observerIds"),
        ] {
            if let Change::Set(people) = change {
                members_changed |=
                    members::replace(tx, before.id, role, &people.unwrap_or_default(), field).await?;
            }
        }
        let after = Task {
            search_text: text::search_key(&title),
            title,
            status,
            status_text: if status == before.status {
                before.status_text.clone()
            } else {
                None
            },
            closed: before.closed,
            deadline: command.deadline.or(before.deadline),
            responsible_id: responsible,
            ..before.clone()
        };
        if after == before && !members_changed {
            return Ok(before);
        }
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
        let data = json!({
            "status": { "from": list::status_name(before.status), "to": list::status_name(saved.status) },
            "responsible": {
                "from": before.responsible_id.map(|id| id.to_string()),
                "to": saved.responsible_id.map(|id| id.to_string()),
            },
        });
        journal::record(
            tx,
            &actor.author(),
            Action::TaskUpdated,
            Some(saved.id.into()),
            data,
        )
        .await?;
        Ok(saved)
    })
    .await
}

fn missing<T>() -> Outcome<T> {
    refuse(Code::NotFound, "taskId", "there is no such task")
}
