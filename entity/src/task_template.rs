//! Task templates: each makes a task whenever its rule says so.

use sea_orm::entity::prelude::*;

use crate::{TaskTemplateId, Timestamp, UserId};

/// A row of `task_templates`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_templates")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TaskTemplateId,
    /// What is to be done each time.
    pub title: String,
    /// The title in lower case: what a search looks through.
    pub search_text: String,
    /// When: the value of an RRULE (RFC 5545).
    pub recurrence: String,
    /// What the rule counts from, in whole seconds.
    pub starts_at: Timestamp,
    /// The occurrence whose task is to be made next; `None` when the rule has ended.
    pub next_run_at: Option<Timestamp>,
    /// Who sets the tasks.
    pub creator_id: UserId,
    /// Who does them.
    pub responsible_id: UserId,
    /// When the template was made.
    pub created_at: Timestamp,
    /// When the template or who holds it was last changed; making a task changes neither.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
