//! The types of the API: crm.

use crate::domain::crm::create::CreateCrmItem;
use crate::domain::crm::update::UpdateCrmItem;
use crate::domain::crm::{amount_text, check_currency};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::scalars::ExactDecimal;
use crate::graphql::kit::user_error::{UserError, split};
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_item;

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
    pub(crate) row: crm_item::Model,
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
    pub(crate) kind: Option<Vec<CrmKind>>,
    /// Those of this person.
    pub(crate) responsible_id: Option<ID>,
    /// Those whose responsible person has left (true), or has not (false).
    pub(crate) responsible_dismissed: Option<bool>,
    /// Those that nobody looks after (true), or somebody does (false).
    pub(crate) unassigned: Option<bool>,
    /// Those in one of these stages.
    pub(crate) stage: Option<Vec<String>>,
    /// Closed ones (true) or open ones (false).
    pub(crate) closed: Option<bool>,
    /// Those with this text in the title; letter case does not matter.
    pub(crate) search: Option<String>,
    /// Those whose responsible person is in this department or below.
    pub(crate) department_id: Option<ID>,
    /// Changed at this moment or later: see `updatedAt`.
    pub(crate) updated_since: Option<DateTime<Utc>>,
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
    pub(crate) fn new(outcome: Outcome<crm_item::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            item: row.map(CrmItem::from),
            user_errors,
        })
    }
}

impl CreateCrmItemInput {
    pub(crate) fn check(self) -> Outcome<CreateCrmItem> {
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
    pub(crate) fn check(self) -> Outcome<UpdateCrmItem> {
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

pub(crate) fn stage(text: String) -> Outcome<String> {
    input::line(&text, input::NAME, "stage")
}
