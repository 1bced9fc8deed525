//! CRM records in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_item;
use entity::crm_rule::CrmOperation;

use crate::domain::crm::access::Access;
use crate::domain::crm::activities;
use crate::domain::crm::create;
use crate::domain::crm::create::CreateCrmItem;
use crate::domain::crm::update;
use crate::domain::crm::update::UpdateCrmItem;
use crate::domain::crm::{amount_text, check_currency, list};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::scalars::ExactDecimal;
use crate::graphql::kit::user_error::{UserError, argument_id, split};
use crate::graphql::resolvers::crm_activities::CrmActivityConnection;
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::input::Change;
use crate::store::page::PageArgs;

/// What a record is about.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_item::CrmKind")]
pub enum CrmKind {
    /// Someone who may become a customer.
    Lead,
    /// A sale under way.
    Deal,
    /// A person outside.
    Contact,
    /// A firm outside.
    Company,
    /// An offer.
    Quote,
    /// A bill.
    Invoice,
}

/// A CRM record. Who sees and changes it is decided by CRM roles.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmItem {
    /// The id.
    pub id: ID,
    /// The id in the system that the record was imported from.
    external_id: Option<String>,
    /// What it is about.
    kind: CrmKind,
    /// What it is called.
    title: String,
    /// Where in its pipeline it stands, in the company's own words.
    stage: Option<String>,
    /// Whether work on it is over.
    closed: bool,
    /// ISO 4217 code.
    currency: Option<String>,
    /// Whether it is opened to all.
    opened_to_all: bool,
    /// When it was made.
    created_at: DateTime<Utc>,
    /// When it was last changed, by a handover too.
    updated_at: DateTime<Utc>,
    #[graphql(skip)]
    row: crm_item::Model,
}

impl From<crm_item::Model> for CrmItem {
    fn from(row: crm_item::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            external_id: row.external_id.clone(),
            kind: row.kind.into(),
            title: row.title.clone(),
            stage: row.stage.clone(),
            closed: row.closed,
            currency: row.currency.clone(),
            opened_to_all: row.opened_to_all,
            created_at: row.created_at,
            updated_at: row.updated_at,
            row,
        }
    }
}

#[ComplexObject]
impl CrmItem {
    /// What it is worth, exactly.
    async fn amount(&self) -> Nullable<ExactDecimal> {
        let amount = self.row.amount.as_deref()?.parse();
        Some(amount.map(ExactDecimal).map_err(Error::internal))
    }

    /// Who looks after it; null when nobody does.
    async fn responsible(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.responsible_id?).await
    }

    /// The calls, meetings, e-mails and to-dos about it, the newest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn activities(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<CrmActivityConnection, Error> {
        let filter = activities::CrmActivityFilter {
            item: Some(self.row.id),
            ..Default::default()
        };
        let args = PageArgs {
            first,
            after,
            ..Default::default()
        };
        Ok(activities::activities(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Whether the caller may read this record.
///
/// # Errors
/// When the database fails.
pub async fn may_read(ctx: &Context<'_>, row: &crm_item::Model) -> Result<bool, Error> {
    let (actor, loaders, db) = (ctx.actor()?, ctx.loaders(), ctx.db());
    let load = || Access::load(db.read(), actor, CrmOperation::Read);
    let access = loaders.crm_readable.get_or_try_init(load).await?;
    match access.covers(row) {
        Some(may) => Ok(may),
        None => access.allows(db.read(), row.id).await,
    }
}

columns!(CrmItem {
    "id": id,
    "externalId": external_id,
    "kind": kind,
    "title": title,
    "stage": stage,
    "closed": closed,
    "currency": currency,
    "openedToAll": opened_to_all,
    "createdAt": created_at,
    "updatedAt": updated_at,
});
words!(CrmKind);
connection!(CrmItem, CrmItemConnection, CrmItemEdge, "CRM records");

/// Which records. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct CrmItemFilter {
    /// Those about one of these.
    kind: Option<Vec<CrmKind>>,
    /// Those of this person.
    responsible_id: Option<ID>,
    /// Those whose responsible person has left (true), or has not (false).
    responsible_dismissed: Option<bool>,
    /// Those that nobody looks after (true), or somebody does (false).
    unassigned: Option<bool>,
    /// Those in one of these stages.
    stage: Option<Vec<String>>,
    /// Closed ones (true) or open ones (false).
    closed: Option<bool>,
    /// Those with this text in the title; letter case does not matter.
    search: Option<String>,
    /// Those whose responsible person is in this department or below.
    department_id: Option<ID>,
    /// Changed at this moment or later: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
}

/// A new record.
#[derive(InputObject)]
pub struct CreateCrmItemInput {
    /// What it is about.
    kind: CrmKind,
    /// What it is called.
    title: String,
    /// Where in its pipeline it stands.
    stage: Option<String>,
    /// What it is worth.
    amount: Option<ExactDecimal>,
    /// ISO 4217 code.
    currency: Option<String>,
    /// Who looks after it: an active person; you, when left out.
    responsible_id: Option<ID>,
    /// Whether it is opened to all.
    opened_to_all: Option<bool>,
}

/// What is to change of a record; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateCrmItemInput {
    /// Which record.
    item_id: ID,
    /// What it is called; it can't be removed.
    title: MaybeUndefined<String>,
    /// Where in its pipeline it stands.
    stage: MaybeUndefined<String>,
    /// Whether work on it is over.
    closed: MaybeUndefined<bool>,
    /// What it is worth.
    amount: MaybeUndefined<ExactDecimal>,
    /// ISO 4217 code.
    currency: MaybeUndefined<String>,
    /// Who looks after it: an active person; null for nobody.
    responsible_id: MaybeUndefined<ID>,
    /// Whether it is opened to all.
    opened_to_all: MaybeUndefined<bool>,
}

