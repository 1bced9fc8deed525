//! The protocol (RFC 7644): which request is which operation, and what its response says. Transports, such as HTTP and a
//! preview, translate to a [`Request`] and from a [`Response`].

mod bulk;
mod groups;
mod lists;
mod users;

use entity::directory::Model as Directory;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Fault;
use super::body::Body;
use super::discovery;
use super::problem::{Kind, Problem, error_body};
use super::resource::Resource;
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::store::db::Db;

/// Path of all addresses below the public one.
pub const PREFIX: &str = "/scim/v2";

/// Returns the URL that a directory is given.
pub fn base(public_url: &str) -> String {
    format!("{}{PREFIX}", public_url.trim_end_matches('/'))
}

/// Methods of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or searches.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
    /// Anything else.
    Other,
}

impl Method {
    /// Reads the name of a method.
    pub fn read(name: &str) -> Self {
        match name {
            "GET" | "HEAD" => Self::Get,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            _ => Self::Other,
        }
    }
}

/// A request.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Segments of the path below `/scim/v2`, without empty ones.
    pub path: Vec<String>,
    /// Query parameters; unknown ones are ignored.
    pub query: Vec<(String, String)>,
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Body.
    pub body: Body,
}

impl Request {
    /// Reads the target of a request below `/scim/v2`: the path and the query. `None` if it is not UTF-8.
    pub fn read(target: &str) -> Option<Self> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let decode = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
        let parameter = |text: &str| {
            let text = text.replace('+', " ");
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            Some((decode(name)?, decode(value)?))
        };
        Some(Self {
            path: segments.map(decode).collect::<Option<_>>()?,
            query: parameters.map(parameter).collect::<Option<_>>()?,
            ..Self::default()
        })
    }

    /// Returns a query parameter; its name in any case.
    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the number of operations, if this is a bulk request; 0 if it can't be read.
    pub fn bulk_operations(&self) -> usize {
        let is_bulk = matches!(self.path.as_slice(), [only] if only == "Bulk");
        let object = is_bulk.then(|| self.object().ok()).flatten();
        object.map_or(0, bulk::operations)
    }

    /// Returns the body.
    fn object(&self) -> Result<&Map<String, Value>, Problem> {
        self.body.object()
    }
}

/// A response.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Option<Value>,
    /// `ETag`.
    pub etag: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `Allow`, with status 405.
    pub allow: Option<&'static str>,
    /// What was refused, to be kept for the administrator: the request, or operations of it.
    pub refused: Vec<RefusedOperation>,
}

/// A request or an operation that was refused.
#[derive(Debug, Clone)]
pub struct RefusedOperation {
    /// Method and path, for an operation of a bulk request.
    pub operation: Option<(String, String)>,
    /// HTTP status.
    pub status: u16,
    /// Why.
    pub detail: String,
    /// Whether a rule about the person refused it.
    pub by_rule: bool,
}

impl Response {
    /// Returns a response with a body.
    pub fn new(status: u16, body: impl Into<Option<Value>>) -> Self {
        Self {
            status,
            body: body.into(),
            etag: None,
            location: None,
            allow: None,
            refused: Vec::new(),
        }
    }

    /// Returns an error.
    pub fn error(status: u16, scim_type: Option<&str>, detail: &str) -> Self {
        let refused = RefusedOperation {
            operation: None,
            status,
            detail: detail.to_owned(),
            by_rule: status == 403 || (status == 409 && scim_type.is_none()),
        };
        Self {
            refused: vec![refused],
            ..Self::new(status, error_body(status, scim_type, detail))
        }
    }

    /// Returns the response to a request that was not carried out.
    pub fn of_error(error: &Error) -> Self {
        let status = match error {
            Error::Unauthenticated => 401,
            Error::Forbidden(_) => 403,
            Error::BadInput(_) => 400,
            Error::NotFound(_) => 404,
            Error::RateLimited(_) => 429,
            Error::Conflict | Error::Unavailable(_) => 503,
            Error::Database(_) | Error::Internal(_) => 500,
        };
        let detail = match error {
            Error::Unauthenticated => {
                "an active token of the integration of a directory is required".to_owned()
            }
            error => error.to_string(),
        };
        Self::error(status, None, &detail)
    }

