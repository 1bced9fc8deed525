//! Queries on CRM roles.

use std::collections::HashMap;

use entity::crm_role::Model as CrmRole;
use entity::{CrmRoleId, DepartmentId, UserId, crm_role, crm_role_department, crm_role_member, crm_rule};
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::domain::auth::{Actor, Permission};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::revision;

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

/// Returns the whole role, for the audit log.
///
/// # Errors
/// When the database fails.
pub async fn describe(conn: &impl ConnectionTrait, id: CrmRoleId) -> Result<Value, Error> {
    let role = crm_role::Entity::find_by_id(id).one(conn).await?;
    let rules = crm_rule::Entity::find()
        .filter(crm_rule::Column::RoleId.eq(id))
        .order_by_asc(crm_rule::Column::Kind)
        .order_by_asc(crm_rule::Column::Operation)
        .all(conn)
        .await?;
    let members = crm_role_member::Entity::find()
        .filter(crm_role_member::Column::RoleId.eq(id))
        .order_by_asc(crm_role_member::Column::UserId)
        .all(conn)
        .await?;
    let departments = crm_role_department::Entity::find()
        .filter(crm_role_department::Column::RoleId.eq(id))
        .order_by_asc(crm_role_department::Column::DepartmentId)
        .all(conn)
        .await?;
    let rule = |rule: &crm_rule::Model| {
        format!(
            "{} {} {}",
            rule.kind.to_value(),
            rule.operation.to_value(),
            rule.level.to_value()
        )
    };
    Ok(json!({
        "name": role.as_ref().map(|role| &role.name),
        "audience": role.as_ref().map(|role| role.audience.to_value()),
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "members": members.iter().map(|row| row.user_id.to_string()).collect::<Vec<_>>(),
        "departments": departments.iter().map(|row| row.department_id.to_string()).collect::<Vec<_>>(),
    }))
}

/// Returns the revision of a role: changes whenever it does.
///
/// # Errors
/// When the database fails.
pub async fn revision(db: &Db, id: CrmRoleId) -> Result<String, Error> {
    Ok(revision::of(&describe(db.read(), id).await?))
}
