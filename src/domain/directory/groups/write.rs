//! POST, PUT, PATCH and DELETE on a group.

use std::collections::BTreeSet;
use std::sync::Arc;

use entity::directory::Model as Directory;
use entity::directory_group::Model as Group;
use entity::directory_note::NoteKind;
use entity::{DirectoryGroupId, UserId, directory_group, directory_group_member};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Map, Value};

use super::members::Changed;
use super::message::{self, MemberChange, Names};
use super::{find_locked, mapped, members, version};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::directory::notes::{self, Note};
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::{Fault, fault};
use crate::store::db::{self, Db, Tx};
use crate::store::journal::{self, Action, Recorded};

/// A change of a group.
#[derive(Debug, Clone, Copy)]
pub enum Change<'a> {
    /// PUT: the whole resource. Without `members`, they stay.
    Replace(&'a Map<String, Value>),
    /// PATCH.
    Patch(&'a Map<String, Value>),
}

/// Number of members up to which the response to a PATCH contains the group: clients that change a large group don't read
/// it.
const ANSWERED: u64 = 200;

/// What a write requires. Whom it makes or unmakes administrators is known, and locked, only inside the transaction.
const NEEDS: Needs<'static> = Needs::Permission(Permission::ProvisionPeople);

/// A group that was written.
#[derive(Debug)]
pub struct Written {
    /// The group.
    pub group: Group,
    /// Its members; `None` if the response doesn't contain the group, because it has too many.
    pub members: Option<Vec<UserId>>,
}

async fn written(tx: &Tx, group: Group, most: u64) -> Result<Written, Fault> {
    let members = match members::count(&tx.conn, group.id).await? <= most {
        true => Some(members::of_group(&tx.conn, group.id).await?),
        false => None,
    };
    Ok(Written { group, members })
}

/// Creates a group.
///
/// # Errors
/// [`Kind::InvalidValue`]; [`Kind::Uniqueness`] if another group has the name.
pub async fn create_group(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    body: &Map<String, Value>,
) -> Result<Written, Fault> {
    let (names, wanted, unknown) = &message::read(body)?;
    fault::write(
        db,
        actor,
        directory,
        NEEDS,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            check_name(tx, directory, names, None).await?;
            let group = Group {
                id: DirectoryGroupId(tx.new_id()),
                directory_id: directory.id,
                display_name: names.display_name.clone(),
                display_name_key: text::name_key(&names.display_name),
                external_id: names.external_id.clone(),
                version: 1,
                created_at: tx.now,
                updated_at: tx.now,
                deleted_at: None,
            };
            let row = group.clone().into_active_model();
            match directory_group::Entity::insert(row)
                .exec_without_returning(&tx.conn)
                .await
            {
                Err(cause) if db::is_duplicate(&cause) => return Err(taken().into()),
                inserted => inserted?,
            };
            note_unknown(tx, directory, unknown).await?;
            let changed = members::change(tx, directory, group.id, wanted.as_slice()).await?;
            let action = Action::DirectoryGroupCreated;
            let recorded = record(tx, actor, action, &group, &changed).await?;
            Ok((written(tx, group, u64::MAX).await?, recorded))
        },
    )
    .await
}

/// Carries out a change of a group. What its members get by mappings follows in the same transaction.
///
/// # Errors
/// [`Kind::NotFound`], [`Kind::Precondition`], [`Kind::Uniqueness`], and those of the change.
pub async fn change_group(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    id: DirectoryGroupId,
    change: Change<'_>,
    if_match: Option<&str>,
) -> Result<Written, Fault> {
    let most = match change {
        Change::Replace(_) => u64::MAX,
        Change::Patch(_) => ANSWERED,
    };
    fault::write(
        db,
        actor,
        directory,
        NEEDS,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            let before = find_locked(tx, directory, id).await?;
            version(&before).check(if_match)?;
            let (names, changes, unknown) = read_change(&before, change)?;
            note_unknown(tx, directory, &unknown).await?;
            let changed = members::change(tx, directory, id, &changes).await?;
            let same = names_of(&before) == names;
            if same && changed.is_empty() {
                return Ok((written(tx, before, most).await?, Recorded::nothing_changed()));
            }
            check_name(tx, directory, &names, Some(id)).await?;
            let mut group = before;
            group.display_name_key = text::name_key(&names.display_name);
            group.display_name = names.display_name;
            group.external_id = names.external_id;
            let (group, recorded) = save(tx, actor, directory, group, &changed).await?;
            Ok((written(tx, group, most).await?, recorded))
        },
    )
    .await
}

