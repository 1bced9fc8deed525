//! Bulk requests (RFC 7644, section 3.7): each operation in its own transaction.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::{Context, Method, RefusedOperation, Request, Response};
use crate::domain::directory::Fault;
use crate::domain::directory::body::{Body, field};
use crate::domain::directory::patch::MAX_OPERATIONS;
use crate::domain::directory::problem::{Kind, Problem};
use crate::error::Error;

/// Number of refused operations of one request that are kept.
const KEPT: usize = 20;
/// URN of the response.
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// Returns the number of operations in the body of a bulk request.
pub(super) fn operations(body: &Map<String, Value>) -> usize {
    let list = field(body, "operations").and_then(Value::as_array);
    list.map_or(0, Vec::len)
}

/// One operation.
struct Operation<'a> {
    method: &'a str,
    bulk_id: Option<&'a str>,
    path: &'a str,
    version: Option<&'a str>,
    data: Option<&'a Value>,
}

impl<'a> Operation<'a> {
    fn read(value: &'a Value) -> Option<Self> {
        let object = value.as_object()?;
        let text = |name| field(object, name).and_then(Value::as_str);
        Some(Self {
            method: text("method")?,
            bulk_id: text("bulkId"),
            path: text("path")?,
            version: text("version"),
            data: field(object, "data"),
        })
    }

    /// Returns the ids of operations that must come before this one.
    fn refers_to(&self) -> HashSet<String> {
        let mut found = HashSet::new();
        if let Some(data) = self.data {
            references(data, &mut found);
        }
        found.extend(self.path.split('/').filter_map(reference));
        found
    }
}

/// Returns the id of the operation that a text refers to.
fn reference(text: &str) -> Option<String> {
    text.strip_prefix("bulkId:").map(str::to_owned)
}

fn references(value: &Value, found: &mut HashSet<String>) {
    match value {
        Value::String(text) => found.extend(reference(text)),
        Value::Array(list) => list.iter().for_each(|one| references(one, found)),
        Value::Object(object) => object.values().for_each(|one| references(one, found)),
        _ => {}
    }
}

fn replaced(value: &Value, ids: &HashMap<String, String>) -> Value {
    match value {
        Value::String(text) => match reference(text).and_then(|id| ids.get(&id)) {
            Some(id) => id.as_str().into(),
            None => value.clone(),
        },
        Value::Array(list) => list.iter().map(|one| replaced(one, ids)).collect(),
        Value::Object(object) => {
            let each = object.iter().map(|(key, one)| (key.clone(), replaced(one, ids)));
            Value::Object(each.collect())
        }
        _ => value.clone(),
    }
}

/// Carries out a bulk request. An operation that refers to another one's `bulkId` follows it; references in a circle are
/// refused.
///
/// # Errors
/// [`Kind::InvalidSyntax`], [`Kind::TooMany`].
pub(super) async fn run(context: Context<'_>, body: &Map<String, Value>) -> Result<Response, Fault> {
    let list = field(body, "operations").and_then(Value::as_array);
    let list = list.ok_or_else(|| Problem::new(Kind::InvalidSyntax, "Operations is missing"))?;
    if list.len() > MAX_OPERATIONS {
        return Err(Problem::new(Kind::TooMany, format!("at most {MAX_OPERATIONS} operations")).into());
    }
    let most_errors = field(body, "failOnErrors")
        .and_then(Value::as_u64)
        .filter(|&most| most > 0);
    let operations: Vec<Option<Operation>> = list.iter().map(Operation::read).collect();
    let mut ids = HashMap::new();
    let (mut errors, mut refused) = (0, Vec::new());
    let mut answers: Vec<Option<Value>> = vec![None; operations.len()];
    for place in in_order(&operations) {
        if most_errors.is_some_and(|most| errors >= most) {
            break;
        }
        let answer = match &operations[place.index] {
            None => Response::error(
                400,
                Some("invalidSyntax"),
                "an operation needs a method and a path",
            ),
            Some(_) if place.circular => {
                Response::error(409, None, "the operations refer to each other in a circle")
            }
            Some(operation) => one(context, operation, &ids).await?,
        };
        errors += u64::from(answer.status >= 400);
        let operation = operations[place.index].as_ref();
        if let (Some(bulk_id), Some(body)) = (operation.and_then(|one| one.bulk_id), &answer.body)
            && let (Some(id), true) = (body["id"].as_str(), answer.status < 300)
        {
            ids.insert(bulk_id.to_owned(), id.to_owned());
        }
        refused.extend(
            answer
                .refused
                .iter()
                .take(1)
                .cloned()
                .map(|one| RefusedOperation {
                    operation: operation
                        .map(|operation| (operation.method.to_owned(), operation.path.to_owned())),
                    ..one
                }),
        );
        answers[place.index] = Some(to_json(operation, &answer));
    }
    refused.truncate(KEPT);
    let answers: Vec<Value> = answers.into_iter().flatten().collect();
    Ok(Response {
        refused,
        ..Response::new(200, json!({ "schemas": [RESPONSE], "Operations": answers }))
    })
}

