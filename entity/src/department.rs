//! Departments: a tree.

use sea_orm::entity::prelude::*;

use crate::{DepartmentId, Timestamp, UserId};

/// A row of `departments`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "departments")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DepartmentId,
    /// The id in the system it was imported from.
    pub external_id: Option<String>,
    /// Name.
    pub name: String,
    /// Parent department.
    pub parent_id: Option<DepartmentId>,
    /// Head; a headship is work, so this may be someone who was dismissed.
    pub head_id: Option<UserId>,
    /// When the row was created.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
