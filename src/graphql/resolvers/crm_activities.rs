//! CRM activities in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_activity::{self, Model};

use crate::domain::crm::activities;
use crate::domain::crm::create_activity;
use crate::domain::crm::create_activity::CreateCrmActivity;
use crate::domain::crm::update_activity;
use crate::domain::crm::update_activity::UpdateCrmActivity;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, argument_id, split};
use crate::graphql::resolvers::crm::{CrmItem, may_read};
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

/// What is done.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_activity::CrmActivityKind")]
pub enum CrmActivityKind {
    /// A call.
    Call,
    /// A meeting.
    Meeting,
    /// An e-mail.
    Email,
    /// Something to do.
    Todo,
}

/// A call, a meeting, an e-mail or a to-do about a CRM record. Seen by the one who does it and by those who may read
/// the record.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmActivity {
    /// The id.
    pub id: ID,
    /// What is done.
    kind: CrmActivityKind,
    /// What it is about, in a line.
    subject: String,
    /// Whether it is done.
    completed: bool,
    /// When it is due.
    deadline: Option<DateTime<Utc>>,
    #[graphql(skip)]
    row: Model,
}

impl From<Model> for CrmActivity {
    fn from(row: Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            kind: row.kind.into(),
            subject: row.subject.clone(),
            completed: row.completed,
            deadline: row.deadline,
            row,
        }
    }
}

#[ComplexObject]
impl CrmActivity {
    /// Who does it.
    async fn responsible(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.responsible_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("an activity of nobody"))
    }

    /// The record that it is about; null where you may not read that record.
    async fn item(&self, ctx: &Context<'_>) -> Nullable<CrmItem> {
        let item = async {
            let found = ctx.loaders().crm_items.load(self.row.item_id).await?;
            let item = found.ok_or_else(|| Error::internal("an activity about nothing"))?;
            Ok(may_read(ctx, &item).await?.then(|| item.into()))
        };
        item.await.transpose()
    }
}

columns!(CrmActivity {
    "id": id,
    "kind": kind,
    "subject": subject,
    "completed": completed,
    "deadline": deadline,
});
words!(CrmActivityKind);
connection!(
    CrmActivity,
    CrmActivityConnection,
    CrmActivityEdge,
    "CRM activities"
);

/// Which activities. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct CrmActivityFilter {
    /// Those of this person.
    responsible_id: Option<ID>,
    /// Those about this record.
    item_id: Option<ID>,
    /// Those that are done (true), or are not (false).
    completed: Option<bool>,
}

/// A new activity.
#[derive(InputObject)]
pub struct CreateCrmActivityInput {
    /// The record that it is about.
    item_id: ID,
    /// What is done.
    kind: CrmActivityKind,
    /// What it is about, in a line.
    subject: String,
    /// Who does it: an active person; you, when left out.
    responsible_id: Option<ID>,
    /// When it is due.
    deadline: Option<DateTime<Utc>>,
}

/// What is to change of an activity; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateCrmActivityInput {
    /// Which activity.
    activity_id: ID,
    /// What it is about; it can't be removed.
    subject: MaybeUndefined<String>,
    /// Whether it is done; it can't be removed.
    completed: MaybeUndefined<bool>,
    /// Who does it: an active person; can't be removed.
    responsible_id: MaybeUndefined<ID>,
    /// When it is due.
    deadline: MaybeUndefined<DateTime<Utc>>,
}

/// The answer to an operation on an activity.
#[derive(SimpleObject)]
pub struct CrmActivityPayload {
    /// The activity as it is now.
    activity: Option<CrmActivity>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl CrmActivityPayload {
    fn new(outcome: Outcome<Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            activity: row.map(CrmActivity::from),
            user_errors,
        })
    }
}

/// Reads of CRM activities.
#[derive(Default)]
pub struct CrmActivityQuery;

#[Object]
impl CrmActivityQuery {
    /// CRM activities that you may see, the newest first.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn crm_activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<
            CrmActivityFilter,
        >,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<CrmActivityConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = activities::CrmActivityFilter {
            responsible: filter
                .responsible_id
                .map(|id| argument_id(&id, "filter.responsibleId"))
                .transpose()?,
            item: filter
                .item_id
                .map(|id| argument_id(&id, "filter.itemId"))
                .transpose()?,
            completed: filter.completed,
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(activities::activities(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Changes of CRM activities.
#[derive(Default)]
pub struct CrmActivityMutation;

#[Object]
impl CrmActivityMutation {
    /// Makes an activity: your own for a record that you may see, another's for one that you may update.
    async fn create_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(match input.check() {
            Ok(command) => create_activity::create_crm_activity(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes an activity: your own, or that of a record that you may update.
    async fn update_crm_activity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateCrmActivityInput,
    ) -> Result<CrmActivityPayload, Error> {
        let actor = ctx.actor()?;
        CrmActivityPayload::new(match input.check() {
            Ok(command) => update_activity::update_crm_activity(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}

impl CreateCrmActivityInput {
    fn check(self) -> Outcome<CreateCrmActivity> {
        Ok(CreateCrmActivity {
            item: input::id(&self.item_id, "itemId")?,
            kind: self.kind.into(),
            subject: input::line(&self.subject, input::TITLE, "subject")?,
            responsible: self
                .responsible_id
                .map(|id| input::id(&id, "responsibleId"))
                .transpose()?,
            deadline: self
                .deadline
                .map(|at| input::moment(at, "deadline"))
                .transpose()?,
        })
    }
}

impl UpdateCrmActivityInput {
    fn check(self) -> Outcome<UpdateCrmActivity> {
        Ok(UpdateCrmActivity {
            activity: input::id(&self.activity_id, "activityId")?,
            subject: Change::from(self.subject)
                .check(|text: String| input::line(&text, input::TITLE, "subject"))?,
            completed: self.completed.into(),
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            deadline: Change::from(self.deadline).check(|at| input::moment(at, "deadline"))?,
        })
    }
}
