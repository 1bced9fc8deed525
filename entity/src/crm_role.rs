//! CRM roles: who may do what with whose records.

use sea_orm::entity::prelude::*;

use crate::{CrmRoleId, Timestamp};

/// Whose role it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CrmAudience {
    /// Those whom it names, and the departments that it names.
    Named,
    /// All administrators, and those whom it names.
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
    /// What it is called.
    pub name: String,
    /// The name in lower case: no two roles have the same.
    pub name_key: String,
    /// Whose role it is.
    pub audience: CrmAudience,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the role was last changed.
    pub updated_at: Timestamp,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
