//! Directories that provision people by SCIM.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, IntegrationId, Timestamp};

/// What happens when a directory activates a person whom somebody else has dismissed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WhenDismissedHere {
    /// They stay dismissed.
    Stands,
    /// They are rehired.
    DirectoryDecides,
}

/// A row of `directories`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directories")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DirectoryId,
    /// Name.
    pub name: String,
    /// The integration that it authenticates as.
    pub integration_id: IntegrationId,
    /// What happens when it activates a person whom somebody else has dismissed.
    pub when_dismissed_here: WhenDismissedHere,
    /// Whether it assigns people to departments by their names.
    pub departments_by_name: bool,
    /// Who gets the work of the people it dismisses, as JSON.
    pub handover_moves: String,
    /// Seconds between a dismissal by it and the handover of the work.
    pub handover_after_seconds: i32,
    /// When it first wrote a person.
    pub first_write_at: Option<Timestamp>,
    /// When it last sent the attribute `active`.
    pub active_received_at: Option<Timestamp>,
    /// When it last sent a request, to the minute.
    pub last_request_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was ended; `None` for an active one.
    pub ended_at: Option<Timestamp>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
