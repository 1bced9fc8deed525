//! Calendars.

use sea_orm::entity::prelude::*;

use crate::{CalendarId, Timestamp, UserId};

/// A row of `calendars`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendars")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CalendarId,
    /// Name.
    pub name: String,
    /// What searches look through.
    pub search_text: String,
    /// Owner; never changes.
    pub owner_id: UserId,
    /// Person responsible: the owner, until a handover reassigns it.
    pub kept_by_id: UserId,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it, or the person responsible, was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