/// The answer to an operation on a record.
#[derive(SimpleObject)]
pub struct CrmItemPayload {
    /// The record as it is now.
    item: Option<CrmItem>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl CrmItemPayload {
    fn new(outcome: Outcome<crm_item::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            item: row.map(CrmItem::from),
            user_errors,
        })
    }
}

/// Reads of CRM records.
#[derive(Default)]
pub struct CrmQuery;

#[Object]
impl CrmQuery {
    /// CRM records that you may see, the newest first. An integration needs READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn crm_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<CrmItemFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<CrmItemConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::CrmItemFilter {
            kind: input::argument_list(filter.kind, "filter.kind")?,
            responsible: filter
                .responsible_id
                .map(|id| argument_id(&id, "filter.responsibleId"))
                .transpose()?,
            responsible_dismissed: filter.responsible_dismissed,
            unassigned: filter.unassigned,
            stage: input::argument_texts(filter.stage, "filter.stage")?,
            closed: filter.closed,
            search: filter.search,
            department: filter
                .department_id
                .map(|id| argument_id(&id, "filter.departmentId"))
                .transpose()?,
            updated_since: filter.updated_since.map(input::bound),
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::crm_items(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Changes of CRM records.
#[derive(Default)]
pub struct CrmMutation;

#[Object]
impl CrmMutation {
    /// Makes a record. Needs a CRM role that lets you ADD it.
    async fn create_crm_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: CreateCrmItemInput,
    ) -> Result<CrmItemPayload, Error> {
        let actor = ctx.actor()?;
        CrmItemPayload::new(match input.check() {
            Ok(command) => create::create_crm_item(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }

    /// Changes a record. Needs a CRM role that lets you UPDATE it.
    async fn update_crm_item(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UpdateCrmItemInput,
    ) -> Result<CrmItemPayload, Error> {
        let actor = ctx.actor()?;
        CrmItemPayload::new(match input.check() {
            Ok(command) => update::update_crm_item(ctx.db(), actor, &command).await,
            Err(refused) => Err(refused),
        })
    }
}

fn stage(text: String) -> Outcome<String> {
    input::line(&text, input::NAME, "stage")
}

impl CreateCrmItemInput {
    fn check(self) -> Outcome<CreateCrmItem> {
        Ok(CreateCrmItem {
            kind: self.kind.into(),
            title: input::line(&self.title, input::TITLE, "title")?,
            stage: self.stage.map(stage).transpose()?,
            amount: self.amount.map(|amount| amount_text(amount.0)),
            currency: self
                .currency
                .map(|text| check_currency(&text, "currency"))
                .transpose()?,
            responsible: self
                .responsible_id
                .map(|id| input::id(&id, "responsibleId"))
                .transpose()?,
            opened_to_all: self.opened_to_all.unwrap_or(false),
        })
    }
}

impl UpdateCrmItemInput {
    fn check(self) -> Outcome<UpdateCrmItem> {
        Ok(UpdateCrmItem {
            item: input::id(&self.item_id, "itemId")?,
            title: Change::from(self.title)
                .check(|text: String| input::line(&text, input::TITLE, "title"))?,
            stage: Change::from(self.stage).check(stage)?,
            closed: self.closed.into(),
            amount: Change::from(self.amount).check(|amount| Ok(amount_text(amount.0)))?,
            currency: Change::from(self.currency).check(|text: String| check_currency(&text, "currency"))?,
            responsible: Change::from(self.responsible_id).check(|id: ID| input::id(&id, "responsibleId"))?,
            opened_to_all: self.opened_to_all.into(),
        })
    }
}
