//! The types of the API: tasks.

use crate::domain::tasks::create::CreateTask;
use crate::domain::tasks::update::UpdateTask;
use crate::domain::tasks::{MAX_MEMBERS, list};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::user_error::{UserError, split};
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task;

/// How far a task has come. COMPLETED and DECLINED are closed, the others open.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "task::TaskStatus")]
pub enum TaskStatus {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Done, and waits for its creator to agree.
    AwaitingControl,
    /// Put off.
    Deferred,
    /// Done.
    Completed,
    /// Will not be done.
    Declined,
}

/// The part that a person plays in a task.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "list::TaskRole")]
pub enum TaskRole {
    /// Does it.
    Responsible,
    /// Has set it.
    Creator,
    /// Assists.
    Participant,
    /// Follows.
    Observer,
}

/// A task. Seen by those who take part in it, the heads above them, and administrators.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Task {
    /// The id.
    pub id: ID,
    /// The id in the system that the task was imported from.
    external_id: Option<String>,
    /// What is to be done.
    title: String,
    /// How far it has come.
    status: TaskStatus,
    /// The imported status in its own words, where they are not one of ours.
    status_text: Option<String>,
    /// When it is due.
    deadline: Option<DateTime<Utc>>,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed, by a handover too.
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

/// Which tasks. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct TaskFilter {
    /// Those in which this person plays a part.
    pub(crate) user_id: Option<ID>,
    /// The part that is meant; any when left out. Needs `userId` or `heldByDismissed`.
    pub(crate) role: Option<TaskRole>,
    /// Those with one of these statuses.
    pub(crate) status: Option<Vec<TaskStatus>>,
    /// Open ones (true) or closed ones (false).
    pub(crate) open: Option<bool>,
    /// Those whose responsible has left (true), or has not (false); with `role`, those of which somebody in that part has.
    pub(crate) held_by_dismissed: Option<bool>,
    /// Those with this text in the title; letter case does not matter.
    pub(crate) search: Option<String>,
    /// Those whose responsible is in this department or below.
    pub(crate) department_id: Option<ID>,
    /// Those that are due before this moment.
    pub(crate) deadline_before: Option<DateTime<Utc>>,
    /// Changed at this moment or later: see `updatedAt`.
    pub(crate) updated_since: Option<DateTime<Utc>>,
}

/// A new task; you are its creator.
#[derive(InputObject)]
pub struct CreateTaskInput {
    /// What is to be done.
    title: String,
    /// Who does it: an active person.
    responsible_id: ID,
    /// Who assists.
    participant_ids: Option<Vec<ID>>,
    /// Who follows.
    observer_ids: Option<Vec<ID>>,
    /// When it is due.
    deadline: Option<DateTime<Utc>>,
}

/// What is to change of a task; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateTaskInput {
    /// Which task.
    task_id: ID,
    /// What is to be done; it can't be removed.
    title: MaybeUndefined<String>,
    /// How far it has come; it can't be removed.
    status: MaybeUndefined<TaskStatus>,
    /// Who does it: an active person; can't be removed.
    responsible_id: MaybeUndefined<ID>,
    /// Everybody who assists.
    participant_ids: MaybeUndefined<Vec<ID>>,
    /// Everybody who follows.
    observer_ids: MaybeUndefined<Vec<ID>>,
    /// When it is due.
    deadline: MaybeUndefined<DateTime<Utc>>,
}

/// The answer to an operation on a task.
#[derive(SimpleObject)]
pub struct TaskPayload {
    /// The task as it is now.
    task: Option<Task>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl TaskPayload {
    pub(crate) fn new(outcome: Outcome<task::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            task: row.map(Task::from),
            user_errors,
        })
    }
}

impl CreateTaskInput {
    pub(crate) fn check(self) -> Outcome<CreateTask> {
        Ok(CreateTask {
            title: input::line(&self.title, input::TITLE, "title")?,
            responsible: input::id(&self.responsible_id, "responsibleId")?,
            participants: people(self.participant_ids.unwrap_or_default(), "participantIds")?,
            observers: people(self.observer_ids.unwrap_or_default(), "observerIds")?,
            deadline: self
                .deadline
                .map(|at| input::moment(at, "deadline"))
                .transpose()?,
        })
    }
}

impl UpdateTaskInput {
    pub(crate) fn check(self) -> Outcome<UpdateTask> {
        Ok(UpdateTask {
            task: input::id(&self.task_id, "taskId")?,
            title: Change::from(self.title)
                .check(|text: String| input::line(&text, input::TITLE, "title"))?,
            status: Change::from(self.status).check(|status: TaskStatus| Ok(status.into()))?,
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            participants: Change::from(self.participant_ids).check(|ids| people(ids, "participantIds"))?,
            observers: Change::from(self.observer_ids).check(|ids| people(ids, "observerIds"))?,
            deadline: Change::from(self.deadline).check(|at| input::moment(at, "deadline"))?,
        })
    }
}

pub(crate) fn people(ids: Vec<ID>, field: &str) -> Outcome<Vec<entity::UserId>> {
    let mut people = input::ids(&ids, MAX_MEMBERS, field)?;
    people.sort();
    people.dedup();
    Ok(people)
}
