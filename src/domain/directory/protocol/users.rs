//! Requests about users.

use serde_json::{Map, Value};

use super::lists::{self, Wanted};
use super::{Context, Method, Request, Response, not_allowed};
use crate::domain::directory::Fault;
use crate::domain::directory::create_person::create_person;
use crate::domain::directory::list_people::one_person;
use crate::domain::directory::person::{Person, parse_id, resource};
use crate::domain::directory::projection::Projection;
use crate::domain::directory::resource::Resource;
use crate::domain::directory::schema::USERS;
use crate::domain::directory::write_person::{Change, change_person, delete_person};

/// Requests to `/Users`.
pub(super) async fn collection(
    context: Context<'_>,
    method: Method,
    request: &Request,
) -> Result<Response, Fault> {
    match method {
        Method::Get => lists::users(context, &Wanted::of_query(request)?).await,
        Method::Post => {
            let projection = Wanted::of_query(request)?.projection(&USERS)?;
            let person =
                create_person(context.db, context.actor, context.directory, request.object()?).await?;
            written(context, 201, &person, &projection).await
        }
        _ => Ok(not_allowed("GET, POST")),
    }
}

/// Requests to `/Users/.search`.
pub(super) async fn search(context: Context<'_>, body: &Map<String, Value>) -> Result<Response, Fault> {
    lists::users(context, &Wanted::of_message(body)?).await
}

/// Requests to `/Users/{id}`.
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
    let change = match method {
        Method::Get => {
            let wanted = Wanted::of_query(request)?;
            let mut found = one_person(db, directory, base, parse_id(id)?).await?;
            if request
                .if_none_match
                .as_deref()
                .is_some_and(|tags| found.version.is_in(tags))
            {
                return Ok(not_modified(&found));
            }
            wanted.projection(&USERS)?.apply(&USERS, &mut found.body);
            return Ok(Response::resource(200, found));
        }
        Method::Delete => {
            delete_person(db, actor, directory, parse_id(id)?, if_match).await?;
            return Ok(Response::new(204, None));
        }
        Method::Put => Change::Replace,
        Method::Patch => Change::Patch,
        Method::Post | Method::Other => return Ok(not_allowed("GET, PUT, PATCH, DELETE")),
    };
    let (wanted, body) = (Wanted::of_query(request)?, request.object()?);
    let projection = wanted.projection(&USERS)?;
    let person = change_person(db, actor, directory, parse_id(id)?, change(body), if_match).await?;
    written(context, 200, &person, &projection).await
}

/// Returns the response to a GET of a version that the client has.
pub(super) fn not_modified(found: &Resource) -> Response {
    Response {
        etag: Some(found.version.to_string()),
        ..Response::new(304, None)
    }
}

async fn written(
    context: Context<'_>,
    status: u16,
    person: &Person,
    projection: &Projection,
) -> Result<Response, Fault> {
    let mut resource = resource(context.db.read(), context.directory, context.base, person).await?;
    projection.apply(&USERS, &mut resource.body);
    Ok(Response::resource(status, resource))
}