async fn one(
    context: Context<'_>,
    operation: &Operation<'_>,
    ids: &HashMap<String, String>,
) -> Result<Response, Fault> {
    let missing = |id: &String| !ids.contains_key(id);
    if operation.refers_to().iter().any(missing) {
        return Ok(Response::error(
            409,
            None,
            "a bulkId refers to no successful operation",
        ));
    }
    let path: Vec<String> = operation
        .path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| match reference(segment).and_then(|id| ids.get(&id)) {
            Some(id) => id.clone(),
            None => segment.to_owned(),
        })
        .collect();
    let method = Method::read(&operation.method.to_ascii_uppercase());
    if !matches!(path.first().map(String::as_str), Some("Users" | "Groups")) || method == Method::Get {
        return Ok(Response::error(
            400,
            Some("invalidValue"),
            "operations change users and groups",
        ));
    }
    let body = match operation.data.map(|data| replaced(data, ids)) {
        Some(Value::Object(object)) => Body::from(object),
        data => Body::from(data.unwrap_or_default().to_string().into_bytes()),
    };
    let request = Request {
        path,
        if_match: operation.version.map(str::to_owned),
        body,
        ..Request::default()
    };
    match Box::pin(super::answer(context, method, &request)).await {
        Ok(answer) => Ok(answer),
        Err(error @ (Error::Conflict | Error::RateLimited(_))) => Ok(Response::of_error(&error)),
        Err(error) => Err(error.into()),
    }
}

fn to_json(operation: Option<&Operation>, answer: &Response) -> Value {
    let mut json = json!({ "status": answer.status.to_string() });
    if let Some(operation) = operation {
        json["method"] = operation.method.into();
        if let Some(bulk_id) = operation.bulk_id {
            json["bulkId"] = bulk_id.into();
        }
    }
    if let Some(location) = &answer.location {
        json["location"] = location.as_str().into();
    }
    if let Some(version) = &answer.etag {
        json["version"] = version.as_str().into();
    }
    if let Some(body) = answer.body.as_ref().filter(|_| answer.status >= 400) {
        json["response"] = body.clone();
    }
    json
}

/// An operation to be carried out.
struct Place {
    index: usize,
    circular: bool,
}

/// Returns the operations in an order in which each follows those that it refers to.
fn in_order(operations: &[Option<Operation>]) -> Vec<Place> {
    let ids: HashMap<&str, usize> = operations
        .iter()
        .enumerate()
        .filter_map(|(index, one)| Some((one.as_ref()?.bulk_id?, index)))
        .collect();
    let before: Vec<HashSet<usize>> = operations
        .iter()
        .map(|one| {
            let refers = one.as_ref().map(Operation::refers_to).unwrap_or_default();
            refers
                .iter()
                .filter_map(|id| ids.get(id.as_str()).copied())
                .collect()
        })
        .collect();
    let mut done = HashSet::new();
    let mut order = Vec::with_capacity(operations.len());
    loop {
        let count = order.len();
        for (index, needed) in before.iter().enumerate() {
            if !done.contains(&index) && needed.is_subset(&done) {
                done.insert(index);
                order.push(Place {
                    index,
                    circular: false,
                });
            }
        }
        if order.len() == count {
            break;
        }
    }
    let rest = (0..operations.len()).filter(|index| !done.contains(index));
    order.extend(rest.map(|index| Place {
        index,
        circular: true,
    }));
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_of(operations: &Value) -> Vec<(usize, bool)> {
        let read: Vec<Option<Operation>> = operations
            .as_array()
            .unwrap()
            .iter()
            .map(Operation::read)
            .collect();
        in_order(&read)
            .into_iter()
            .map(|place| (place.index, place.circular))
            .collect()
    }

    #[test]
    fn operations_follow_those_they_refer_to() {
        let operations = json!([
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "members": [{ "value": "bulkId:u" }] } },
            { "method": "POST", "path": "/Users", "bulkId": "u", "data": {} },
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": {} },
            { "method": "POST" },
        ]);
        let expected = [(1, false), (3, false), (0, false), (2, false)];
        assert_eq!(order_of(&operations), expected);
    }

    #[test]
    fn a_circle_is_found() {
        let operations = json!([
            { "method": "POST", "path": "/Users", "bulkId": "a", "data": { "x": "bulkId:b" } },
            { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "x": "bulkId:a" } },
            { "method": "POST", "path": "/Users", "bulkId": "c", "data": {} },
        ]);
        assert_eq!(order_of(&operations), [(2, false), (0, true), (1, true)]);
    }
}
