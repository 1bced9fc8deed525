//! setDepartment: creates or updates a department.

use std::sync::Arc;

use entity::department::{self, Model as Department};
use entity::{DepartmentId, UserId};
use sea_orm::sea_query::LockType;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};

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
use crate::store::journal::{Action, Changes, Recorded};

/// A new department, or changes to one, checked.
#[derive(Debug, Clone)]
pub struct SetDepartment {
    /// Id of the department; `None` creates one.
    pub department: Option<DepartmentId>,
    /// Name.
    pub name: String,
    /// Parent department.
    pub parent: Change<DepartmentId>,
    /// Head.
    pub head: Change<UserId>,
}

/// Creates or updates a department.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::NameTaken`] if a sibling has the name; [`Code::Invalid`] if it would be below itself;
/// [`Code::RecipientNotActive`] for a new head who is not active.
pub async fn set_department(db: &Db, actor: &Actor, command: &SetDepartment) -> Outcome<Department> {
    db.write_as(
        actor,
        Needs::Permission(Permission::ManageUsers),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let before = match command.department {
                None => None,
                Some(id) => Some(lock(tx, id).await?),
            };
            let after = changed(tx, before.as_ref(), command.clone());
            if before.as_ref() == Some(&after) {
                return Ok((after, Recorded::nothing_changed()));
            }
            let place = |row: &Department| (row.parent_id, row.head_id);
            if before
                .as_ref()
                .is_some_and(|before| place(before) != place(&after))
            {
                reach::may_reorganize(tx, actor, after.id).await?;
            }
            check(tx, before.as_ref(), &after).await?;
            save(tx, actor, before.as_ref(), after).await
        },
    )
    .await
}

/// Returns the department, locked until the transaction ends.
async fn lock(tx: &Tx, id: DepartmentId) -> Outcome<Department> {
    let found = department::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    match found {
        Some(row) => Ok(row),
        None => refuse(Code::NotFound, "departmentId", "there is no such department"),
    }
}

fn changed(tx: &Tx, before: Option<&Department>, command: SetDepartment) -> Department {
    Department {
        id: command.department.unwrap_or_else(|| DepartmentId(tx.new_id())),
        external_id: before.and_then(|row| row.external_id.clone()),
        name: command.name,
        parent_id: command.parent.or(before.and_then(|row| row.parent_id)),
        head_id: command.head.or(before.and_then(|row| row.head_id)),
        created_at: before.map_or(tx.now, |row| row.created_at),
        updated_at: before.map_or(tx.now, |row| row.updated_at),
    }
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
            return refuse(Code::Invalid, "parentId", "a department can't be below itself");
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
    // An import by an earlier version may have created duplicates: they can still be changed, and renamed.
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
        return refuse(
            Code::NameTaken,
            "name",
            "another department with the same parent has this name",
        );
    }
    Ok(())
}

async fn save(
    tx: &Tx,
    actor: &Actor,
    before: Option<&Department>,
    mut row: Department,
) -> Outcome<(Department, Recorded)> {
    row.updated_at = tx.now;
    let row = row.into_active_model().reset_all();
    let (action, saved) = match before {
        Some(_) => {
            let saved = department::Entity::update(row).exec(&tx.conn).await?;
            (Action::DepartmentUpdated, saved)
        }
        None => {
            let saved = department::Entity::insert(row)
                .exec_with_returning(&tx.conn)
                .await?;
            (Action::DepartmentCreated, saved)
        }
    };
    let name = |row: Option<&Department>| row.map(|row| row.name.clone());
    let parent = |row: Option<&Department>| row.and_then(|row| row.parent_id).map(|id| id.to_string());
    let head = |row: Option<&Department>| row.and_then(|row| row.head_id).map(|id| id.to_string());
    let data = Changes::default()
        .with("name", name(before), name(Some(&saved)))
        .with("parent", parent(before), parent(Some(&saved)))
        .with("head", head(before), head(Some(&saved)));
    let recorded = journal::record(tx, &actor.author(), action, Some(saved.id.into()), data).await?;
    Ok((saved, recorded))
}
