//! CRM roles: who may do what with which records.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, Timestamp};

/// Who has the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmAudience {
    /// The people and departments it names.
    Named,
    /// All administrators, and the people it names.
    Administrators,
    /// Everybody.
    Everybody,
}

/// A row of `crm_roles`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "crm_roles")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CrmRoleId,
    /// Name.
    pub name: String,
    /// Folded name, unique.
    pub name_key: String,
    /// Who has the role.
    pub audience: CrmAudience,
    /// When the role was created.
    pub created_at: Timestamp,
    /// When the role was last changed.
    pub updated_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