/// Deletes a group; what its members got by mappings ends first.
///
/// # Errors
/// [`Kind::NotFound`], [`Kind::Precondition`].
pub async fn delete_group(
    db: &Db,
    actor: &Actor,
    directory: &Directory,
    id: DirectoryGroupId,
    if_match: Option<&str>,
) -> Result<(), Fault> {
    fault::write(
        db,
        actor,
        directory,
        NEEDS,
        move |tx: Arc<Tx>, actor, directory| async move {
            let (tx, actor, directory) = (&*tx, &*actor, &*directory);
            let mut group = find_locked(tx, directory, id).await?;
            version(&group).check(if_match)?;
            let all = [MemberChange::Replace(BTreeSet::new())];
            let changed = members::change(tx, directory, id, &all).await?;
            mapped::apply(tx, actor, directory, id, &changed).await?;
            mapped::delete_all(tx, id).await?;
            group.deleted_at = Some(tx.now);
            update(tx, &group).await?;
            let action = Action::DirectoryGroupDeleted;
            let recorded = record(tx, actor, action, &group, &changed).await?;
            Ok(((), recorded))
        },
    )
    .await
}

/// Takes a person whom the directory deletes out of its groups, with what they got by them.
///
/// # Errors
/// When the database fails.
pub(in crate::domain::directory) async fn leave_all(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    person: UserId,
) -> Result<(), Fault> {
    let memberships = directory_group_member::Entity::find()
        .filter(directory_group_member::Column::UserId.eq(person))
        .order_by_asc(directory_group_member::Column::GroupId)
        .all(&tx.conn)
        .await?;
    for membership in memberships {
        let group = match find_locked(tx, directory, membership.group_id).await {
            Ok(group) => group,
            // Of another directory, or deleted.
            Err(Fault::Problem(_)) => continue,
            Err(broken) => return Err(broken),
        };
        let changes = [MemberChange::Remove(BTreeSet::from([person]))];
        let changed = members::change(tx, directory, group.id, &changes).await?;
        save(tx, actor, directory, group, &changed).await?;
    }
    Ok(())
}

/// Saves a changed group in its next version, and what the change of its members means for them.
async fn save(
    tx: &Tx,
    actor: &Actor,
    directory: &Directory,
    mut group: Group,
    changed: &Changed,
) -> Result<(Group, Recorded), Fault> {
    group.version += 1;
    group.updated_at = tx.now;
    update(tx, &group).await?;
    mapped::apply(tx, actor, directory, group.id, changed).await?;
    let recorded = record(tx, actor, Action::DirectoryGroupUpdated, &group, changed).await?;
    Ok((group, recorded))
}

fn names_of(group: &Group) -> Names {
    Names {
        display_name: group.display_name.clone(),
        external_id: group.external_id.clone(),
    }
}

fn read_change(before: &Group, change: Change<'_>) -> Result<(Names, Vec<MemberChange>, Vec<String>), Fault> {
    match change {
        Change::Replace(body) => {
            let (names, members, unknown) = message::read(body)?;
            Ok((names, members.into_iter().collect(), unknown))
        }
        Change::Patch(body) => {
            let id = before.id.0.to_string();
            Ok(message::apply(&id, &names_of(before), body)?)
        }
    }
}

fn taken() -> Problem {
    Problem::new(Kind::Uniqueness, "another group has this displayName")
}

async fn check_name(
    tx: &Tx,
    directory: &Directory,
    names: &Names,
    own: Option<DirectoryGroupId>,
) -> Result<(), Fault> {
    let namesake = directory_group::Entity::find()
        .filter(directory_group::Column::DirectoryId.eq(directory.id))
        .filter(directory_group::Column::DisplayNameKey.eq(text::name_key(&names.display_name)))
        .filter(directory_group::Column::DeletedAt.is_null())
        .one(&tx.conn)
        .await?;
    match namesake {
        Some(other) if own != Some(other.id) => Err(taken().into()),
        _ => Ok(()),
    }
}

async fn update(tx: &Tx, group: &Group) -> Result<(), Fault> {
    let row = group.clone().into_active_model().reset_all();
    match directory_group::Entity::update(row).exec(&tx.conn).await {
        Err(cause) if db::is_duplicate(&cause) => Err(taken().into()),
        updated => {
            updated?;
            Ok(())
        }
    }
}

async fn note_unknown(tx: &Tx, directory: &Directory, unknown: &[String]) -> Result<(), Fault> {
    let notes: Vec<Note> = unknown
        .iter()
        .map(|name| (NoteKind::IgnoredAttribute, name.clone()))
        .collect();
    Ok(notes::keep(tx, directory, &notes).await?)
}

async fn record(
    tx: &Tx,
    actor: &Actor,
    action: Action,
    group: &Group,
    changed: &Changed,
) -> Result<Recorded, Fault> {
    let mut data = changed.to_json();
    data["displayName"] = group.display_name.as_str().into();
    Ok(journal::record(tx, &actor.author(), action, Some(group.id.into()), data).await?)
}
