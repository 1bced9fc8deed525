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
    /// The id in the system that the department was imported from.
    pub external_id: Option<String>,
    /// What it is called.
    pub name: String,
    /// The department above.
    pub parent_id: Option<DepartmentId>,
    /// Who leads it; a headship is work, so this may name someone who has left.
    pub head_id: Option<UserId>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
