//! Reads of CRM roles.

use entity::crm_role::Model as CrmRole;
use entity::{CrmRoleId, DepartmentId, UserId, crm_role, crm_role_department, crm_role_member, crm_rule};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db::Db;

/// All roles, by name.
///
/// # Errors
/// [`Error::Forbidden`] without the permission.
pub async fn all(db: &Db, actor: &Actor) -> Result<Vec<CrmRole>, Error> {
    actor.require(Permission::ManageSettings)?;
    Ok(crm_role::Entity::find()
        .order_by_asc(crm_role::Column::NameKey)
        .all(db.read())
        .await?)
}

/// A role, for those with the permission.
///
/// # Errors
/// When the database fails.
pub async fn find(db: &Db, actor: &Actor, id: CrmRoleId) -> Result<Option<CrmRole>, Error> {
    if !actor.may(Permission::ManageSettings) {
        return Ok(None);
    }
    Ok(crm_role::Entity::find_by_id(id).one(db.read()).await?)
}

/// The rules of a role.
///
/// # Errors
/// When the database fails.
pub async fn rules(db: &Db, id: CrmRoleId) -> Result<Vec<crm_rule::Model>, Error> {
    Ok(crm_rule::Entity::find()
        .filter(crm_rule::Column::RoleId.eq(id))
        .order_by_asc(crm_rule::Column::Kind)
        .order_by_asc(crm_rule::Column::Operation)
        .all(db.read())
        .await?)
}

/// Those whom a role names.
///
/// # Errors
/// When the database fails.
pub async fn members(db: &Db, id: CrmRoleId) -> Result<Vec<UserId>, Error> {
    Ok(crm_role_member::Entity::find()
        .select_only()
        .column(crm_role_member::Column::UserId)
        .filter(crm_role_member::Column::RoleId.eq(id))
        .order_by_asc(crm_role_member::Column::UserId)
        .into_tuple()
        .all(db.read())
        .await?)
}

/// The departments that a role names.
///
/// # Errors
/// When the database fails.
pub async fn departments(db: &Db, id: CrmRoleId) -> Result<Vec<DepartmentId>, Error> {
    Ok(crm_role_department::Entity::find()
        .select_only()
        .column(crm_role_department::Column::DepartmentId)
        .filter(crm_role_department::Column::RoleId.eq(id))
        .order_by_asc(crm_role_department::Column::DepartmentId)
        .into_tuple()
        .all(db.read())
        .await?)
}
