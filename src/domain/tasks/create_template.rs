//! createTaskTemplate.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::task_member::MemberRole;
use entity::task_template::{self, Model as Template};
use entity::{TaskTemplateId, Timestamp, UserId};
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::members;
use super::recurrence::{Recurrence, whole_seconds};
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Failure, Outcome, Refusal, refuse};
use crate::runtime::compute;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Maximum age of the start of a rule: occurrences of one with a COUNT are counted from there.
const MAX_AGE: TimeDelta = TimeDelta::days(3_660);

/// A new template, checked except for its rule.
#[derive(Debug, Clone)]
pub struct CreateTaskTemplate {
    /// Title of the tasks.
    pub title: String,
    /// Recurrence rule: an RRULE.
    pub recurrence: String,
    /// Start of the rule; defaults to now.
    pub starts_at: Option<Timestamp>,
    /// Person responsible.
    pub responsible: UserId,
    /// Participants.
    pub participants: Vec<UserId>,
    /// Observers.
    pub observers: Vec<UserId>,
}

/// Creates a template with the actor as its creator.
///
/// # Errors
/// [`Code::Invalid`] for a rule that is invalid, too frequent or has no occurrence left; [`Code::NotFound`] and
/// [`Code::RecipientNotActive`] for the people named.
pub async fn create_task_template(db: &Db, actor: &Actor, command: &CreateTaskTemplate) -> Outcome<Template> {
    let now = db.clock().now();
    let starts_at = command.starts_at.unwrap_or(now);
    let schedule = &schedule(command.recurrence.clone(), starts_at, now).await;
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let Schedule {
            recurrence,
            starts_at,
            next: Some(next),
        } = schedule.clone()?
        else {
            return refuse(Code::Invalid, "recurrence", "the rule has no further occurrence");
        };
        check_active(tx, &[command.responsible], "responsibleId").await?;
        check_active(tx, &command.participants, "participantIds").await?;
        check_active(tx, &command.observers, "observerIds").await?;
        let id = TaskTemplateId(tx.new_id());
        let row = task_template::ActiveModel {
            id: Set(id),
            search_text: Set(text::search_key(&command.title)),
            title: Set(command.title.clone()),
            recurrence: Set(recurrence),
            starts_at: Set(starts_at),
            next_run_at: Set(Some(next)),
            creator_id: Set(actor.user_id),
            responsible_id: Set(command.responsible),
            created_at: Set(tx.now),
            updated_at: Set(tx.now),
        };
        let saved = task_template::Entity::insert(row)
            .exec_with_returning(&tx.conn)
            .await?;
        members::set(tx, id, MemberRole::Participant, &command.participants).await?;
        members::set(tx, id, MemberRole::Observer, &command.observers).await?;
        let data = json!({
            "responsible": command.responsible.to_string(), "recurrence": saved.recurrence,
        });
        let action = Action::TaskTemplateCreated;
        let recorded = journal::record(tx, &actor.author(), action, Some(id.into()), data).await?;
        Ok((saved, recorded))
    })
    .await
}

/// A checked recurrence rule, and its next occurrence.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Rule in its stored form.
    pub recurrence: String,
    /// Start of the rule.
    pub starts_at: Timestamp,
    /// Next occurrence at or after `now`; `None` if the rule has ended.
    pub next: Option<Timestamp>,
}

/// Checks a rule from a client and finds its next occurrence, outside of any transaction and off the threads that serve
/// requests.
///
/// # Errors
/// [`Code::Invalid`] for `recurrence` or `startsAt`.
pub async fn schedule(text: String, starts_at: Timestamp, now: Timestamp) -> Outcome<Schedule> {
    if starts_at < now - MAX_AGE {
        return refuse(Code::Invalid, "startsAt", "it is more than ten years ago");
    }
    compute::run(move || {
        let starts_at = whole_seconds(starts_at);
        let rule = Recurrence::check(&text, starts_at)
            .map_err(|wrong| Failure::from(Refusal::new(Code::Invalid, "recurrence", wrong)))?;
        Ok(Schedule {
            recurrence: rule.text().to_owned(),
            starts_at,
            next: rule.on_or_after(whole_seconds(now)),
        })
    })
    .await?
}
