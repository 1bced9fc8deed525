//! updateTaskTemplate.

use std::sync::Arc;

use entity::task_template::{self, Model as Template};
use entity::{TaskTemplateId, Timestamp, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect};

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
use crate::store::journal::{Action, Changes, Recorded};

/// Changes to a template, checked except for the rule. Only members can be cleared.
#[derive(Debug, Clone)]
pub struct UpdateTaskTemplate {
    /// Id of the template.
    pub template: TaskTemplateId,
    /// Title of the tasks.
    pub title: Change<String>,
    /// Recurrence rule: an RRULE.
    pub recurrence: Change<String>,
    /// Start of the rule.
    pub starts_at: Change<Timestamp>,
    /// Person responsible.
    pub responsible: Change<UserId>,
    /// All participants.
    pub participants: Change<Vec<UserId>>,
    /// All observers.
    pub observers: Change<Vec<UserId>>,
}

/// Updates a template, as its creator, its responsible person, a head above either, or an administrator. Existing
/// members may be inactive, new ones may not.
///
/// A changed rule or start counts from now: occurrences missed under the old one are skipped. A rule without further
/// occurrences ends the template.
///
/// # Errors
/// [`Code::NotFound`] for a template that the actor can't see, [`Error::Forbidden`] for one that they can only read,
/// [`Code::Invalid`] for an invalid or too frequent rule.
pub async fn update_task_template(db: &Db, actor: &Actor, command: &UpdateTaskTemplate) -> Outcome<Template> {
    let schedule = &reschedule(db, command).await?;
    db.write_as(actor, Needs::SignIn, move |tx: Arc<Tx>, actor| async move {
        let (tx, actor) = (&*tx, &*actor);
        let before = find_editable(tx, actor, command.template).await?;
        let mut after = changed(&before, command.clone());
        if after.responsible_id != before.responsible_id {
            check_active(tx, &[after.responsible_id], "responsibleId").await?;
        }
        let members_changed =
            members::update(tx, before.id, &command.participants, &command.observers).await?;
        if rule_of(&after) != rule_of(&before) {
            apply_rule(&mut after, &before, schedule.as_ref())?;
        }
        if after == before && !members_changed {
            return Ok((before, Recorded::nothing_changed()));
        }
        save(tx, actor, before, after).await
    })
    .await
}

/// Returns the template, locked, if the actor may change it.
async fn find_editable(tx: &Tx, actor: &Actor, id: TaskTemplateId) -> Outcome<Template> {
    let found = task_template::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let Some(template) = found else { return missing() };
    if !TEMPLATES.may_see(&tx.conn, actor, template.id).await? {
        return missing();
    }
    if !TEMPLATES.may_edit(&tx.conn, actor, template.id).await? {
        return Err(Error::Forbidden(
            "being the creator or the responsible person of the recurring task, or a head above either",
        )
        .into());
    }
    Ok(template)
}

/// Returns the template with the changes of the command; its rule is not checked yet.
fn changed(before: &Template, command: UpdateTaskTemplate) -> Template {
    let title = command.title.or_keep(before.title.clone());
    Template {
        search_text: text::search_key(&title),
        title,
        recurrence: command.recurrence.or_keep(before.recurrence.clone()),
        starts_at: whole_seconds(command.starts_at.or_keep(before.starts_at)),
        responsible_id: command.responsible.or_keep(before.responsible_id),
        ..before.clone()
    }
}

/// Applies the rule checked by [`reschedule`], and its next occurrence.
///
/// # Errors
/// [`Error::Conflict`] if the rule of the template was changed meanwhile; what is wrong with the new one.
fn apply_rule(
    after: &mut Template,
    before: &Template,
    schedule: Option<&(Rule, Outcome<Schedule>)>,
) -> Outcome<()> {
    let Some((from, new)) = schedule else {
        return Err(Error::Conflict.into());
    };
    if *from != rule_of(before) {
        return Err(Error::Conflict.into());
    }
    let new = new.clone()?;
    after.recurrence = new.recurrence;
    // It may be the old rule, written differently.
    if rule_of(after) != rule_of(before) {
        after.next_run_at = new.next;
    }
    Ok(())
}

async fn save(tx: &Tx, actor: &Actor, before: Template, after: Template) -> Outcome<(Template, Recorded)> {
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
    let data = Changes::default()
        .with("title", before.title, saved.title.clone())
        .with("recurrence", before.recurrence, saved.recurrence.clone())
        .with(
            "responsible",
            before.responsible_id.to_string(),
            saved.responsible_id.to_string(),
        );
    let action = Action::TaskTemplateUpdated;
    let recorded = journal::record(tx, &actor.author(), action, Some(saved.id.into()), data).await?;
    Ok((saved, recorded))
}

/// A rule and its start.
type Rule = (String, Timestamp);

fn rule_of(template: &Template) -> Rule {
    (template.recurrence.clone(), template.starts_at)
}

/// Returns the checked new rule, computed before the template is locked, and the current rule, which the transaction
/// compares. A refusal is kept until the permission is checked.
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
