//! The list of groups, and reading one.

use std::collections::HashMap;

use entity::directory::Model as Directory;
use entity::{DirectoryGroupId, directory_group};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::{find, members, resource};
use crate::domain::directory::Fault;
use crate::domain::directory::list::{ListRequest, Listed, page};
use crate::domain::directory::query::{Groups, Query};
use crate::domain::directory::resource::Resource;
use crate::store::db::Db;

/// Fetches a page of groups. `with_members`: whether the client wants them.
///
/// # Errors
/// Those of the filter, sorting and paging.
pub async fn groups(
    db: &Db,
    directory: &Directory,
    base: &str,
    request: &ListRequest,
    with_members: bool,
) -> Result<(Listed, Vec<Resource>), Fault> {
    let columns = Groups(directory.id);
    let mut query = Query::new(db.backend());
    let from = columns.seen(&mut query);
    let listed = page(db, &columns, query, from, "g.id", request).await?;
    let ids = listed.ids.iter().copied().map(DirectoryGroupId);
    let rows = directory_group::Entity::find()
        .filter(directory_group::Column::Id.is_in(ids))
        .all(db.read())
        .await?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id.0, row)).collect();
    let mut resources = Vec::with_capacity(rows.len());
    for row in listed.ids.iter().filter_map(|id| rows.get(id)) {
        let members = match with_members {
            true => Some(members::of_group(db.read(), row.id).await?),
            false => None,
        };
        resources.push(resource(row, members.as_deref(), base));
    }
    Ok((listed, resources))
}

/// Reads one group.
///
/// # Errors
/// [`Kind::NotFound`](crate::domain::directory::problem::Kind::NotFound).
pub async fn one_group(
    db: &Db,
    directory: &Directory,
    base: &str,
    id: DirectoryGroupId,
    with_members: bool,
) -> Result<Resource, Fault> {
    let group = find(db.read(), directory, id).await?;
    let members = match with_members {
        true => Some(members::of_group(db.read(), id).await?),
        false => None,
    };
    Ok(resource(&group, members.as_deref(), base))
}
