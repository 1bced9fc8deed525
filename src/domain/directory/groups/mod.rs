//! Groups: what a directory calls departments, teams and roles. A group does nothing here until an administrator maps it
//! ([`mapped`]).

pub mod list;
pub mod map;
pub mod mapped;
pub mod members;
pub mod message;
pub mod write;

use entity::directory::Model as Directory;
use entity::directory_group::Model as Group;
use entity::{DirectoryGroupId, UserId, directory_group};
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Fault;
use super::problem::{Kind, Problem};
use super::resource::{Resource, Version};
use super::schema::GROUP;
use crate::error::Error;
use crate::store::db::Tx;

/// Returns the version of a group.
pub fn version(group: &Group) -> Version {
    Version(i64::from(group.version))
}

/// Returns the resource; without `members` if they are not given.
pub fn resource(group: &Group, members: Option<&[UserId]>, base: &str) -> Resource {
    let mut body = Map::new();
    body.insert("displayName".to_owned(), group.display_name.as_str().into());
    if let Some(external_id) = &group.external_id {
        body.insert("externalId".to_owned(), external_id.as_str().into());
    }
    if let Some(members) = members.filter(|members| !members.is_empty()) {
        let member = |id: &UserId| {
            let id = id.0.to_string();
            json!({ "$ref": format!("{base}/Users/{id}"), "type": "User", "value": id })
        };
        body.insert(
            "members".to_owned(),
            members.iter().map(member).collect::<Vec<Value>>().into(),
        );
    }
    let id = group.id.0.to_string();
    let (created, modified) = (group.created_at, group.updated_at);
    Resource::new(
        "Group",
        base,
        &id,
        &[GROUP],
        body,
        version(group),
        created,
        modified,
    )
}

/// Returns the id in a path.
///
/// # Errors
/// [`Kind::NotFound`].
pub fn parse_id(text: &str) -> Result<DirectoryGroupId, Problem> {
    Uuid::parse_str(text)
        .map(DirectoryGroupId)
        .map_err(|_| not_found())
}

fn not_found() -> Problem {
    Problem::new(Kind::NotFound, "there is no such group")
}

fn of_directory(directory: &Directory, found: Option<Group>) -> Result<Group, Problem> {
    found
        .filter(|group| group.directory_id == directory.id && group.deleted_at.is_none())
        .ok_or_else(not_found)
}

/// Finds a group of the directory.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn find(
    conn: &impl ConnectionTrait,
    directory: &Directory,
    id: DirectoryGroupId,
) -> Result<Group, Fault> {
    let found = directory_group::Entity::find_by_id(id).one(conn).await?;
    Ok(of_directory(directory, found)?)
}

/// As [`find`], with a lock.
///
/// # Errors
/// As [`find`].
async fn find_locked(tx: &Tx, directory: &Directory, id: DirectoryGroupId) -> Result<Group, Fault> {
    let found = directory_group::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    Ok(of_directory(directory, found)?)
}

/// Finds and locks a group of any directory, for an administrator.
///
/// # Errors
/// When the database fails.
async fn any_locked(tx: &Tx, id: DirectoryGroupId) -> Result<Option<Group>, Error> {
    let found = directory_group::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    Ok(found.filter(|group| group.deleted_at.is_none()))
}
