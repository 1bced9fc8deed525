//! Departments whose people, subdepartments included, have a CRM role.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, DepartmentId};

/// A row of `crm_role_departments`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_role_departments")]
pub struct Model {
    /// The role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: CrmRoleId,
    /// Department whose people have it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub department_id: DepartmentId,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
