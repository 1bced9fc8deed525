//! Who assists in the tasks that a template makes, and who follows them.

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
    /// The part played.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role: MemberRole,
    /// Who plays it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
