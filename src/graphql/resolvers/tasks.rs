//! Tasks in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task;
use entity::task_member::MemberRole;

use crate::domain::tasks::create;
use crate::domain::tasks::create::CreateTask;
use crate::domain::tasks::update;
use crate::domain::tasks::update::UpdateTask;
use crate::domain::tasks::{MAX_MEMBERS, list};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, argument_id, split};
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

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
    row: task::Model,
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

impl Task {
    async fn members(&self, ctx: &Context<'_>, wanted: MemberRole) -> Result<Vec<User>, Error> {
        let members = ctx
            .loaders()
            .task_members
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        let ids: Vec<_> = members
            .into_iter()
            .filter(|(role, _)| *role == wanted)
            .map(|(_, id)| id)
            .collect();
        let mut found = ctx.loaders().users.load_many(ids.clone()).await;
        let mut people = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(loaded) = found.remove(&id) {
                people.extend(loaded?.map(User::from));
            }
        }
        Ok(people)
    }
}

#[ComplexObject]
impl Task {
    /// Who has set it.
    async fn creator(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.creator_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a task set by nobody"))
    }

    /// Who does it.
    async fn responsible(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.responsible_id?).await
    }

    /// Who assists.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Participant).await
    }

    /// Who follows.
    async fn observers(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Observer).await
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
    user_id: Option<ID>,
    /// The part that is meant; any when left out. Needs `userId` or `heldByDismissed`.
    role: Option<TaskRole>,
    /// Those with one of these statuses.
    status: Option<Vec<TaskStatus>>,
    /// Open ones (true) or closed ones (false).
    open: Option<bool>,
    /// Those whose responsible has left (true), or has not (false); with `role`, those of which somebody in that part has.
    held_by_dismissed: Option<bool>,
    /// Those with this text in the title; letter case does not matter.
    search: Option<String>,
    /// Those whose responsible is in this department or below.
    department_id: Option<ID>,
    /// Those that are due before this moment.
    deadline_before: Option<DateTime<Utc>>,
    /// Changed at this moment or later: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
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
    fn new(outcome: Outcome<task::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            task: row.map(Task::from),
            user_errors,
        })
    }
}

/// Reads of tasks.
#[derive(Default)]
pub struct TaskQuery;

#[Object]
impl TaskQuery {
    /// Tasks that you may see, the newest first. An integration needs READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<TaskFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<TaskConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::TaskFilter {
            user: filter
                .user_id
                .map(|id| argument_id(&id, "filter.userId"))
                .transpose()?,
            role: filter.role.map(Into::into),
            status: input::argument_list(filter.status, "filter.status")?,
            open: filter.open,
            held_by_dismissed: filter.held_by_dismissed,
            search: filter.search,
            department: filter
                .department_id
                .map(|id| argument_id(&id, "filter.departmentId"))
                .transpose()?,
            deadline_before: filter.deadline_before.map(input::bound),
            updated_since: filter.updated_since.map(input::bound),
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::tasks(ctx.db(), ctx.actor()?, &filter, &args).await?.into())
    }
}

/// Changes of tasks.
#[derive(Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Makes a task.
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(match input.check() {
            Ok(command) => create::create_task(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes a task. Its creator, its responsible, the heads above them and administrators may.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateTaskInput,
    ) -> Result<TaskPayload, Error> {
        let actor = ctx.actor()?;
        TaskPayload::new(match input.check() {
            Ok(command) => update::update_task(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}

pub(super) fn people(ids: Vec<ID>, field: &str) -> Outcome<Vec<entity::UserId>> {
    let mut people = input::ids(&ids, MAX_MEMBERS, field)?;
    people.sort();
    people.dedup();
    Ok(people)
}

impl CreateTaskInput {
    fn check(self) -> Outcome<CreateTask> {
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
    fn check(self) -> Outcome<UpdateTask> {
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
