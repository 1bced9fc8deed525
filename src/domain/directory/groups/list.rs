//! The list of groups, and reading one.

use std::collections::HashMap;

use entity::directory::Model as Directory;
use entity::{DirectoryGroupId, directory_group};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{find, members, resource};
use crate::domain::directory::Fault;
use crate::domain::directory::list::{ListRequest, Listed, page};
use crate::domain::directory::query::{Groups, Query};
use crate::domain::directory::resource::Resource;
use crate::store::db::Db;

/// Maximum number of members in one page, unless the first group alone has more: the page has fewer groups then.
const MOST_MEMBERS: u64 = 50_000;

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
    let mut listed = page(db, &columns, query, from, "g.id", request).await?;
    let ids = listed.ids.iter().copied().map(DirectoryGroupId);
    let rows = directory_group::Entity::find()
        .filter(directory_group::Column::Id.is_in(ids))
        .all(db.read())
        .await?;
    let rows: HashMap<_, _> = rows.into_iter().map(|row| (row.id.0, row)).collect();
    let mut resources = Vec::with_capacity(rows.len());
    if !with_members {
        let found = listed.ids.iter().filter_map(|id| rows.get(id));
        resources.extend(found.map(|row| resource(row, None, base)));
        return Ok((listed, resources));
    }
    let sizes = members::counts(db.read(), &listed.ids).await?;
    listed.cut(fitting(&listed.ids, &sizes), db.clock().now());
    let mut members = members::of_groups(db.read(), &listed.ids).await?;
    for row in listed.ids.iter().filter_map(|id| rows.get(id)) {
        let members = members.remove(&row.id.0).unwrap_or_default();
        resources.push(resource(row, Some(&members), base));
    }
    Ok((listed, resources))
}

/// Returns how many groups fit into one page with their members; at least one.
fn fitting(ids: &[Uuid], sizes: &HashMap<Uuid, u64>) -> usize {
    let mut total = 0;
    for (place, id) in ids.iter().enumerate() {
        total += sizes.get(id).copied().unwrap_or_default();
        if place > 0 && total > MOST_MEMBERS {
            return place;
        }
    }
    ids.len()
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
