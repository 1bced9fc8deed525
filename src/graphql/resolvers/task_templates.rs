//! Recurring tasks in the API.

use async_graphql::{ComplexObject, Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::task_member::MemberRole;
use entity::{UserId, task_template};

use crate::domain::tasks::create_template;
use crate::domain::tasks::create_template::CreateTaskTemplate;
use crate::domain::tasks::template_list;
use crate::domain::tasks::update_template;
use crate::domain::tasks::update_template::UpdateTaskTemplate;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::user_error::{UserError, argument_id, split};
use crate::graphql::resolvers::people::User;
use crate::graphql::resolvers::tasks::people;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

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
    row: task_template::Model,
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

impl TaskTemplate {
    async fn members(&self, ctx: &Context<'_>, wanted: MemberRole) -> Result<Vec<User>, Error> {
        let members = ctx
            .loaders()
            .template_members
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

async fn holder(ctx: &Context<'_>, id: UserId) -> Result<entity::user::Profile, Error> {
    let user = ctx.loaders().users.load(id).await?;
    user.ok_or_else(|| Error::internal("a recurring task of nobody"))
}

#[ComplexObject]
impl TaskTemplate {
    /// Who sets the tasks.
    async fn creator(&self, ctx: &Context<'_>) -> Result<User, Error> {
        Ok(holder(ctx, self.row.creator_id).await?.into())
    }

    /// Who does them.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<User, Error> {
        Ok(holder(ctx, self.row.responsible_id).await?.into())
    }

    /// Who assists in them.
    async fn participants(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Participant).await
    }

    /// Who follows them.
    async fn observers(&self, ctx: &Context<'_>) -> Result<Vec<User>, Error> {
        self.members(ctx, MemberRole::Observer).await
    }

    /// Whether it makes no tasks because its creator or its responsible is not active. Once it is handed over, or
    /// they are back, the latest of what was missed is made up for.
    async fn stalled(&self, ctx: &Context<'_>) -> Result<bool, Error> {
        let (creator, responsible) = futures_util::future::try_join(
            holder(ctx, self.row.creator_id),
            holder(ctx, self.row.responsible_id),
        )
        .await?;
        Ok(!creator.is_active() || !responsible.is_active())
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
    user_id: Option<ID>,
    /// Those that make no tasks because somebody is not active (true), or the others (false).
    stalled: Option<bool>,
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
    fn new(outcome: Outcome<task_template::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            template: row.map(TaskTemplate::from),
            user_errors,
        })
    }
}

/// Reads of recurring tasks.
#[derive(Default)]
pub struct TaskTemplateQuery;

#[Object]
impl TaskTemplateQuery {
    /// Recurring tasks that you may see, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn task_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<
            TaskTemplateFilter,
        >,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<TaskTemplateConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = template_list::TemplateFilter {
            user: filter
                .user_id
                .map(|id| argument_id(&id, "filter.userId"))
                .transpose()?,
            stalled: filter.stalled,
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let found = template_list::templates(ctx.db(), ctx.actor()?, &filter, &args).await?;
        Ok(found.into())
    }
}

/// Changes of recurring tasks.
#[derive(Default)]
pub struct TaskTemplateMutation;

#[Object]
impl TaskTemplateMutation {
    /// Makes a recurring task.
    async fn create_task_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateTaskTemplateInput,
    ) -> Result<TaskTemplatePayload, Error> {
        let actor = ctx.actor()?;
        TaskTemplatePayload::new(match input.check() {
            Ok(command) => create_template::create_task_template(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes a recurring task. Its creator, its responsible, the heads above them and administrators may.
    async fn update_task_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateTaskTemplateInput,
    ) -> Result<TaskTemplatePayload, Error> {
        let actor = ctx.actor()?;
        TaskTemplatePayload::new(match input.check() {
            Ok(command) => update_template::update_task_template(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}

impl CreateTaskTemplateInput {
    fn check(self) -> Outcome<CreateTaskTemplate> {
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
    fn check(self) -> Outcome<UpdateTaskTemplate> {
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
