//! Outbox: what remains to be done after a transaction has committed.

use sea_orm::entity::prelude::*;

use crate::{OutboxMessageId, Timestamp};

/// Topic of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Topic {
    /// Run the handover given as the subject.
    RunHandover,
    /// Carry out the scheduled dismissal given as the subject.
    RunDismissal,
    /// Queue the handover that follows the dismissal by a directory given as the subject.
    RunDirectoryHandover,
}

/// A row of `outbox_messages`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox_messages")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OutboxMessageId,
    /// Topic.
    pub topic: Topic,
    /// The subject.
    pub subject_id: Uuid,
    /// Not processed before this time.
    pub due_at: Timestamp,
    /// Token of the current lease; new with each claim.
    pub lease: Option<Uuid>,
    /// When the lease expires.
    pub leased_until: Option<Timestamp>,
    /// Attempts since the last progress.
    pub attempts: i32,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
