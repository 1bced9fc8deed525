//! updateTaskTemplate.

use std::sync::Arc;

use entity::task_member::MemberRole;
use entity::task_template::{self, Model as Template};
use entity::{TaskTemplateId, Timestamp, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};
use serde_json::json;

use super::access::TEMPLATES;
use super::create_template::{Schedule, schedule};
use super::members;
use super::recurrence::whole_seconds;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::Needs;
use crate::domain::people::create::check_active;
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::Action;

/// What is to change, checked but for the rule. Only the members can be removed.
#[derive(Debug, Clone)]
pub struct UpdateTaskTemplate {
    /// Which template.
    pub template: TaskTemplateId,
    /// What is to be done each time.
    pub title: Change<String>,
    /// When: an RRULE.
    pub recurrence: Change<String>,
    /// What the rule counts from.
    pub starts_at: Change<Timestamp>,
    /// Who does it.
    pub responsible: Change<UserId>,
    /// Everybody who assists.
    pub participants: Change<Vec<UserId>>,
    /// Everybody who follows.
    pub observers: Change<Vec<UserId>>,
}

/// Changes a template. Its creator, its responsible, the heads of either and administrators may; people who are
/// members already may be inactive, new ones may not.
///
/// A rule that changes, or its start, counts from now: what the old one missed is not made up for. A rule that
/// does not come any more ends the template.
///
/// # Errors
/// [`Code::NotFound`] for a template that the actor can't see, [`Error::Forbidden`] for one that they only see,
/// [`Code::Invalid`] for a rule that can't be read or comes too often.
pub async fn update_task_template(db: &Db, actor: &Actor, command: &UpdateTaskTemplate) -> Outcome<Template> {
    let schedule = &reschedule(db, command).await?;
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = task_template::Entity::find_by_id(command.template)
            .lock(LockType::NoKeyUpdate)
            .one(&tx.conn)
            .await?;
        let Some(before) = before else { return missing() };
        if !TEMPLATES.may_see(&tx.conn, actor, before.id).await? {
            return missing();
        }
        if !TEMPLATES.may_edit(&tx.conn, actor, before.id).await? {
            return Err(Error::Forbidden("to set the recurring task, to do it, or to lead who does").into());
        }
        let command = command.clone();
        let responsible_id = command.responsible.or_keep(before.responsible_id);
        if responsible_id != before.responsible_id {
            check_active(tx, &[responsible_id], "responsibleId").await?;
        }
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
        let title = command.title.or_keep(before.title.clone());
        let mut after = Template {
            search_text: text::search_key(&title),
            title,
            recurrence: command.recurrence.or_keep(before.recurrence.clone()),
            starts_at: whole_seconds(command.starts_at.or_keep(before.starts_at)),
            responsible_id,
            ..before.clone()
        };
        if (&after.recurrence, after.starts_at) != (&before.recurrence, before.starts_at) {
            let Some((from, new)) = schedule else {
                return Err(Error::Conflict.into());
            };
            if *from != (before.recurrence.clone(), before.starts_at) {
                return Err(Error::Conflict.into());
            }
            let new = new.clone()?;
            after.recurrence = new.recurrence;
            if (&after.recurrence, after.starts_at) != (&before.recurrence, before.starts_at) {
                after.next_run_at = new.next;
            }
        }
        if after == before && !members_changed {
            return Ok(before);
        }
        let saved = task_template::Entity::update(task_template::ActiveModel {
            id: Set(after.id),
            title: Set(after.title),
            search_text: Set(after.search_text),
            recurrence: Set(after.recurrence),
            starts_at: Set(after.starts_at),
            next_run_at: Set(after.next_run_at),
            responsible_id: Set(after.responsible_id),
            updated_at: Set(tx.now),
            ..Default::default()
        })
        .exec(&tx.conn)
        .await?;
        let data = json!({
            "recurrence": { "from": before.recurrence, "to": saved.recurrence },
            "responsible": {
                "from": before.responsible_id.to_string(), "to": saved.responsible_id.to_string(),
            },
        });
        let action = Action::TaskTemplateUpdated;
        journal::record(tx, &actor.author(), action, Some(saved.id.into()), data).await?;
        Ok(saved)
    })
    .await
}

/// A rule and the moment that it counts from.
type Rule = (String, Timestamp);

/// What the rule will be, checked before the template is locked, and the rule that the template has now. The
/// transaction looks whether that is still so. A refusal is kept for whoever may change the template.
async fn reschedule(
    db: &Db,
    command: &UpdateTaskTemplate,
) -> Result<Option<(Rule, Outcome<Schedule>)>, Error> {
    if command.recurrence == Change::Keep && command.starts_at == Change::Keep {
        return Ok(None);
    }
    let found = task_template::Entity::find_by_id(command.template)
        .one(db.read())
        .await?;
    let Some(row) = found else { return Ok(None) };
    let text = command.recurrence.clone().or_keep(row.recurrence.clone());
    let starts_at = command.starts_at.clone().or_keep(row.starts_at);
    let new = schedule(text, starts_at, db.clock().now()).await;
    Ok(Some(((row.recurrence, row.starts_at), new)))
}

fn missing<T>() -> Outcome<T> {
    refuse(Code::NotFound, "templateId", "there is no such recurring task")
}
