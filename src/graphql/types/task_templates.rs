//! The types of the API: task templates.

use crate::domain::tasks::create_template::CreateTaskTemplate;
use crate::domain::tasks::update_template::UpdateTaskTemplate;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::tasks::people;
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task_template;

/// A recurring task: makes a task whenever its rule says so, while its creator and its responsible are active.
/// Seen by those who take part in it, the heads above them, and administrators.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct TaskTemplate {
    /// The id.
    pub id: ID,
    /// What is to be done each time.
    title: String,
    /// When: an RRULE of RFC 5545, in UTC.
    recurrence: String,
    /// What the rule counts from: its day and its time of day, where the rule does not say others.
    starts_at: DateTime<Utc>,
    /// The occurrence whose task is made next; in the past while it is stalled, null when the rule has ended.
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

/// Which recurring tasks. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct TaskTemplateFilter {
    /// Those in which this person plays a part.
    pub(crate) user_id: Option<ID>,
    /// Those that make no tasks because somebody is not active (true), or the others (false).
    pub(crate) stalled: Option<bool>,
}

/// A new recurring task; you are its creator.
#[derive(InputObject)]
pub struct CreateTaskTemplateInput {
    /// What is to be done each time.
    title: String,
    /// When: an RRULE of RFC 5545, `FREQ=WEEKLY;BYDAY=MO` for instance, in UTC; at most once an hour.
    recurrence: String,
    /// What the rule counts from: its day and its time of day, where the rule does not say others; now, when left
    /// out. Occurrences that have passed are not made.
    starts_at: Option<DateTime<Utc>>,
    /// Who does it: an active person.
    responsible_id: ID,
    /// Who assists.
    participant_ids: Option<Vec<ID>>,
    /// Who follows.
    observer_ids: Option<Vec<ID>>,
}

/// What is to change of a recurring task; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateTaskTemplateInput {
    /// Which recurring task.
    template_id: ID,
    /// What is to be done each time; it can't be removed.
    title: MaybeUndefined<String>,
    /// When: an RRULE of RFC 5545, in UTC; at most once an hour. It can't be removed; one whose UNTIL has passed
    /// ends the recurring task.
    recurrence: MaybeUndefined<String>,
    /// What the rule counts from; it can't be removed.
    starts_at: MaybeUndefined<DateTime<Utc>>,
    /// Who does it: an active person; can't be removed.
    responsible_id: MaybeUndefined<ID>,
    /// Everybody who assists.
    participant_ids: MaybeUndefined<Vec<ID>>,
    /// Everybody who follows.
    observer_ids: MaybeUndefined<Vec<ID>>,
}

/// The answer to an operation on a recurring task.
#[derive(SimpleObject)]
pub struct TaskTemplatePayload {
    /// The recurring task as it is now.
    template: Option<TaskTemplate>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl TaskTemplatePayload {
    pub(crate) fn new(outcome: Outcome<task_template::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            template: row.map(TaskTemplate::from),
            user_errors,
        })
    }
}

impl CreateTaskTemplateInput {
    pub(crate) fn check(self) -> Outcome<CreateTaskTemplate> {
        Ok(CreateTaskTemplate {
            title: input::line(&self.title, input::TITLE, "title")?,
            recurrence: self.recurrence,
            starts_at: self
                .starts_at
                .map(|at| input::moment(at, "startsAt"))
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
                .check(|text: String| input::line(&text, input::TITLE, "title"))?,
            recurrence: self.recurrence.into(),
            starts_at: Change::from(self.starts_at).check(|at| input::moment(at, "startsAt"))?,
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            participants: Change::from(self.participant_ids).check(|ids| people(ids, "participantIds"))?,
            observers: Change::from(self.observer_ids).check(|ids| people(ids, "observerIds"))?,
        })
    }
}
