//! Refused requests, kept for the administrator who asks why.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::directory::{self, Model as Directory};
use entity::{RefusedRequestId, directory_refusal};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Map, Value, json};

use super::patch::public;
use crate::domain::auth::Actor;
use crate::error::{Error, Failure};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal::{self, Action};

/// How long refused requests are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// Maximum number of refused requests that are kept for one directory in a day.
const MOST_A_DAY: u64 = 1_000;
/// Maximum length of a path or a detail, in characters.
const TEXT: usize = 500;
/// Maximum number of names of attributes.
const NAMES: usize = 100;
/// Resolution of the last request.
const RESOLUTION: TimeDelta = TimeDelta::minutes(1);

/// A refused request.
#[derive(Debug, Clone)]
pub struct Refused {
    /// HTTP method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// HTTP status.
    pub status: u16,
    /// Why it was refused.
    pub detail: String,
    /// Names of the attributes in its body.
    pub attributes: Vec<String>,
    /// Whether a rule about the person refused it: they are exempt, or the last administrator.
    pub by_rule: bool,
}

/// Returns the names in the body of a request, those of the values of a PATCH included; no values.
pub fn names(body: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(Value::Object(body)) = serde_json::from_slice(body) {
        for (key, value) in &body {
            found.push(key.clone());
            let operations = value
                .as_array()
                .filter(|_| key.eq_ignore_ascii_case("operations"));
            for operation in operations.into_iter().flatten() {
                found.extend(operation.as_object().into_iter().flat_map(operation_names));
            }
        }
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(NAMES);
    found.iter().map(|name| short(name)).collect()
}

/// Returns the names in one operation, without the values of their filters.
fn operation_names(operation: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in operation {
        match value {
            Value::String(path) if key.eq_ignore_ascii_case("path") => found.push(public(path).to_owned()),
            Value::Object(values) if key.eq_ignore_ascii_case("value") => {
                found.extend(values.keys().map(|path| public(path).to_owned()));
            }
            _ => {}
        }
    }
    found
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT).collect()
}

/// Keeps a refused request, and forgets old ones.
///
/// # Errors
/// When the database fails.
pub async fn keep(db: &Db, actor: &Actor, directory: &Directory, refused: &Refused) -> Result<(), Error> {
    let attributes = &serde_json::to_string(&refused.attributes).map_err(Error::internal)?;
    let done = db
        .write(move |tx: Arc<Tx>| async move {
            directory_refusal::Entity::delete_many()
                .filter(directory_refusal::Column::DirectoryId.eq(directory.id))
                .filter(directory_refusal::Column::At.lt(tx.now - KEPT))
                .exec(&tx.conn)
                .await?;
            let today = directory_refusal::Entity::find()
                .filter(directory_refusal::Column::DirectoryId.eq(directory.id))
                .filter(directory_refusal::Column::At.gt(tx.now - TimeDelta::days(1)))
                .count(&tx.conn)
                .await?;
            if today >= MOST_A_DAY {
                return Ok(());
            }
            let row = directory_refusal::ActiveModel {
                id: Set(RefusedRequestId(tx.new_id())),
                directory_id: Set(directory.id),
                at: Set(tx.now),
                method: Set(short(&refused.method)),
                path: Set(short(&refused.path)),
                status: Set(i32::from(refused.status)),
                detail: Set(short(&refused.detail)),
                attributes: Set(attributes.clone()),
            };
            directory_refusal::Entity::insert(row)
                .exec_without_returning(&tx.conn)
                .await?;
            if refused.by_rule {
                let data = json!({ "path": refused.path, "detail": refused.detail });
                let (action, subject) = (Action::DirectoryRefused, Some(directory.id.into()));
                journal::record(&tx, &actor.author(), action, subject, data).await?;
            }
            Ok(())
        })
        .await;
    done.map_err(Failure::into_error)
}

/// Notes that the directory has sent a request, to the minute.
///
/// # Errors
/// When the database fails.
pub async fn note_request(db: &Db, directory: &Directory) -> Result<(), Error> {
    let now = db.clock().now();
    if directory.last_request_at.is_some_and(|at| at + RESOLUTION > now) {
        return Ok(());
    }
    let done = db
        .write(move |tx: Arc<Tx>| async move {
            directory::Entity::update_many()
                .col_expr(directory::Column::LastRequestAt, Expr::value(now))
                .filter(directory::Column::Id.eq(directory.id))
                .exec(&tx.conn)
                .await?;
            Ok(())
        })
        .await;
    done.map_err(Failure::into_error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_without_values() {
        let body = br#"{"schemas":[],"Operations":[{"op":"replace","path":"title","value":"secret"},{"op":"add","value":{"nickName":"secret"}}]}"#;
        assert_eq!(names(body), ["Operations", "nickName", "schemas", "title"]);
        assert!(names(b"secret").is_empty());
    }
}
