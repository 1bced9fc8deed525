//! setCrmRole: makes a CRM role, or changes one.

use std::collections::HashSet;
use std::sync::Arc;

use entity::crm_item::CrmKind;
use entity::crm_role::{self, CrmAudience, Model as CrmRole};
use entity::crm_rule::{self, CrmLevel, CrmOperation};
use entity::{CrmRoleId, DepartmentId, UserId, crm_role_department, crm_role_member, department, user};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveEnum, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::{Value, json};

use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Error, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::{Tx, insert_all};
use crate::store::journal;
use crate::store::journal::Action;

/// Most people, and most departments, that a role can name.
pub const MAX_NAMED: usize = 1_000;

/// A level for a kind of record and an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The kind of record.
    pub kind: CrmKind,
    /// What is done.
    pub operation: CrmOperation,
    /// With whose records.
    pub level: CrmLevel,
}

/// What a role is to be, checked.
#[derive(Debug, Clone)]
pub struct SetCrmRole {
    /// Which one; `None` makes a new one.
    pub role: Option<CrmRoleId>,
    /// What it is called.
    pub name: String,
    /// All its rules; what is not named is allowed with no records.
    pub rules: Vec<Rule>,
    /// Who has it by name; `None` leaves them.
    pub members: Option<Vec<UserId>>,
    /// Whose people have it; `None` leaves them.
    pub departments: Option<Vec<DepartmentId>>,
}

/// Makes or changes a role.
///
/// # Errors
/// [`Code::NotFound`] for the role, a person or a department; [`Code::NameTaken`]; [`Code::Invalid`] when two rules
/// are about the same.
pub async fn set_crm_role(db: &Db, actor: &Actor, command: &SetCrmRole) -> Outcome<CrmRole> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageSettings),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            check(tx, command).await?;
            let before = match command.role {
                Some(id) => Some(describe(tx, id).await?),
                None => None,
            };
            let role = save(tx, command).await?;
            let after = describe(tx, role.id).await?;
            if before.as_ref() != Some(&after) {
                journal::record(
                    tx,
                    &actor.author(),
                    Action::CrmRoleSet,
                    Some(role.id.into()),
                    after,
                )
                .await?;
            }
            Ok(role)
        },
    )
    .await
}

async fn check(tx: &Tx, command: &SetCrmRole) -> Outcome<()> {
    let mut seen = HashSet::new();
    for (place, rule) in command.rules.iter().enumerate() {
        if !seen.insert((rule.kind, rule.operation)) {
            return refuse(
                Code::Invalid,
                &format!("rules.{place}"),
                "another rule is about the same",
            );
        }
    }
    let key = text::name_key(&command.name);
    let namesake = crm_role::Entity::find()
        .filter(crm_role::Column::NameKey.eq(key))
        .one(&tx.conn)
        .await?;
    if namesake.is_some_and(|other| Some(other.id) != command.role) {
        return refuse(Code::NameTaken, "name", "another role has this name");
    }
    if let Some(members) = &command.members {
        let found = user::Entity::find().filter(user::Column::Id.is_in(members.iter().copied()));
        if found.count(&tx.conn).await? != members.len() as u64 {
            return refuse(Code::NotFound, "memberIds", "one of these is nobody here");
        }
    }
    if let Some(departments) = &command.departments {
        let found =
            department::Entity::find().filter(department::Column::Id.is_in(departments.iter().copied()));
        if found.count(&tx.conn).await? != departments.len() as u64 {
            return refuse(Code::NotFound, "departmentIds", "one of these is no department");
        }
    }
    Ok(())
}

async fn save(tx: &Tx, command: &SetCrmRole) -> Outcome<CrmRole> {
    let before = match command.role {
        None => None,
        Some(id) => {
            let found = crm_role::Entity::find_by_id(id)
                .lock(LockType::NoKeyUpdate)
                .one(&tx.conn)
                .await?;
            if found.is_none() {
                return refuse(Code::NotFound, "roleId", "there is no such role");
            }
            found
        }
    };
    let row = crm_role::ActiveModel {
        id: Set(before
            .as_ref()
            .map_or_else(|| CrmRoleId(tx.new_id()), |row| row.id)),
        name: Set(command.name.clone()),
        name_key: Set(text::name_key(&command.name)),
        audience: Set(before.as_ref().map_or(CrmAudience::Named, |row| row.audience)),
        created_at: Set(before.as_ref().map_or(tx.now, |row| row.created_at)),
        updated_at: Set(tx.now),
    };
    let role = match before {
        Some(_) => crm_role::Entity::update(row).exec(&tx.conn).await?,
        None => {
            crm_role::Entity::insert(row)
                .exec_with_returning(&tx.conn)
                .await?
        }
    };
    crm_rule::Entity::delete_many()
        .filter(crm_rule::Column::RoleId.eq(role.id))
        .exec(&tx.conn)
        .await?;
    let rules = command.rules.iter().map(|rule| crm_rule::ActiveModel {
        role_id: Set(role.id),
        kind: Set(rule.kind),
        operation: Set(rule.operation),
        level: Set(rule.level),
    });
    insert_all(tx, rules.collect()).await?;
    if let Some(members) = &command.members {
        let old = crm_role_member::Entity::delete_many();
        old.filter(crm_role_member::Column::RoleId.eq(role.id))
            .exec(&tx.conn)
            .await?;
        let rows = members.iter().map(|&user_id| crm_role_member::ActiveModel {
            role_id: Set(role.id),
            user_id: Set(user_id),
        });
        insert_all(tx, rows.collect()).await?;
    }
    if let Some(departments) = &command.departments {
        let old = crm_role_department::Entity::delete_many();
        old.filter(crm_role_department::Column::RoleId.eq(role.id))
            .exec(&tx.conn)
            .await?;
        let rows = departments
            .iter()
            .map(|&department_id| crm_role_department::ActiveModel {
                role_id: Set(role.id),
                department_id: Set(department_id),
            });
        insert_all(tx, rows.collect()).await?;
    }
    Ok(role)
}

/// All that a role is, for the journal.
async fn describe(tx: &Tx, id: CrmRoleId) -> Result<Value, Error> {
    let role = crm_role::Entity::find_by_id(id).one(&tx.conn).await?;
    let rules = crm_rule::Entity::find()
        .filter(crm_rule::Column::RoleId.eq(id))
        .order_by_asc(crm_rule::Column::Kind)
        .order_by_asc(crm_rule::Column::Operation)
        .all(&tx.conn)
        .await?;
    let members = crm_role_member::Entity::find()
        .filter(crm_role_member::Column::RoleId.eq(id))
        .order_by_asc(crm_role_member::Column::UserId)
        .all(&tx.conn)
        .await?;
    let departments = crm_role_department::Entity::find()
        .filter(crm_role_department::Column::RoleId.eq(id))
        .order_by_asc(crm_role_department::Column::DepartmentId)
        .all(&tx.conn)
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
        "name": role.map(|role| role.name),
        "rules": rules.iter().map(rule).collect::<Vec<_>>(),
        "members": members.iter().map(|row| row.user_id.to_string()).collect::<Vec<_>>(),
        "departments": departments.iter().map(|row| row.department_id.to_string()).collect::<Vec<_>>(),
    }))
}
