//! setCrmRole: creates or updates a CRM role.

use std::collections::HashSet;
use std::sync::Arc;

use entity::crm_item::CrmKind;
use entity::crm_role::{self, CrmAudience, Model as CrmRole};
use entity::crm_rule::{self, CrmLevel, CrmOperation};
use entity::{CrmRoleId, DepartmentId, UserId, crm_role_department, crm_role_member, department, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::roles;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Outcome, refuse};
use crate::store::db::Db;
use crate::store::db::{Tx, insert_all};
use crate::store::journal;
use crate::store::journal::{Action, Recorded};
use crate::store::revision;

/// Maximum number of people, and of departments, that a role can name.
pub const MAX_NAMED: usize = 1_000;

/// Level for a kind of record and an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Kind of record.
    pub kind: CrmKind,
    /// Operation.
    pub operation: CrmOperation,
    /// Which records it is allowed on.
    pub level: CrmLevel,
}

/// A new role, or changes to one, checked.
#[derive(Debug, Clone)]
pub struct SetCrmRole {
    /// Id of the role; `None` creates one.
    pub role: Option<CrmRoleId>,
    /// Name.
    pub name: String,
    /// All rules; operations without one are allowed on no records.
    pub rules: Vec<Rule>,
    /// All members by name; `None` leaves them unchanged.
    pub members: Option<Vec<UserId>>,
    /// All departments; `None` leaves them unchanged.
    pub departments: Option<Vec<DepartmentId>>,
    /// Who has it; `None` leaves it unchanged.
    pub audience: Option<CrmAudience>,
    /// The revision that the client has read, of an existing role.
    pub expected_revision: Option<String>,
}

/// Creates or updates a role.
///
/// # Errors
/// [`Code::NotFound`] for the role, a person or a department; [`Code::NameTaken`]; [`Code::ChangedMeanwhile`];
/// [`Code::Invalid`] for two rules on the same kind and operation.
pub async fn set_crm_role(db: &Db, actor: &Actor, command: &SetCrmRole) -> Outcome<CrmRole> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageSettings),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            check(tx, command).await?;
            let before = match command.role {
                Some(id) => Some((lock(tx, id).await?, roles::describe(&tx.conn, id).await?)),
                None => None,
            };
            let (row, before) = before.unzip();
            let revision = || before.as_ref().map(revision::of).unwrap_or_default();
            revision::expect(command.expected_revision.as_deref(), revision)?;
            let role = save(tx, command, row).await?;
            let after = roles::describe(&tx.conn, role.id).await?;
            if before.as_ref() == Some(&after) {
                return Ok((role, Recorded::nothing_changed()));
            }
            let subject = Some(role.id.into());
            let recorded = journal::record(tx, &actor.author(), Action::CrmRoleSet, subject, after).await?;
            Ok((role, recorded))
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
                "another rule has the same kind and operation",
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
            return refuse(Code::NotFound, "memberIds", "one of these people does not exist");
        }
    }
    if let Some(departments) = &command.departments {
        let found =
            department::Entity::find().filter(department::Column::Id.is_in(departments.iter().copied()));
        if found.count(&tx.conn).await? != departments.len() as u64 {
            return refuse(
                Code::NotFound,
                "departmentIds",
                "one of these departments does not exist",
            );
        }
    }
    Ok(())
}

async fn save(tx: &Tx, command: &SetCrmRole, before: Option<CrmRole>) -> Outcome<CrmRole> {
    let audience = before.as_ref().map_or(CrmAudience::Named, |row| row.audience);
    let row = crm_role::ActiveModel {
        id: Set(before
            .as_ref()
            .map_or_else(|| CrmRoleId(tx.new_id()), |row| row.id)),
        name: Set(command.name.clone()),
        name_key: Set(text::name_key(&command.name)),
        audience: Set(command.audience.unwrap_or(audience)),
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
    replace_rules(tx, role.id, &command.rules).await?;
    if let Some(members) = &command.members {
        replace_members(tx, role.id, members).await?;
    }
    if let Some(departments) = &command.departments {
        replace_departments(tx, role.id, departments).await?;
    }
    Ok(role)
}

/// Returns the role, locked until the transaction ends.
async fn lock(tx: &Tx, role: CrmRoleId) -> Outcome<CrmRole> {
    let found = crm_role::Entity::find_by_id(role)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    match found {
        Some(role) => Ok(role),
        None => refuse(Code::NotFound, "roleId", "there is no such role"),
    }
}

async fn replace_rules(tx: &Tx, role: CrmRoleId, rules: &[Rule]) -> Outcome<()> {
    crm_rule::Entity::delete_many()
        .filter(crm_rule::Column::RoleId.eq(role))
        .exec(&tx.conn)
        .await?;
    let rows = rules.iter().map(|rule| crm_rule::ActiveModel {
        role_id: Set(role),
        kind: Set(rule.kind),
        operation: Set(rule.operation),
        level: Set(rule.level),
    });
    Ok(insert_all(tx, rows.collect()).await?)
}

async fn replace_members(tx: &Tx, role: CrmRoleId, members: &[UserId]) -> Outcome<()> {
    crm_role_member::Entity::delete_many()
        .filter(crm_role_member::Column::RoleId.eq(role))
        .exec(&tx.conn)
        .await?;
    let rows = members.iter().map(|&user_id| crm_role_member::ActiveModel {
        role_id: Set(role),
        user_id: Set(user_id),
    });
    Ok(insert_all(tx, rows.collect()).await?)
}

async fn replace_departments(tx: &Tx, role: CrmRoleId, departments: &[DepartmentId]) -> Outcome<()> {
    crm_role_department::Entity::delete_many()
        .filter(crm_role_department::Column::RoleId.eq(role))
        .exec(&tx.conn)
        .await?;
    let rows = departments
        .iter()
        .map(|&department_id| crm_role_department::ActiveModel {
            role_id: Set(role),
            department_id: Set(department_id),
        });
    Ok(insert_all(tx, rows.collect()).await?)
}
