//! What the members of a group get here: a department, a CRM role, or the administrator role.

use std::collections::BTreeSet;

use entity::directory::Model as Directory;
use entity::directory_group_mapping::Model as Mapping;
use entity::directory_note::NoteKind;
use entity::user::{self, Role, UserStatus};
use entity::{
    CrmRoleId, DirectoryGroupId, UserId, crm_role_member, directory_exemption, directory_group_mapping,
};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::members::{self, Changed, ROWS};
use crate::domain::auth::{Actor, guard};
use crate::domain::directory::{Fault, notes};
use crate::domain::integrations;
use crate::domain::people::update;
use crate::error::{Code, Error, Failure};
use crate::store::db::Tx;
use crate::store::journal::{self, Action};

/// Returns the mappings of a group, by creation.
///
/// # Errors
/// When the database fails.
pub async fn of_group(conn: &impl ConnectionTrait, group: DirectoryGroupId) -> Result<Vec<Mapping>, Error> {
    Ok(directory_group_mapping::Entity::find()
        .filter(directory_group_mapping::Column::GroupId.eq(group))
        .order_by_asc(directory_group_mapping::Column::Id)
        .all(conn)
        .await?)
}

/// Deletes the mappings of a group.
///
/// # Errors
/// When the database fails.
pub async fn delete_all(tx: &Tx, group: DirectoryGroupId) -> Result<(), Error> {
    directory_group_mapping::Entity::delete_many()
        .filter(directory_group_mapping::Column::GroupId.eq(group))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

/// Gives those who were added what the mappings of the group say, and takes it from those who were removed.
///
/// # Errors
/// When the database fails.
pub(super) async fn apply(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    group: DirectoryGroupId,
    changed: &Changed,
) -> Result<(), Fault> {
    let actor = &integrations::for_administrators(actor.clone());
    let mappings = of_group(&tx.conn, group).await?;
    if !mappings.is_empty() {
        lock(
            tx,
            actor,
            changed.added.iter().chain(&changed.removed).copied().collect(),
        )
        .await?;
    }
    for mapping in mappings {
        give(tx, actor, &mapping, &changed.added).await?;
        take(tx, actor, directory, &mapping, &changed.removed).await?;
    }
    Ok(())
}

/// Locks people and the active administrators: what is read of them afterwards stays until it is written. All statements
/// together lock in id order, as [`guard::lock_people`] does, so that two transactions don't wait for each other.
///
/// # Errors
/// When the database fails.
pub(super) async fn lock(tx: &Tx, actor: &Actor, mut people: BTreeSet<UserId>) -> Result<(), Error> {
    let administrators: Vec<UserId> = user::Entity::find()
        .select_only()
        .column(user::Column::Id)
        .filter(user::Column::Role.eq(Role::Administrator))
        .filter(user::Column::Status.eq(UserStatus::Active))
        .into_tuple()
        .all(&tx.conn)
        .await?;
    people.extend(administrators);
    people.insert(actor.user_id);
    let people: Vec<UserId> = people.into_iter().collect();
    // A statement can bind about 32,000 values.
    for some in people.chunks(ROWS) {
        user::Entity::find()
            .select_only()
            .column(user::Column::Id)
            .filter(user::Column::Id.is_in(some.iter().copied()))
            .order_by_asc(user::Column::Id)
            .lock(LockType::NoKeyUpdate)
            .into_tuple::<UserId>()
            .all(&tx.conn)
            .await?;
    }
    // Those who became administrators meanwhile.
    guard::lock_people(tx, actor.user_id, &[]).await?;
    Ok(())
}

/// Gives people what a mapping says.
///
/// # Errors
/// When the database fails.
pub(super) async fn give(tx: &Tx, actor: &Actor, mapping: &Mapping, people: &[UserId]) -> Result<(), Fault> {
    if let Some(role) = mapping.crm_role_id {
        let rows = people.iter().map(|&user_id| crm_role_member::ActiveModel {
            role_id: Set(role),
            user_id: Set(user_id),
        });
        insert_members(tx, rows.collect()).await?;
        let changed = Changed {
            added: people.to_vec(),
            removed: Vec::new(),
        };
        record_role(tx, actor, mapping, role, &changed).await?;
    }
    if mapping.department_id.is_none() && !mapping.administrators {
        return Ok(());
    }
    for person in people {
        change(tx, actor, *person, |user| {
            user.department_id = mapping.department_id.or(user.department_id);
            if mapping.administrators {
                user.role = Role::Administrator;
            }
        })
        .await?;
    }
    Ok(())
}

/// Takes from people what a mapping gave them, unless another group still gives it. The last administrator keeps the
/// role.
///
/// # Errors
/// When the database fails.
pub(super) async fn take(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    mapping: &Mapping,
    people: &[UserId],
) -> Result<(), Fault> {
    let kept = given_otherwise(tx, mapping).await?;
    let losing = people.iter().copied().filter(|person| !kept.contains(person));
    let losing: Vec<UserId> = losing.collect();
    if let Some(role) = mapping.crm_role_id {
        for some in losing.chunks(ROWS) {
            crm_role_member::Entity::delete_many()
                .filter(crm_role_member::Column::RoleId.eq(role))
                .filter(crm_role_member::Column::UserId.is_in(some.iter().copied()))
                .exec(&tx.conn)
                .await?;
        }
        let changed = Changed {
            added: Vec::new(),
            removed: losing.clone(),
        };
        record_role(tx, actor, mapping, role, &changed).await?;
    }
    for person in losing {
        if mapping.department_id.is_none() && !mapping.administrators {
            continue;
        }
        let exempt = directory_exemption::Entity::find_by_id(person)
            .one(&tx.conn)
            .await?
            .is_some();
        let changed = change(tx, actor, person, |user| {
            if mapping.department_id.is_some() && user.department_id == mapping.department_id {
                user.department_id = None;
            }
            if mapping.administrators && !exempt {
                user.role = Role::Employee;
            }
        })
        .await;
        match changed {
            Err(Failure::Refused(reasons))
                if reasons.iter().any(|one| one.code == Code::LastAdministrator) =>
            {
                let note = (NoteKind::LastAdministratorKept, person.to_string());
                notes::keep(tx, directory, &[note]).await?;
            }
            changed => changed?,
        }
    }
    Ok(())
}

/// Returns everyone who gets the same by the mapping of another group.
async fn given_otherwise(tx: &Tx, mapping: &Mapping) -> Result<BTreeSet<UserId>, Error> {
    let others = directory_group_mapping::Entity::find()
        .filter(directory_group_mapping::Column::Id.ne(mapping.id))
        .filter(directory_group_mapping::Column::GroupId.ne(mapping.group_id))
        .all(&tx.conn)
        .await?;
    let mut people = BTreeSet::new();
    for other in others.iter().filter(|other| gives_same(mapping, other)) {
        people.extend(members::of_group(&tx.conn, other.group_id).await?);
    }
    Ok(people)
}

fn gives_same(one: &Mapping, other: &Mapping) -> bool {
    (one.administrators && other.administrators)
        || (one.department_id.is_some() && one.department_id == other.department_id)
        || (one.crm_role_id.is_some() && one.crm_role_id == other.crm_role_id)
}

async fn change(
    tx: &Tx,
    actor: &Actor,
    person: UserId,
    how: impl Fn(&mut user::Model),
) -> Result<(), Failure> {
    let Some(before) = user::Entity::find_by_id(person).one(&tx.conn).await? else {
        return Ok(());
    };
    let mut after = before.clone();
    how(&mut after);
    if after != before {
        update::apply(tx, actor, &before, after).await?;
    }
    Ok(())
}

/// Records the members whom a CRM role gets and loses by a mapping.
async fn record_role(
    tx: &Tx,
    actor: &Actor,
    mapping: &Mapping,
    role: CrmRoleId,
    changed: &Changed,
) -> Result<(), Error> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut data = changed.to_json();
    data["directoryGroup"] = mapping.group_id.to_string().into();
    journal::record(tx, &actor.author(), Action::CrmRoleSet, Some(role.into()), data).await?;
    Ok(())
}

/// Adds members to a CRM role; those who are members stay.
async fn insert_members(tx: &Tx, rows: Vec<crm_role_member::ActiveModel>) -> Result<(), Error> {
    for some in rows.chunks(ROWS) {
        crm_role_member::Entity::insert_many(some.to_vec())
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&tx.conn)
            .await?;
    }
    Ok(())
}
