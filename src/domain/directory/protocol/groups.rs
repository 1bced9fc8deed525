//! Requests about groups.

use serde_json::{Map, Value};

use super::lists::{self, Wanted};
use super::users::not_modified;
use super::{Context, Method, Request, Response, not_allowed};
use crate::domain::directory::Fault;
use crate::domain::directory::groups::list::one_group;
use crate::domain::directory::groups::write::{Change, Written, change_group, create_group, delete_group};
use crate::domain::directory::groups::{parse_id, resource, version};
use crate::domain::directory::projection::Projection;
use crate::domain::directory::schema::GROUPS_SCHEMA;

/// Requests to `/Groups`.
pub(super) async fn collection(
    context: Context<'_>,
    method: Method,
    request: &Request,
) -> Result<Response, Fault> {
    match method {
        Method::Get => lists::all_groups(context, &Wanted::of_query(request)?).await,
        Method::Post => {
            let projection = Wanted::of_query(request)?.projection(&GROUPS_SCHEMA)?;
            let body = request.object()?;
            let done = create_group(context.db, context.actor, context.directory, body).await?;
            Ok(written(context, 201, &done, &projection))
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
        Method::Put | Method::Patch => {
            let (wanted, body) = (Wanted::of_query(request)?, request.object()?);
            let projection = wanted.projection(&GROUPS_SCHEMA)?;
            let change = match method {
                Method::Put => Change::Replace(body),
                _ => Change::Patch(body),
            };
            let done = change_group(db, actor, directory, parse_id(id)?, change, if_match).await?;
            Ok(written(context, 200, &done, &projection))
        }
        Method::Delete => {
            delete_group(db, actor, directory, parse_id(id)?, if_match).await?;
            Ok(Response::new(204, None))
        }
        Method::Post | Method::Other => Ok(not_allowed("GET, PUT, PATCH, DELETE")),
    }
}

fn written(context: Context<'_>, status: u16, done: &Written, projection: &Projection) -> Response {
    let Some(members) = &done.members else {
        return Response {
            etag: Some(version(&done.group).to_string()),
            ..Response::new(204, None)
        };
    };
    let mut resource = resource(&done.group, Some(members), context.base);
    projection.apply(&GROUPS_SCHEMA, &mut resource.body);
    Response::resource(status, resource)
}
