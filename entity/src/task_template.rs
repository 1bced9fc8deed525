//! Templates of recurring tasks: each creates tasks by its recurrence rule.

use sea_orm::entity::prelude::*;

use crate::{TaskTemplateId, Timestamp, UserId};

/// A row of `task_templates`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_templates")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskTemplateId,
    /// Title of the tasks.
    pub title: String,
    /// Folded title, for searches.
    pub search_text: String,
    /// Recurrence rule: the value of an RRULE (RFC 5545).
    pub recurrence: String,
    /// Start of the rule, in whole seconds.
    pub starts_at: Timestamp,
    /// The next occurrence for which a task is due; `None` if the rule has ended.
    pub next_run_at: Option<Timestamp>,
    /// Creator of the tasks.
    pub creator_id: UserId,
    /// Person responsible for the tasks.
    pub responsible_id: UserId,
    /// When the template was created.
    pub created_at: Timestamp,
    /// When the template, or a person in it, was last changed; creating a task doesn't count.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
