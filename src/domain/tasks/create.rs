//! createTask.

use std::sync::Arc;

use entity::task::{self, Model as Task, TaskStatus};
use entity::task_member::MemberRole;
use entity::{TaskId, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::members;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::Outcome;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// A new task, checked.
#[derive(Debug, Clone)]
pub struct CreateTask {
    /// Title.
    pub title: String,
    /// Person responsible.
    pub responsible: UserId,
    /// Participants.
    pub participants: Vec<UserId>,
    /// Observers.
    pub observers: Vec<UserId>,
    /// When it is due.
    pub deadline: Option<Timestamp>,
}

/// Creates a task with the actor as its creator.
///
/// # Errors
/// [`crate::error::Code::NotFound`] and [`crate::error::Code::RecipientNotActive`] for the people named.
pub async fn create_task(db: &Db, actor: &Actor, command: &CreateTask) -> Outcome<Task> {
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        check_active(tx, &[command.responsible], "responsibleId").await?;
        check_active(tx, &command.participants, "participantIds").await?;
        check_active(tx, &command.observers, "observerIds").await?;
        let id = TaskId(tx.new_id());
        let row = task::ActiveModel {
            id: Set(id),
            search_text: Set(text::search_key(&command.title)),
            title: Set(command.title.clone()),
            status: Set(TaskStatus::Pending),
            deadline: Set(command.deadline),
            creator_id: Set(actor.user_id),
            responsible_id: Set(Some(command.responsible)),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
            ..Default::default()
        };
        let saved = task::Entity::insert(row).exec_with_returning(&tx.conn).await?;
        members::set(tx, id, MemberRole::Participant, &command.participants).await?;
        members::set(tx, id, MemberRole::Observer, &command.observers).await?;
        let data = json!({ "responsible": command.responsible.to_string() });
        let recorded =
            journal::record(tx, &actor.author(), Action::TaskCreated, Some(id.into()), data).await?;
        Ok((saved, recorded))
    })
    .await
}
