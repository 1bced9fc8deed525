//! What a CRM role allows: a level for each kind of record and operation.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, crm_item::CrmKind};

/// What is done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmOperation {
    /// Looked at.
    Read,
    /// Made.
    Add,
    /// Changed, or handed over.
    Update,
    /// Deleted.
    Delete,
    /// Taken out in bulk.
    Export,
    /// Brought in, in bulk.
    Import,
}

/// With whose records; each level has all that the ones before it have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmLevel {
    /// With none.
    None,
    /// One's own.
    Own,
    /// Those of one's department.
    Department,
    /// Those of one's department and the ones below it.
    DepartmentTree,
    /// Those that are opened to all, too.
    Open,
    /// Every record.
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
    /// What is done.
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation: CrmOperation,
    /// With whose records.
    pub level: CrmLevel,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
