//! Participants and observers of the tasks created from a template.

use sea_orm::entity::prelude::*;

use crate::task_member::MemberRole;
use crate::{TaskTemplateId, UserId};

/// A row of `task_template_members`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_template_members")]
pub struct Model {
    /// The template.
    #[sea_orm(primary_key, auto_increment = false)]
    pub template_id: TaskTemplateId,
    /// Role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: MemberRole,
    /// Member.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
