//! Requests for lists, by address or as messages, and their responses (RFC 7644, sections 3.4.2 and 3.4.3).

use serde_json::{Map, Value, json};

use super::{Context, Request, Response};
use crate::domain::directory::Fault;
use crate::domain::directory::body::field;
use crate::domain::directory::groups::list::groups;
use crate::domain::directory::list::{DEFAULT_COUNT, ListRequest, Listed, MAX_COUNT};
use crate::domain::directory::list_people::people;
use crate::domain::directory::problem::{Kind, Problem};
use crate::domain::directory::projection::Projection;
use crate::domain::directory::resource::Resource;
use crate::domain::directory::schema::{GROUPS_SCHEMA, Schema, USERS};

/// URN of lists.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What a request wants of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    pub list: ListRequest,
    pub attributes: Vec<String>,
    pub excluded: Vec<String>,
}

impl Wanted {
    /// Reads query parameters.
    pub fn of_query(request: &Request) -> Result<Self, Problem> {
        let text = |name: &str| {
            let given = request.parameter(name).map(str::trim);
            given.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let number = |name: &str| match request.parameter(name) {
            None => Ok(None),
            Some(text) => text
                .trim()
                .parse()
                .map(Some)
                .map_err(|_| Problem::value(name, "it must be a whole number")),
        };
        let names = |name: &str| {
            let given = request.parameter(name).unwrap_or_default();
            given.split(',').map(str::to_owned).collect()
        };
        Ok(Self {
            list: ListRequest {
                filter: text("filter"),
                sort_by: text("sortBy"),
                descending: is_descending(request.parameter("sortOrder"))?,
                start_index: number("startIndex")?,
                count: number("count")?,
                cursor: request.parameter("cursor").map(str::to_owned),
            },
            attributes: names("attributes"),
            excluded: names("excludedAttributes"),
        })
    }

    /// Reads a search request.
    pub fn of_message(body: &Map<String, Value>) -> Result<Self, Problem> {
        let field = |name: &str| field(body, name).filter(|value| !value.is_null());
        let text = |name: &str| match field(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Problem::value(name, "it must be a text")),
        };
        let number = |name: &str| match field(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(Problem::value(name, "it must be a whole number")),
            },
        };
        let names = |name: &str| match field(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => {
                Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            }
            Some(_) => Err(Problem::value(name, "it must be a list of names")),
        };
        Ok(Self {
            list: ListRequest {
                filter: text("filter")?.filter(|text| !text.trim().is_empty()),
                sort_by: text("sortBy")?,
                descending: is_descending(text("sortOrder")?.as_deref())?,
                start_index: number("startIndex")?,
                count: number("count")?,
                cursor: text("cursor")?,
            },
            attributes: names("attributes")?,
            excluded: names("excludedAttributes")?,
        })
    }

    /// Returns which attributes are wanted.
    pub fn projection(&self, schema: &Schema) -> Result<Projection, Problem> {
        Projection::new(schema, &self.attributes, &self.excluded)
    }
}

fn is_descending(order: Option<&str>) -> Result<bool, Problem> {
    match order.map(str::trim) {
        None | Some("") => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("descending") => Ok(true),
        Some(_) => Err(Problem::value("sortOrder", "it must be ascending or descending")),
    }
}

/// Returns a list of users.
pub(super) async fn users(context: Context<'_>, wanted: &Wanted) -> Result<Response, Fault> {
    let projection = wanted.projection(&USERS)?;
    let (listed, found) = people(context.db, context.directory, context.base, &wanted.list).await?;
    Ok(response(listed, found, &projection, &USERS))
}

/// Returns a list of groups.
pub(super) async fn all_groups(context: Context<'_>, wanted: &Wanted) -> Result<Response, Fault> {
    let projection = wanted.projection(&GROUPS_SCHEMA)?;
    let with_members = projection.contains("members");
    let (db, directory, base) = (context.db, context.directory, context.base);
    let (listed, found) = groups(db, directory, base, &wanted.list, with_members).await?;
    Ok(response(listed, found, &projection, &GROUPS_SCHEMA))
}

fn projected(found: Vec<Resource>, projection: &Projection, schema: &Schema) -> Vec<Value> {
    let each = found.into_iter().map(|mut resource| {
        projection.apply(schema, &mut resource.body);
        Value::from(resource)
    });
    each.collect()
}

fn response(listed: Listed, found: Vec<Resource>, projection: &Projection, schema: &Schema) -> Response {
    let resources = projected(found, projection, schema);
    let mut body = json!({
        "schemas": [LIST],
        "totalResults": listed.total,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    });
    if let Some(start) = listed.start_index {
        body["startIndex"] = start.into();
    }
    if let Some(cursor) = listed.next_cursor {
        body["nextCursor"] = cursor.into();
    }
    Response::new(200, body)
}

/// Searches users, then groups. A filter that names attributes of one type only finds nothing of the other.
pub(super) async fn search_all(context: Context<'_>, body: &Map<String, Value>) -> Result<Response, Fault> {
    let wanted = Wanted::of_message(body)?;
    if wanted.list.cursor.is_some() {
        return Err(Problem::value("cursor", "it can only be used with one type of resource").into());
    }
    let limit = wanted.list.count.map_or(DEFAULT_COUNT, |count| {
        u64::try_from(count).unwrap_or_default().min(MAX_COUNT)
    });
    let start = wanted.list.start_index.unwrap_or(1).max(1);
    let (db, directory, base) = (context.db, context.directory, context.base);
    let page = |start: i64, limit: u64| ListRequest {
        start_index: Some(start),
        count: i64::try_from(limit).ok(),
        ..wanted.list.clone()
    };
    let (for_users, for_groups) = (wanted.projection(&USERS)?, wanted.projection(&GROUPS_SCHEMA)?);
    let found_users = of_one_type(people(db, directory, base, &page(start, limit)).await)?;
    let (users_total, users) = found_users.clone_total();
    let left = limit - users.len() as u64;
    let skipped = start - i64::try_from(users_total).unwrap_or(i64::MAX);
    let with_members = for_groups.contains("members");
    let request = page(skipped.max(1), left);
    let found_groups = of_one_type(groups(db, directory, base, &request, with_members).await)?;
    let (groups_total, groups) = found_groups.clone_total();
    if let (Found::Unfit(problem), Found::Unfit(_)) = (found_users, found_groups) {
        return Err(problem.into());
    }
    let mut resources = projected(users, &for_users, &USERS);
    resources.extend(projected(groups, &for_groups, &GROUPS_SCHEMA));
    let body = json!({
        "schemas": [LIST],
        "totalResults": users_total + groups_total,
        "itemsPerPage": resources.len(),
        "startIndex": start,
        "Resources": resources,
    });
    Ok(Response::new(200, body))
}

/// What is found of one type of resource.
enum Found {
    Resources(u64, Vec<Resource>),
    /// The filter doesn't fit the type.
    Unfit(Problem),
}

impl Found {
    fn clone_total(&self) -> (u64, Vec<Resource>) {
        match self {
            Self::Resources(total, resources) => (*total, resources.clone()),
            Self::Unfit(_) => (0, Vec::new()),
        }
    }
}

fn of_one_type(found: Result<(Listed, Vec<Resource>), Fault>) -> Result<Found, Fault> {
    match found {
        Ok((listed, resources)) => Ok(Found::Resources(listed.total, resources)),
        Err(Fault::Problem(problem)) if matches!(problem.kind, Kind::InvalidFilter | Kind::InvalidValue) => {
            Ok(Found::Unfit(problem))
        }
        Err(fault) => Err(fault),
    }
}
