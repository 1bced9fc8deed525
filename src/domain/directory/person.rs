//! People as a directory sees them: those linked to it, and those linked to no directory.

use std::collections::{BTreeSet, HashMap};

use entity::directory::Model as Directory;
use entity::directory_group::Model as Group;
use entity::directory_person::Model as Link;
use entity::user::{Model as User, UserStatus};
use entity::{DirectoryGroupId, UserId, directory_group, directory_group_member, directory_person, user};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::document::Document;
use super::problem::{Kind, Problem};
use super::resource::{Resource, Version};
use super::schema::{ENTERPRISE, USER};
use crate::error::Error;
use crate::store::db::Tx;

/// Number of ids in one statement.
const BATCH: usize = 1_000;

/// A person, and what the directory says of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// The person.
    pub user: User,
    /// The link to the directory; `None` if they are linked to none.
    pub link: Option<Link>,
}

impl Person {
    /// Returns whether they are not dismissed.
    pub fn is_active(&self) -> bool {
        self.user.status != UserStatus::Dismissed
    }

    /// Returns the attributes: as the directory sent them, or those that follow from the person for one who is not
    /// linked. `active` is never stored.
    ///
    /// # Errors
    /// [`Error::Internal`] if the stored attributes can't be read.
    pub fn attributes(&self) -> Result<Document, Error> {
        if let Some(link) = &self.link {
            return serde_json::from_str(&link.attributes).map_err(Error::internal);
        }
        let mut name = Map::new();
        for (key, value) in [
            ("givenName", &self.user.given_name),
            ("familyName", &self.user.family_name),
        ] {
            name.extend(
                value
                    .as_ref()
                    .map(|value| (key.to_owned(), Value::from(value.as_str()))),
            );
        }
        let email = json!([{ "value": self.user.email, "type": "work", "primary": true }]);
        let mut document = Map::new();
        document.insert("userName".to_owned(), self.user.email.as_str().into());
        document.insert("displayName".to_owned(), self.user.name().into());
        document.insert("emails".to_owned(), email);
        if !name.is_empty() {
            document.insert("name".to_owned(), name.into());
        }
        if let Some(position) = &self.user.position {
            document.insert("title".to_owned(), position.as_str().into());
        }
        Ok(document)
    }

    /// Returns the attributes with `active`: what a PATCH is applied to.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes).
    pub fn document(&self) -> Result<Document, Error> {
        let mut document = self.attributes()?;
        document.insert("active".to_owned(), self.is_active().into());
        Ok(document)
    }

    /// Returns the version: that of what the directory says, in another form while the person is dismissed, because that
    /// may happen without the directory.
    pub fn version(&self) -> Version {
        let changes = match &self.link {
            Some(link) => i64::from(link.version),
            None => self.user.updated_at.timestamp_micros(),
        };
        Version(changes * 2 + i64::from(!self.is_active()))
    }

    /// Returns the resource. `groups` are those of the person.
    ///
    /// # Errors
    /// As [`attributes`](Self::attributes).
    pub fn resource(&self, base: &str, groups: &[Group]) -> Result<Resource, Error> {
        let mut body = self.document()?;
        let mut schemas = vec![USER];
        if body.contains_key(ENTERPRISE) {
            schemas.push(ENTERPRISE);
        }
        if !groups.is_empty() {
            let list = groups.iter().map(|group| {
                let id = group.id.0.to_string();
                json!({ "value": id, "$ref": format!("{base}/Groups/{id}"), "display": group.display_name })
            });
            body.insert("groups".to_owned(), list.collect());
        }
        let (created, modified) = match &self.link {
            Some(link) => (link.created_at, link.updated_at.max(self.user.updated_at)),
            None => (self.user.created_at, self.user.updated_at),
        };
        let id = self.user.id.0.to_string();
        Ok(Resource::new(
            "User",
            base,
            &id,
            &schemas,
            body,
            self.version(),
            created,
            modified,
        ))
    }
}

