//! Tasks.

use sea_orm::entity::prelude::*;

use crate::{TaskId, Timestamp, UserId};

/// Status of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskStatus {
    /// Not started.
    Pending,
    /// In progress.
    InProgress,
    /// Done, awaiting approval by the creator.
    AwaitingControl,
    /// Deferred.
    Deferred,
    /// Completed.
    Completed,
    /// Declined.
    Declined,
}

/// A row of `tasks`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskId,
    /// The id in the system it was imported from.
    pub external_id: Option<String>,
    /// Title.
    pub title: String,
    /// Folded title, for searches.
    pub search_text: String,
    /// Status.
    pub status: TaskStatus,
    /// Imported status as text, if it is not one of ours.
    pub status_text: Option<String>,
    /// Completed or declined; a generated column.
    pub closed: bool,
    /// When it is due.
    pub deadline: Option<Timestamp>,
    /// Creator.
    pub creator_id: UserId,
    /// Person responsible.
    pub responsible_id: Option<UserId>,
    /// When the task was created.
    pub created_at: Timestamp,
    /// When the task, or a person in it, was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
