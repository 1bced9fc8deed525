//! What the members of a group get here.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, DepartmentId, DirectoryGroupId, Timestamp};

/// A row of `directory_group_mappings`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_group_mappings")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The group.
    pub group_id: DirectoryGroupId,
    /// The department that members are assigned to.
    pub department_id: Option<DepartmentId>,
    /// The CRM role that members have.
    pub crm_role_id: Option<CrmRoleId>,
    /// Whether members are administrators.
    pub administrators: bool,
    /// When it was created.
    pub created_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
