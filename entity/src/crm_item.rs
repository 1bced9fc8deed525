//! CRM records: leads, deals, contacts, companies, quotes and invoices.

use sea_orm::entity::prelude::*;

use crate::{CrmItemId, Timestamp, UserId};

/// Kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmKind {
    /// A prospective customer.
    Lead,
    /// A sale in progress.
    Deal,
    /// An external person.
    Contact,
    /// An external organization.
    Company,
    /// A quote.
    Quote,
    /// An invoice.
    Invoice,
}

/// A row of `crm_items`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_items")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrmItemId,
    /// The id in the system it was imported from.
    pub external_id: Option<String>,
    /// Kind.
    pub kind: CrmKind,
    /// Title.
    pub title: String,
    /// Folded title, for searches.
    pub search_text: String,
    /// Stage in its pipeline, as the company calls it.
    pub stage: Option<String>,
    /// Whether work on it has ended.
    pub closed: bool,
    /// Exact decimal, as text: SQLite has no exact decimal type.
    pub amount: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Person responsible.
    pub responsible_id: Option<UserId>,
    /// Whether everybody may read it.
    pub opened_to_all: bool,
    /// When the record was created.
    pub created_at: Timestamp,
    /// When the record, or the person responsible, was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