/// Returns the id in a path or a message; a [`Kind::NotFound`] if it is none.
///
/// # Errors
/// [`Kind::NotFound`].
pub fn parse_id(text: &str) -> Result<UserId, Problem> {
    Uuid::parse_str(text)
        .map(UserId)
        .map_err(|_| Problem::new(Kind::NotFound, "there is no such user"))
}

/// Finds a person whom the directory sees.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &impl ConnectionTrait,
    directory: &Directory,
    id: UserId,
) -> Result<Option<Person>, Error> {
    let user = user::Entity::find_by_id(id).one(conn).await?;
    with_link(conn, directory, user).await
}

/// As [`find`], with a lock on the person.
///
/// # Errors
/// [`Kind::NotFound`]; when the database fails.
pub(super) async fn find_locked(tx: &Tx, directory: &Directory, id: UserId) -> Result<Person, super::Fault> {
    let user = user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let found = with_link(&tx.conn, directory, user).await?;
    Ok(found.ok_or_else(|| Problem::new(Kind::NotFound, "there is no such user"))?)
}

async fn with_link(
    conn: &impl ConnectionTrait,
    directory: &Directory,
    user: Option<User>,
) -> Result<Option<Person>, Error> {
    let Some(user) = user else { return Ok(None) };
    let link = directory_person::Entity::find_by_id(user.id).one(conn).await?;
    let visible = link
        .as_ref()
        .is_none_or(|link| link.directory_id == directory.id && link.deleted_at.is_none());
    Ok(visible.then_some(Person { user, link }))
}

/// Returns people by id, in the order of the ids. The caller has checked that the directory sees them.
///
/// # Errors
/// When the database fails.
pub async fn by_ids(conn: &impl ConnectionTrait, ids: &[UserId]) -> Result<Vec<Person>, Error> {
    let users = user::Entity::find()
        .filter(user::Column::Id.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    let links = directory_person::Entity::find()
        .filter(directory_person::Column::UserId.is_in(ids.iter().copied()))
        .all(conn)
        .await?;
    let mut links: HashMap<UserId, Link> = links.into_iter().map(|link| (link.user_id, link)).collect();
    let mut people: HashMap<UserId, Person> = users
        .into_iter()
        .map(|user| {
            let link = links.remove(&user.id);
            (user.id, Person { user, link })
        })
        .collect();
    Ok(ids.iter().filter_map(|id| people.remove(id)).collect())
}

/// Returns the groups of people in a directory.
///
/// # Errors
/// When the database fails.
pub async fn groups_of(
    conn: &impl ConnectionTrait,
    directory: &Directory,
    people: &[UserId],
) -> Result<HashMap<UserId, Vec<Group>>, Error> {
    let memberships: Vec<(DirectoryGroupId, UserId)> = directory_group_member::Entity::find()
        .select_only()
        .columns([
            directory_group_member::Column::GroupId,
            directory_group_member::Column::UserId,
        ])
        .filter(directory_group_member::Column::UserId.is_in(people.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    if memberships.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: BTreeSet<DirectoryGroupId> = memberships.iter().map(|(group, _)| *group).collect();
    let ids: Vec<DirectoryGroupId> = ids.into_iter().collect();
    let mut groups: HashMap<DirectoryGroupId, Group> = HashMap::new();
    for some in ids.chunks(BATCH) {
        let rows = directory_group::Entity::find()
            .filter(directory_group::Column::DirectoryId.eq(directory.id))
            .filter(directory_group::Column::DeletedAt.is_null())
            .filter(directory_group::Column::Id.is_in(some.iter().copied()))
            .all(conn)
            .await?;
        groups.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    let mut found: HashMap<UserId, Vec<Group>> = HashMap::new();
    for (group, person) in memberships {
        if let Some(group) = groups.get(&group) {
            found.entry(person).or_default().push(group.clone());
        }
    }
    Ok(found)
}

/// Returns the resource of one person.
///
/// # Errors
/// When the database fails.
pub async fn resource(
    conn: &impl ConnectionTrait,
    directory: &Directory,
    base: &str,
    person: &Person,
) -> Result<Resource, Error> {
    let mut groups = groups_of(conn, directory, &[person.user.id]).await?;
    person.resource(base, &groups.remove(&person.user.id).unwrap_or_default())
}
