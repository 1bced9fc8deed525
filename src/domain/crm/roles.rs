//! Queries on CRM roles.

use std::collections::HashMap;

use entity::crm_role::Model as CrmRole;
use entity::{CrmRoleId, DepartmentId, UserId, crm_role, crm_role_department, crm_role_member, crm_rule};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;

/// Returns all roles, by name.
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

/// Returns rows by id, without a permission check.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(db: &Db, ids: &[CrmRoleId]) -> Result<HashMap<CrmRoleId, CrmRole>, Error> {
    db::by_ids::<crm_role::Entity, _>(db.read(), crm_role::Column::Id, ids, |row| row.id).await
}

/// Returns the rules of a role.
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

/// Returns the people a role names.
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

/// Returns the departments a role names.
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
