//! The list of people, and reading one.

use entity::UserId;
use entity::directory::Model as Directory;

use super::Fault;
use super::list::{ListRequest, Listed, page};
use super::person;
use super::problem::{Kind, Problem};
use super::query::{People, Query};
use super::resource::Resource;
use crate::store::db::Db;

/// Fetches a page of the people whom the directory sees.
///
/// # Errors
/// Those of the filter, sorting and paging.
pub async fn people(
    db: &Db,
    directory: &Directory,
    base: &str,
    request: &ListRequest,
) -> Result<(Listed, Vec<Resource>), Fault> {
    let columns = People(directory.id);
    let mut query = Query::new(db.backend());
    let from = columns.seen(&mut query);
    let listed = page(db, &columns, query, from, "u.id", request).await?;
    let ids: Vec<UserId> = listed.ids.iter().copied().map(UserId).collect();
    let found = person::by_ids(db.read(), &ids).await?;
    let mut groups = person::groups_of(db.read(), directory, &ids).await?;
    let resources: Result<Vec<Resource>, _> = found
        .iter()
        .map(|one| one.resource(base, &groups.remove(&one.user.id).unwrap_or_default()))
        .collect();
    Ok((listed, resources?))
}

/// Reads one person.
///
/// # Errors
/// [`Kind::NotFound`].
pub async fn one_person(db: &Db, directory: &Directory, base: &str, id: UserId) -> Result<Resource, Fault> {
    match person::find(db.read(), directory, id).await? {
        Some(found) => Ok(person::resource(db.read(), directory, base, &found).await?),
        None => Err(Problem::new(Kind::NotFound, "there is no such user").into()),
    }
}
