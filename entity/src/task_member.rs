//! Participants and observers of tasks.

use sea_orm::entity::prelude::*;

use crate::{TaskId, UserId};

/// Role of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberRole {
    /// Works on the task too.
    Participant,
    /// Is kept informed.
    Observer,
}

/// A row of `task_members`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task_members")]
pub struct Model {
    /// The task.
    #[sea_orm(primary_key, auto_increment = false)]
    pub task_id: TaskId,
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
