//! GraphQL types: recurring tasks.

use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task_template;

use crate::domain::tasks::create_template::CreateTaskTemplate;
use crate::domain::tasks::template_list;
use crate::domain::tasks::update_template::UpdateTaskTemplate;
use crate::error::Error;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::argument_id_option;
use crate::graphql::types::tasks::people;
use crate::store::input;
use crate::store::input::Change;

/// A recurring task: creates a task at each occurrence of its rule while its creator and its responsible person are
/// active. Visible to its members, the heads of department above them, and administrators.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct TaskTemplate {
    /// ID of the object.
    pub id: ID,
    /// Title of each task.
    title: String,
    /// Recurrence rule: an RRULE (RFC 5545), in UTC.
    recurrence: String,
    /// Start of the rule (DTSTART): sets the day and the time of day that the rule does not set.
    starts_at: DateTime<Utc>,
    /// Occurrence of the next task to create; in the past while the template is stalled, null when the rule has ended.
    next_run_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: task_template::Model,
}

impl From<task_template::Model> for TaskTemplate {
    fn from(row: task_template::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            title: row.title.clone(),
            recurrence: row.recurrence.clone(),
            starts_at: row.starts_at,
            next_run_at: row.next_run_at,
            row,
        }
    }
}

columns!(TaskTemplate {
    "id": id,
    "title": title,
    "recurrence": recurrence,
    "startsAt": starts_at,
    "nextRunAt": next_run_at,
});

connection!(
    TaskTemplate,
    TaskTemplateConnection,
    TaskTemplateEdge,
    "recurring tasks"
);

/// Filter for recurring tasks. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct TaskTemplateFilter {
    /// Recurring tasks in which this person has a role.
    user_id: Option<ID>,
    /// Stalled recurring tasks (true): creator or responsible person is not active; or the others (false).
    stalled: Option<bool>,
    /// Title contains this text, case-insensitive.
    search: Option<String>,
}

impl TaskTemplateFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<template_list::TemplateFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(template_list::TemplateFilter {
            user: argument_id_option(self.user_id.as_ref(), &path("userId"))?,
            stalled: self.stalled,
            search: self.search,
        })
    }
}

/// A new recurring task; you are its creator.
#[derive(InputObject)]
pub struct CreateTaskTemplateInput {
    /// Title of each task.
    title: String,
    /// Recurrence rule: an RRULE (RFC 5545), for example `FREQ=WEEKLY;BYDAY=MO`, in UTC; at most once an hour.
    recurrence: String,
    /// Start of the rule (DTSTART): sets the day and the time of day that the rule does not set; defaults to now. Past
    /// occurrences create no tasks.
    starts_at: Option<DateTime<Utc>>,
    /// The person responsible; must be active.
    responsible_id: ID,
    /// Participants.
    participant_ids: Option<Vec<ID>>,
    /// Observers.
    observer_ids: Option<Vec<ID>>,
}

/// Changes to a recurring task. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateTaskTemplateInput {
    /// ID of the recurring task.
    template_id: ID,
    /// Title of each task. Can't be null.
    title: MaybeUndefined<String>,
    /// Recurrence rule: an RRULE (RFC 5545), in UTC; at most once an hour. Can't be null; a rule whose UNTIL has passed
    /// ends the recurring task.
    recurrence: MaybeUndefined<String>,
    /// Start of the rule (DTSTART); can't be null.
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// The person responsible; must be active. Can't be null.
    responsible_id: MaybeUndefined<ID>,
    /// All participants; replaces the current ones.
    participant_ids: MaybeUndefined<Vec<ID>>,
    /// All observers; replaces the current ones.
    observer_ids: MaybeUndefined<Vec<ID>>,
}

payload! {
    /// Payload of the recurring task mutations.
    TaskTemplatePayload {
        /// The recurring task after the change.
        template: TaskTemplate from task_template::Model,
    }
}

impl CreateTaskTemplateInput {
    pub(crate) fn check(self) -> Outcome<CreateTaskTemplate> {
        Ok(CreateTaskTemplate {
            title: input::check_line(&self.title, input::TITLE, "title")?,
            recurrence: self.recurrence,
            starts_at: self
                .starts_at
                .map(|at| input::check_timestamp(at, "startsAt"))
                .transpose()?,
            responsible: input::id(&self.responsible_id, "responsibleId")?,
            participants: people(self.participant_ids.unwrap_or_default(), "participantIds")?,
            observers: people(self.observer_ids.unwrap_or_default(), "observerIds")?,
        })
    }
}

impl UpdateTaskTemplateInput {
    pub(crate) fn check(self) -> Outcome<UpdateTaskTemplate> {
        Ok(UpdateTaskTemplate {
            template: input::id(&self.template_id, "templateId")?,
            title: Change::from(self.title)
                .check(|text: String| input::check_line(&text, input::TITLE, "title"))?,
            recurrence: self.recurrence.into(),
            starts_at: Change::from(self.starts_at).check(|at| input::check_timestamp(at, "startsAt"))?,
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            participants: Change::from(self.participant_ids).check(|ids| people(ids, "participantIds"))?,
            observers: Change::from(self.observer_ids).check(|ids| people(ids, "observerIds"))?,
        })
    }
}
