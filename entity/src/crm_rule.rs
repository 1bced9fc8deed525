//! What a CRM role allows: a level for each kind of record and operation.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, crm_item::CrmKind};

/// Operation on a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmOperation {
    /// Read.
    Read,
    /// Create.
    Add,
    /// Change or hand over.
    Update,
    /// Delete.
    Delete,
    /// Export in bulk.
    Export,
    /// Import in bulk.
    Import,
}

/// Which records an operation is allowed on; each level includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmLevel {
    /// None.
    None,
    /// Own records.
    Own,
    /// Records of the own department.
    Department,
    /// Records of the own department and its subdepartments.
    DepartmentTree,
    /// Also records opened to all.
    Open,
    /// All records.
    All,
}

/// A row of `crm_rules`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_rules")]
pub struct Model {
    /// The role.
    #[sea_orm(primary_key, auto_increment = false)]
    pub role_id: CrmRoleId,
    /// The kind of record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: CrmKind,
    /// The operation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation: CrmOperation,
    /// Which records it is allowed on.
    pub level: CrmLevel,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
