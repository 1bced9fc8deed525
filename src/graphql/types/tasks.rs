//! GraphQL types: tasks.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task;

use crate::domain::tasks::MAX_MEMBERS;
use crate::domain::tasks::create::CreateTask;
use crate::domain::tasks::list;
use crate::domain::tasks::update::UpdateTask;
use crate::error::Error;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::argument_id_option;
use crate::store::input;
use crate::store::input::Change;

/// Status of a task. COMPLETED and DECLINED are closed, the others open.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "task::TaskStatus")]
pub enum TaskStatus {
    /// Not started.
    Pending,
    /// In progress.
    InProgress,
    /// Done, awaiting approval by its creator.
    AwaitingControl,
    /// Deferred.
    Deferred,
    /// Completed.
    Completed,
    /// Will not be done.
    Declined,
}

/// Role of a person in a task.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "list::TaskRole")]
pub enum TaskRole {
    /// The person responsible, who does the task.
    Responsible,
    /// The creator.
    Creator,
    /// A participant.
    Participant,
    /// An observer.
    Observer,
}

/// A task. Visible to its members, the heads of department above them, and administrators.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Task {
    /// ID of the object.
    pub id: ID,
    /// ID in the system that the task was imported from.
    external_id: Option<String>,
    /// Title: what to do.
    title: String,
    /// Current status.
    status: TaskStatus,
    /// Original text of an imported status that matches none of `TaskStatus`.
    status_text: Option<String>,
    /// Due date and time.
    deadline: Option<DateTime<Utc>>,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it was last changed, including changes by a handover.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) row: task::Model,
}

impl From<task::Model> for Task {
    fn from(row: task::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            external_id: row.external_id.clone(),
            title: row.title.clone(),
            status: row.status.into(),
            status_text: row.status_text.clone(),
            deadline: row.deadline,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row,
        }
    }
}

columns!(Task {
    "id": id,
    "externalId": external_id,
    "title": title,
    "status": status,
    "statusText": status_text,
    "deadline": deadline,
    "createdAt": created_at,
    "updatedAt": updated_at,
});

words!(TaskStatus);

connection!(Task, TaskConnection, TaskEdge, "tasks");

/// Filter for tasks. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct TaskFilter {
    /// Tasks in which this person has a role.
    user_id: Option<ID>,
    /// Restricts `userId` or `heldByDismissed` to this role, and needs one of them; defaults to any role.
    role: Option<TaskRole>,
    /// Tasks with one of these statuses.
    status: Option<Vec<TaskStatus>>,
    /// Open tasks (true) or closed ones (false).
    open: Option<bool>,
    /// Tasks whose responsible person has been dismissed (true), or has not (false); with `role`, tasks in which
    /// someone with that role has been.
    held_by_dismissed: Option<bool>,
    /// Title contains this text, case-insensitive.
    search: Option<String>,
    /// Tasks whose responsible person is in this department or one below it.
    department_id: Option<ID>,
    /// Due before this time.
    deadline_before: Option<DateTime<Utc>>,
    /// Changed at or after this time: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
}

impl TaskFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<list::TaskFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(list::TaskFilter {
            user: argument_id_option(self.user_id.as_ref(), &path("userId"))?,
            role: self.role.map(Into::into),
            status: input::argument_list(self.status, &path("status"))?,
            open: self.open,
            held_by_dismissed: self.held_by_dismissed,
            search: self.search,
            department: argument_id_option(self.department_id.as_ref(), &path("departmentId"))?,
            deadline_before: self.deadline_before.map(input::clamp_timestamp),
            updated_since: self.updated_since.map(input::clamp_timestamp),
        })
    }
}

/// A new task; you are its creator.
#[derive(InputObject)]
pub struct CreateTaskInput {
    /// Title: what to do.
    title: String,
    /// The person responsible; must be active.
    responsible_id: ID,
    /// Participants.
    participant_ids: Option<Vec<ID>>,
    /// Observers.
    observer_ids: Option<Vec<ID>>,
    /// Due date and time.
    deadline: Option<DateTime<Utc>>,
}

/// Changes to a task. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateTaskInput {
    /// ID of the task.
    task_id: ID,
    /// Title: what to do. Can't be null.
    title: MaybeUndefined<String>,
    /// Status; can't be null.
    status: MaybeUndefined<TaskStatus>,
    /// The person responsible; must be active. Can't be null.
    responsible_id: MaybeUndefined<ID>,
    /// All participants; replaces the current ones.
    participant_ids: MaybeUndefined<Vec<ID>>,
    /// All observers; replaces the current ones.
    observer_ids: MaybeUndefined<Vec<ID>>,
    /// Due date and time.
    deadline: MaybeUndefined<DateTime<Utc>>,
}

payload! {
    /// Payload of the task mutations.
    TaskPayload {
        /// The task after the change.
        task: Task from task::Model,
    }
}

impl CreateTaskInput {
    pub(crate) fn check(self) -> Outcome<CreateTask> {
        Ok(CreateTask {
            title: input::check_line(&self.title, input::TITLE, "title")?,
            responsible: input::id(&self.responsible_id, "responsibleId")?,
            participants: people(self.participant_ids.unwrap_or_default(), "participantIds")?,
            observers: people(self.observer_ids.unwrap_or_default(), "observerIds")?,
            deadline: self
                .deadline
                .map(|at| input::check_timestamp(at, "deadline"))
                .transpose()?,
        })
    }
}

impl UpdateTaskInput {
    pub(crate) fn check(self) -> Outcome<UpdateTask> {
        Ok(UpdateTask {
            task: input::id(&self.task_id, "taskId")?,
            title: Change::from(self.title)
                .check(|text: String| input::check_line(&text, input::TITLE, "title"))?,
            status: Change::from(self.status).check(|status: TaskStatus| Ok(status.into()))?,
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            participants: Change::from(self.participant_ids).check(|ids| people(ids, "participantIds"))?,
            observers: Change::from(self.observer_ids).check(|ids| people(ids, "observerIds"))?,
            deadline: Change::from(self.deadline).check(|at| input::check_timestamp(at, "deadline"))?,
        })
    }
}

pub(crate) fn people(ids: Vec<ID>, field: &str) -> Outcome<Vec<entity::UserId>> {
    let mut people = input::ids(&ids, MAX_MEMBERS, field)?;
    people.sort();
    people.dedup();
    Ok(people)
}
