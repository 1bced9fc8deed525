//! CRM records: leads, deals, contacts, companies, quotes and invoices.

use sea_orm::entity::prelude::*;

use crate::{CrmItemId, Timestamp, UserId};

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
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

/// A row of `crm_items`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_items")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrmItemId,
    /// The id in the system that the record was imported from.
    pub external_id: Option<String>,
    /// What it is about.
    pub kind: CrmKind,
    /// What it is called.
    pub title: String,
    /// The title in lower case: what a search looks through.
    pub search_text: String,
    /// Where in its pipeline it stands, in the company's own words.
    pub stage: Option<String>,
    /// Whether work on it is over.
    pub closed: bool,
    /// Exact decimal text: SQLite has no exact decimal type.
    pub amount: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Who looks after it.
    pub responsible_id: Option<UserId>,
    /// Whether everybody may read it.
    pub opened_to_all: bool,
    /// When the record was made.
    pub created_at: Timestamp,
    /// When the record or who holds it was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
