//! GraphQL types: CRM records.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::crm_item;

use crate::domain::crm::create::CreateCrmItem;
use crate::domain::crm::list;
use crate::domain::crm::update::UpdateCrmItem;
use crate::domain::crm::{amount_text, check_currency};
use crate::error::Error;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::scalars::ExactDecimal;
use crate::graphql::kit::user_error::argument_id_option;
use crate::store::input;
use crate::store::input::Change;

/// Kind of CRM record.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "crm_item::CrmKind")]
pub enum CrmKind {
    /// A potential customer.
    Lead,
    /// A sale in progress.
    Deal,
    /// An external person.
    Contact,
    /// An organization.
    Company,
    /// A quote.
    Quote,
    /// An invoice.
    Invoice,
}

/// A CRM record. CRM roles decide who can read and change it.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct CrmItem {
    /// ID of the object.
    pub id: ID,
    /// ID in the system that the record was imported from.
    external_id: Option<String>,
    /// Kind.
    kind: CrmKind,
    /// Title.
    title: String,
    /// Pipeline stage, as free text.
    stage: Option<String>,
    /// Whether the record is closed.
    closed: bool,
    /// Currency, as an ISO 4217 code.
    currency: Option<String>,
    /// Whether the record is open to everyone: see `CrmLevel.OPEN`.
    opened_to_all: bool,
    /// When it was created.
    created_at: DateTime<Utc>,
    /// When it was last changed, including changes by a handover.
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

/// Filter for records. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct CrmItemFilter {
    /// Records of one of these kinds.
    kind: Option<Vec<CrmKind>>,
    /// Records of this responsible person.
    responsible_id: Option<ID>,
    /// Records whose responsible person has been dismissed (true), or has not (false).
    responsible_dismissed: Option<bool>,
    /// Records without a responsible person (true), or with one (false).
    unassigned: Option<bool>,
    /// Records in one of these stages.
    stage: Option<Vec<String>>,
    /// Closed records (true) or open ones (false).
    closed: Option<bool>,
    /// Title contains this text, case-insensitive.
    search: Option<String>,
    /// Records whose responsible person is in this department or one below it.
    department_id: Option<ID>,
    /// Changed at or after this time: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
}

impl CrmItemFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<list::CrmItemFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(list::CrmItemFilter {
            kind: input::argument_list(self.kind, &path("kind"))?,
            responsible: argument_id_option(self.responsible_id.as_ref(), &path("responsibleId"))?,
            responsible_dismissed: self.responsible_dismissed,
            unassigned: self.unassigned,
            stage: input::argument_texts(self.stage, &path("stage"))?,
            closed: self.closed,
            search: self.search,
            department: argument_id_option(self.department_id.as_ref(), &path("departmentId"))?,
            updated_since: self.updated_since.map(input::clamp_timestamp),
        })
    }
}

/// A new CRM record.
#[derive(InputObject)]
pub struct CreateCrmItemInput {
    /// Kind.
    kind: CrmKind,
    /// Title.
    title: String,
    /// Pipeline stage.
    stage: Option<String>,
    /// Monetary value.
    amount: Option<ExactDecimal>,
    /// Currency, as an ISO 4217 code.
    currency: Option<String>,
    /// The person responsible; must be active. Defaults to you.
    responsible_id: Option<ID>,
    /// Whether the record is open to everyone: see `CrmLevel.OPEN`.
    opened_to_all: Option<bool>,
}

/// Changes to a record. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateCrmItemInput {
    /// ID of the record.
    item_id: ID,
    /// Title; can't be null.
    title: MaybeUndefined<String>,
    /// Pipeline stage.
    stage: MaybeUndefined<String>,
    /// Whether the record is closed.
    closed: MaybeUndefined<bool>,
    /// Monetary value.
    amount: MaybeUndefined<ExactDecimal>,
    /// Currency, as an ISO 4217 code.
    currency: MaybeUndefined<String>,
    /// The person responsible; must be active. Null for nobody.
    responsible_id: MaybeUndefined<ID>,
    /// Whether the record is open to everyone: see `CrmLevel.OPEN`.
    opened_to_all: MaybeUndefined<bool>,
}

payload! {
    /// Payload of the CRM record mutations.
    CrmItemPayload {
        /// The record after the change.
        item: CrmItem from crm_item::Model,
    }
}

impl CreateCrmItemInput {
    pub(crate) fn check(self) -> Outcome<CreateCrmItem> {
        Ok(CreateCrmItem {
            kind: self.kind.into(),
            title: input::check_line(&self.title, input::TITLE, "title")?,
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
                .check(|text: String| input::check_line(&text, input::TITLE, "title"))?,
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
    input::check_line(&text, input::NAME, "stage")
}
