//! Requests about groups.

use entity::directory_group::Model as Group;
use serde_json::{Map, Value};

use super::lists::{self, Wanted};
use super::users::not_modified;
use super::{Context, Method, Request, Response, not_allowed};
use crate::domain::directory::Fault;
use crate::domain::directory::groups::list::one_group;
use crate::domain::directory::groups::write::{Change, change_group, create_group, delete_group};
use crate::domain::directory::groups::{members, parse_id, resource, version};
use crate::domain::directory::schema::GROUPS_SCHEMA;

/// Number of members up to which the response to a PATCH contains the group: clients that change a large group don't read
/// it.
const ANSWERED: u64 = 200;

/// Requests to `/Groups`.
pub(super) async fn collection(
    context: Context<'_>,
    method: Method,
    request: &Request,
) -> Result<Response, Fault> {
    match method {
        Method::Get => lists::all_groups(context, &Wanted::of_query(request)?).await,
        Method::Post => {
            let wanted = Wanted::of_query(request)?;
            let group =
                create_group(context.db, context.actor, context.directory, &request.object()?).await?;
            written(context, 201, &group, &wanted).await
        }
        _ => Ok(not_allowed("GET, POST")),
    }
}

/// Requests to `/Groups/.search`.
pub(super) async fn search(context: Context<'_>, body: &Map<String, Value>) -> Result<Response, Fault> {
    lists::all_groups(context, &Wanted::of_message(body)?).await
}

/// Requests to `/Groups/{id}`.
pub(super) async fn single(
    context: Context<'_>,
    method: Method,
    request: &Request,
    id: &str,
) -> Result<Response, Fault> {
    let Context {
        db,
        actor,
        directory,
        base,
    } = context;
    let if_match = request.if_match.as_deref();
    match method {
        Method::Get => {
            let projection = Wanted::of_query(request)?.projection(&GROUPS_SCHEMA)?;
            let with_members = projection.contains("members");
            let mut found = one_group(db, directory, base, parse_id(id)?, with_members).await?;
            if request
                .if_none_match
                .as_deref()
                .is_some_and(|tags| found.version.is_in(tags))
            {
                return Ok(not_modified(&found));
            }
            projection.apply(&GROUPS_SCHEMA, &mut found.body);
            Ok(Response::resource(200, found))
        }
        Method::Put => {
            let (wanted, body) = (Wanted::of_query(request)?, request.object()?);
            let change = Change::Replace(&body);
            let group = change_group(db, actor, directory, parse_id(id)?, change, if_match).await?;
            written(context, 200, &group, &wanted).await
        }
        Method::Patch => {
            let (wanted, body) = (Wanted::of_query(request)?, request.object()?);
            let change = Change::Patch(&body);
            let group = change_group(db, actor, directory, parse_id(id)?, change, if_match).await?;
            if members::count(db.read(), group.id).await? > ANSWERED {
                return Ok(Response {
                    etag: Some(version(&group).to_string()),
                    ..Response::new(204, None)
                });
            }
            written(context, 200, &group, &wanted).await
        }
        Method::Delete => {
            delete_group(db, actor, directory, parse_id(id)?, if_match).await?;
            Ok(Response::new(204, None))
        }
        Method::Post | Method::Other => Ok(not_allowed("GET, PUT, PATCH, DELETE")),
    }
}

async fn written(
    context: Context<'_>,
    status: u16,
    group: &Group,
    wanted: &Wanted,
) -> Result<Response, Fault> {
    let projection = wanted.projection(&GROUPS_SCHEMA)?;
    let with_members = projection.contains("members");
    let members = match with_members {
        true => Some(members::of_group(context.db.read(), group.id).await?),
        false => None,
    };
    let mut resource = resource(group, members.as_deref(), context.base);
    projection.apply(&GROUPS_SCHEMA, &mut resource.body);
    Ok(Response::resource(status, resource))
}
