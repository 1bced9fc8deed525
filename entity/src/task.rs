//! Tasks.

use sea_orm::entity::prelude::*;

use crate::{TaskId, Timestamp, UserId};

/// How far a task has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskStatus {
    /// Not begun.
    Pending,
    /// Being worked on.
    InProgress,
    /// Done, and waits for its creator to agree.
    AwaitingControl,
    /// Put off.
    Deferred,
    /// Done.
    Completed,
    /// Will not be done.
    Declined,
}

/// A row of `tasks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// The id in the system that the task was imported from.
    pub external_id: Option<String>,
    /// What is to be done.
    pub title: String,
    /// The title in lower case: what a search looks through.
    pub search_text: String,
    /// How far it has come.
    pub status: TaskStatus,
    /// The imported status in its own words, where they are not one of ours.
    pub status_text: Option<String>,
    /// Completed or declined; the database derives it from the status.
    pub closed: bool,
    /// When it is due.
    pub deadline: Option<Timestamp>,
    /// Who set it.
    pub creator_id: UserId,
    /// Who does it.
    pub responsible_id: Option<UserId>,
    /// When the task was made.
    pub created_at: Timestamp,
    /// When the task or who holds it was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
