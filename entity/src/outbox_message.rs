//! What is still to be done after a transaction has committed.

use sea_orm::entity::prelude::*;

use crate::{OutboxMessageId, Timestamp};

/// What a message asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// Run the handover that is its subject.
    RunHandover,
    /// Carry out the scheduled dismissal that is its subject.
    RunDismissal,
}

/// A row of `outbox_messages`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_messages")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxMessageId,
    /// What it asks for.
    pub topic: Topic,
    /// The row that it is about.
    pub subject_id: Uuid,
    /// Not before this moment.
    pub due_at: Timestamp,
    /// The lease of the process that works on it; a new one with each claim.
    pub lease: Option<Uuid>,
    /// Until when that process is believed to be alive.
    pub leased_until: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: i32,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
