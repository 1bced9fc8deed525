//! setDepartment: makes a department, or changes one.

use std::sync::Arc;

use entity::department::{self, Model as Department};
use entity::{DepartmentId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

use super::{create, tree};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::integrations::reach;
use crate::error::{Code, Outcome, refuse};
use crate::store::db;
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::input::Change;
use crate::store::journal;
use crate::store::journal::Action;

/// What a department is to be, checked.
#[derive(Debug, Clone)]
pub struct SetDepartment {
    /// Which one; `None` makes a new one.
    pub department: Option<DepartmentId>,
    /// What it is called.
    pub name: String,
    /// The department above.
    pub parent: Change<DepartmentId>,
    /// Who leads it.
    pub head: Change<UserId>,
}

/// Makes or changes a department.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::NameTaken`] when a sibling has the name; [`Code::Invalid`] when it would stand
/// below itself; [`Code::RecipientNotActive`] for a new head who is not active.
pub async fn set_department(db: &Db, actor: &Actor, command: &SetDepartment) -> Outcome<Department> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageUsers),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let command = command.clone();
            let before = match command.department {
                None => None,
                Some(id) => match department::Entity::find_by_id(id)
                    .lock(LockType::NoKeyUpdate)
                    .one(&tx.conn)
                    .await?
                {
                    None => return refuse(Code::NotFound, "departmentId", "there is no such department"),
                    found => found,
                },
            };
            let (old_parent, old_head) = before
                .as_ref()
                .map_or((None, None), |row| (row.parent_id, row.head_id));
            let after = Department {
                id: command.department.unwrap_or_else(|| DepartmentId(tx.new_id())),
                external_id: before.as_ref().and_then(|row| row.external_id.clone()),
                name: command.name,
                parent_id: command.parent.or(old_parent),
                head_id: command.head.or(old_head),
                created_at: before.as_ref().map_or(tx.now, |row| row.created_at),
                updated_at: before.as_ref().map_or(tx.now, |row| row.updated_at),
            };
            if before.as_ref() == Some(&after) {
                return Ok(after);
            }
            if before.is_some() && (after.head_id != old_head || after.parent_id != old_parent) {
                reach::may_reorganize(tx, actor, after.id).await?;
            }
            check(tx, before.as_ref(), &after).await?;
            let row = Department {
                updated_at: tx.now,
                ..after
            }
            .into_active_model()
            .reset_all();
            let (action, saved) = match before {
                None => (
                    Action::DepartmentCreated,
                    department::Entity::insert(row)
                        .exec_with_returning(&tx.conn)
                        .await?,
                ),
                Some(_) => (
                    Action::DepartmentUpdated,
                    department::Entity::update(row).exec(&tx.conn).await?,
                ),
            };
            let data = json!({
                "name": saved.name,
                "parent": saved.parent_id.map(|id| id.to_string()),
                "head": saved.head_id.map(|id| id.to_string()),
            });
            journal::record(tx, &actor.author(), action, Some(saved.id.into()), data).await?;
            Ok(saved)
        },
    )
    .await
}

async fn check(tx: &Tx, before: Option<&Department>, row: &Department) -> Outcome<()> {
    let old_head = before.and_then(|before| before.head_id);
    if let Some(parent) = row.parent_id {
        if department::Entity::find_by_id(parent)
            .one(&tx.conn)
            .await?
            .is_none()
        {
            return refuse(Code::NotFound, "parentId", "there is no such department");
        }
        let sql = format!("SELECT 1 WHERE $1 IN {}", tree::below("$2"));
        if !db::query(&tx.conn, &sql, [parent.into(), row.id.into()])
            .await?
            .is_empty()
        {
            return refuse(Code::Invalid, "parentId", "a department can't stand below itself");
        }
    }
    if let Some(head) = row.head_id.filter(|_| row.head_id != old_head)
        && !create::find_locked(tx, head, "headId").await?.is_active()
    {
        return refuse(
            Code::RecipientNotActive,
            "headId",
            "only active people can lead a department",
        );
    }
    // Namesakes may have come in by an import of an earlier version: they can still be changed, and renamed.
    if before.is_some_and(|before| (&before.name, before.parent_id) == (&row.name, row.parent_id)) {
        return Ok(());
    }
    let above = match row.parent_id {
        Some(parent) => department::Column::ParentId.eq(parent),
        None => department::Column::ParentId.is_null(),
    };
    let namesake = department::Entity::find()
        .filter(above)
        .filter(department::Column::Name.eq(&row.name))
        .filter(department::Column::Id.ne(row.id))
        .one(&tx.conn)
        .await?;
    if namesake.is_some() {
        return refuse(Code::NameTaken, "name", "a department beside it has this name");
    }
    Ok(())
}
