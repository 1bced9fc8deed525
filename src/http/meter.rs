//! Counts requests at the edge, where all of them pass.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use super::{oauth, scim, session};
use crate::domain::directory::protocol::PREFIX as SCIM;
use crate::runtime::metrics::labels::{Door, Method as MethodLabel, ScimResource};
use crate::runtime::metrics::{rate_limited, scim_answered};

/// Counts a request of a directory, and any request that a limit has refused.
pub async fn meter(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let door = door(request.uri().path());
    if door != Door::Scim {
        let response = next.run(request).await;
        count_refused(door, response.status());
        return response;
    }
    let (resource, method) = (resource(request.uri().path()), method(request.method()));
    let response = scim::answer_in_scim(request, next).await;
    scim_answered(resource, method, response.status().as_u16(), began.elapsed());
    count_refused(door, response.status());
    response
}

fn count_refused(door: Door, status: StatusCode) {
    if status == StatusCode::TOO_MANY_REQUESTS {
        rate_limited(door);
    }
}

/// Returns which endpoint a path belongs to.
fn door(path: &str) -> Door {
    match path {
        "/graphql" | "/graphql/" => Door::Graphql,
        oauth::TOKEN_PATH => Door::OAuth,
        session::PATH | session::REFRESH_PATH | session::END_PATH => Door::Session,
        _ if below(path, SCIM).is_some() => Door::Scim,
        _ if ["/drive", "/calendar", "/download", "/export"]
            .iter()
            .any(|prefix| below(path, prefix).is_some()) =>
        {
            Door::Files
        }
        _ => Door::Other,
    }
}

/// Returns the rest of a path that is this prefix or below it.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Returns what the path of a SCIM request is about.
fn resource(path: &str) -> ScimResource {
    let rest = below(path, SCIM).unwrap_or_default();
    let mut segments = rest.split('/').filter(|segment| !segment.is_empty());
    match segments.next() {
        Some("Users") => ScimResource::Users,
        Some("Groups") => ScimResource::Groups,
        Some("Bulk") => ScimResource::Bulk,
        Some(".search") => ScimResource::Search,
        Some("ServiceProviderConfig" | "ResourceTypes" | "Schemas") => ScimResource::Discovery,
        _ => ScimResource::Other,
    }
}

fn method(method: &Method) -> MethodLabel {
    match *method {
        Method::GET | Method::HEAD => MethodLabel::Get,
        Method::POST => MethodLabel::Post,
        Method::PUT => MethodLabel::Put,
        Method::PATCH => MethodLabel::Patch,
        Method::DELETE => MethodLabel::Delete,
        _ => MethodLabel::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_one_endpoint() {
        for (path, expected) in [
            ("/graphql", Door::Graphql),
            ("/graphql/", Door::Graphql),
            ("/oauth/token", Door::OAuth),
            ("/session/refresh", Door::Session),
            ("/drive/item_1", Door::Files),
            ("/drivel", Door::Other),
            ("/scim/v2", Door::Scim),
            ("/scim/v2/Users", Door::Scim),
            ("/scim/v20", Door::Other),
        ] {
            assert_eq!(door(path), expected, "{path}");
        }
    }

    #[test]
    fn a_path_of_scim_names_a_resource() {
        for (path, expected) in [
            ("/scim/v2/Users/user_1", ScimResource::Users),
            ("/scim/v2//Groups", ScimResource::Groups),
            ("/scim/v2/Users/.search", ScimResource::Users),
            ("/scim/v2/.search", ScimResource::Search),
            ("/scim/v2/Schemas/urn:x", ScimResource::Discovery),
            ("/scim/v2", ScimResource::Other),
            ("/scim/v2/somebody@example.com", ScimResource::Other),
        ] {
            assert_eq!(resource(path), expected, "{path}");
        }
    }
}