    fn resource(status: u16, resource: Resource) -> Self {
        Self {
            etag: Some(resource.version.to_string()),
            location: Some(resource.location.clone()),
            ..Self::new(status, Value::from(resource))
        }
    }
}

impl From<Problem> for Response {
    fn from(problem: Problem) -> Self {
        let kind = problem.kind;
        Self::error(kind.status(), kind.scim_type(), &problem.detail)
    }
}

/// The caller of a request, and where it is answered.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The database.
    pub db: &'a Db,
    /// The integration.
    pub actor: &'a Actor,
    /// The directory that it is.
    pub directory: &'a Directory,
    /// URL of `/scim/v2`.
    pub base: &'a str,
}

/// Answers a request. Every answer is a message of SCIM.
///
/// # Errors
/// An [`Error`] that the request has no part in; the transport logs it, and answers by [`Response::of_error`].
pub async fn answer(context: Context<'_>, method: Method, request: &Request) -> Result<Response, Error> {
    let answered = Box::pin(dispatch(context, method, request)).await;
    match answered {
        Ok(response) => Ok(response),
        Err(Fault::Problem(problem)) => Ok(problem.into()),
        Err(Fault::Broken(error @ (Error::Forbidden(_) | Error::BadInput(_)))) => {
            Ok(Response::of_error(&error))
        }
        Err(Fault::Broken(error)) => Err(error),
    }
}

async fn dispatch(context: Context<'_>, method: Method, request: &Request) -> Result<Response, Fault> {
    let path: Vec<&str> = request.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["Users"] => users::collection(context, method, request).await,
        ["Users", ".search"] => match method {
            Method::Post => users::search(context, request.object()?).await,
            _ => Ok(not_allowed("POST")),
        },
        ["Users", id] => users::single(context, method, request, id).await,
        ["Groups"] => groups::collection(context, method, request).await,
        ["Groups", ".search"] => match method {
            Method::Post => groups::search(context, request.object()?).await,
            _ => Ok(not_allowed("POST")),
        },
        ["Groups", id] => groups::single(context, method, request, id).await,
        [".search"] => match method {
            Method::Post => lists::search_all(context, request.object()?).await,
            _ => Ok(not_allowed("POST")),
        },
        ["Bulk"] => match method {
            Method::Post => bulk::run(context, request.object()?).await,
            _ => Ok(not_allowed("POST")),
        },
        ["Me", ..] => Ok(Response::error(
            501,
            None,
            "a directory is nobody: there is no Me",
        )),
        ["ServiceProviderConfig" | "ResourceTypes" | "Schemas", ..] if method != Method::Get => {
            Ok(not_allowed("GET"))
        }
        path => Ok(discover(context.base, path)?),
    }
}

/// Answers requests about the server. They can't be filtered (RFC 7644, section 4).
fn discover(base: &str, path: &[&str]) -> Result<Response, Problem> {
    let found = match path {
        ["ServiceProviderConfig"] => Some(discovery::service_provider_config(base)),
        ["ResourceTypes"] => Some(discovery::list(discovery::resource_types(base))),
        ["ResourceTypes", id] => discovery::resource_type(base, id),
        ["Schemas"] => Some(discovery::list(discovery::schemas(base))),
        ["Schemas", urn] => discovery::schema(base, urn),
        _ => None,
    };
    let found = found.ok_or_else(|| Problem::new(Kind::NotFound, "there is nothing at this address"))?;
    Ok(Response::new(200, found))
}

fn not_allowed(allow: &'static str) -> Response {
    Response {
        allow: Some(allow),
        ..Response::error(405, None, &format!("the methods of this address are: {allow}"))
    }
}
