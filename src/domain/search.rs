//! Search across all types of objects, by text or by id.

use std::collections::HashMap;

use entity::crm_rule::CrmOperation;
use entity::{
    CalendarId, CrmActivityId, CrmItemId, DepartmentId, EventId, FileId, FolderId, IntegrationId, TaskId,
    TaskTemplateId, UserId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use uuid::Uuid;

use crate::domain::auth::{Actor, Permission};
use crate::domain::calendar::access as calendars;
use crate::domain::crm::access::Access;
use crate::domain::crm::activities;
use crate::domain::handover::kinds::DRIVE_ITEM;
use crate::domain::tasks::access::{TASKS, TEMPLATES};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::input;

/// Maximum number of departments, or integrations, that are looked through: they have no search text.
const MAX_NAMES: usize = 10_000;

/// Folders and files in the drive of `$1`, or shared with them.
const VISIBLE_ITEMS: &str = "(owner_id = $1 OR id IN (WITH RECURSIVE shared (id) AS (\
     SELECT folder_id FROM drive_shares WHERE user_id = $1 \
     UNION SELECT i.id FROM drive_items i JOIN shared s ON s.id = i.parent_id) SELECT id FROM shared))";

const NAME_OF_PERSON: &str =
    "COALESCE(NULLIF(TRIM(COALESCE(given_name, '') || ' ' || COALESCE(family_name, '')), ''), email)";

/// Types of objects that can be searched, in the order of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchType {
    /// People.
    User,
    /// Departments.
    Department,
    /// Tasks.
    Task,
    /// Recurring tasks.
    TaskTemplate,
    /// CRM records.
    CrmItem,
    /// CRM activities.
    CrmActivity,
    /// Folders.
    Folder,
    /// Files.
    File,
    /// Calendars.
    Calendar,
    /// Events.
    Event,
    /// Integrations.
    Integration,
}

impl SearchType {
    /// All types.
    pub const ALL: [Self; 11] = [
        Self::User,
        Self::Department,
        Self::Task,
        Self::TaskTemplate,
        Self::CrmItem,
        Self::CrmActivity,
        Self::Folder,
        Self::File,
        Self::Calendar,
        Self::Event,
        Self::Integration,
    ];

    /// Returns the prefix of the ids of this type.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => UserId::PREFIX,
            Self::Department => DepartmentId::PREFIX,
            Self::Task => TaskId::PREFIX,
            Self::TaskTemplate => TaskTemplateId::PREFIX,
            Self::CrmItem => CrmItemId::PREFIX,
            Self::CrmActivity => CrmActivityId::PREFIX,
            Self::Folder => FolderId::PREFIX,
            Self::File => FileId::PREFIX,
            Self::Calendar => CalendarId::PREFIX,
            Self::Event => EventId::PREFIX,
            Self::Integration => IntegrationId::PREFIX,
        }
    }

    /// Returns table and column of the name, and the column that is searched, if there is one.
    fn source(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Self::User => ("users", NAME_OF_PERSON, Some("search_text")),
            Self::Department => ("departments", "name", None),
            Self::Task => ("tasks", "title", Some("search_text")),
            Self::TaskTemplate => ("task_templates", "title", Some("search_text")),
            Self::CrmItem => ("crm_items", "title", Some("search_text")),
            Self::CrmActivity => ("crm_activities", "subject", Some("search_text")),
            Self::Folder | Self::File => ("drive_items", "name", Some("name_key")),
            Self::Calendar => ("calendars", "name", Some("search_text")),
            Self::Event => ("events", "title", Some("search_text")),
            Self::Integration => ("integrations", "name", None),
        }
    }
}

/// An object that was found. Its visibility is decided when it is loaded; the search leaves out most of what the actor
/// can't see, so that they get as many results as there are.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Type.
    pub found: SearchType,
    /// Id.
    pub id: Uuid,
    /// Name or title.
    pub line: String,
}

/// Returns at most `limit` objects with this text in their name or title, the newest of each type; or the object with
/// this id. All types get their turn.
///
/// # Errors
/// [`Error::BadInput`] for a text that is too long.
pub async fn search(
    db: &Db,
    actor: &Actor,
    text: &str,
    types: &[SearchType],
    limit: u64,
) -> Result<Vec<Hit>, Error> {
    let types: Vec<SearchType> = SearchType::ALL
        .into_iter()
        .filter(|one| types.contains(one) && may_search(actor, *one))
        .collect();
    if let Some((prefix, id)) = entity::id::split(text.trim()) {
        let mut hits = Vec::new();
        for one in types.iter().filter(|one| one.prefix() == prefix) {
            hits.extend(by_id(db.read(), *one, id).await?);
        }
        return Ok(hits);
    }
    let pattern = input::search_pattern(text).map_err(|error| match error {
        Error::BadInput(reason) => Error::BadInput(format!("text: {reason}")),
        other => other,
    })?;
    let Some(pattern) = pattern else {
        return Ok(Vec::new());
    };
    let mut of_types = Vec::with_capacity(types.len());
    for one in types {
        of_types.push(match one.source().2 {
            Some(column) => by_text(db, actor, one, column, &pattern, limit).await?,
            None => by_name(db.read(), one, text, limit).await?,
        });
    }
    Ok(share(of_types, limit))
}

/// Returns the names of objects that the actor can see, by their ids; `prefix` is the one of the ids, or of folders and
/// files alike.
///
/// # Errors
/// When the database fails.
pub async fn names(
    db: &Db,
    actor: &Actor,
    prefix: &str,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, String>, Error> {
    let mut names = HashMap::with_capacity(ids.len());
    let is_wanted = |one: &SearchType| match one {
        SearchType::Folder | SearchType::File => [one.prefix(), DRIVE_ITEM].contains(&prefix),
        _ => one.prefix() == prefix,
    };
    if ids.is_empty() {
        return Ok(names);
    }
    for one in SearchType::ALL {
        if !is_wanted(&one) || !may_search(actor, one) {
            continue;
        }
        let (condition, mut values) = visible_condition(db, actor, one).await?;
        let list = db::placeholders(values.len() + 1, ids.len());
        values.extend(ids.iter().map(|&id| Value::from(id)));
        let (table, line, _) = one.source();
        let kind = kind_of_item(one);
        let sql = format!("SELECT id, {line} FROM {table} WHERE id IN ({list}){kind}{condition}");
        for row in db::query(db.read(), &sql, values).await? {
            let hit = read(&row, one)?;
            names.insert(hit.id, hit.line);
        }
    }
    Ok(names)
}

/// Takes hits in turn from each type until there are `limit`, and returns them by type.
fn share(mut of_types: Vec<Vec<Hit>>, limit: u64) -> Vec<Hit> {
    let mut kept: Vec<usize> = vec![0; of_types.len()];
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut left = limit;
    for round in 0..limit {
        for (hits, kept) in of_types.iter().zip(&mut kept) {
            if left > 0 && hits.len() > round {
                *kept += 1;
                left -= 1;
            }
        }
    }
    for (hits, kept) in of_types.iter_mut().zip(kept) {
        hits.truncate(kept);
    }
    of_types.into_iter().flatten().collect()
}

/// Returns whether the actor can see anything of this type.
fn may_search(actor: &Actor, one: SearchType) -> bool {
    match one {
        SearchType::User | SearchType::Department => true,
        SearchType::Integration => actor.may(Permission::ManageIntegrations),
        _ => actor.require_work_access().is_ok(),
    }
}

async fn by_id(conn: &impl ConnectionTrait, one: SearchType, id: Uuid) -> Result<Option<Hit>, Error> {
    let (table, line, _) = one.source();
    let sql = format!(
        "SELECT id, {line} FROM {table} WHERE id = $1{}",
        kind_of_item(one)
    );
    let rows = db::query(conn, &sql, [id.into()]).await?;
    let hit = |row: &QueryResult| read(row, one);
    rows.first().map(hit).transpose()
}

async fn by_text(
    db: &Db,
    actor: &Actor,
    one: SearchType,
    column: &str,
    pattern: &str,
    limit: u64,
) -> Result<Vec<Hit>, Error> {
    let (condition, mut values) = visible_condition(db, actor, one).await?;
    values.push(pattern.into());
    let (table, line, _) = one.source();
    let order = if one == SearchType::User {
        "sort_name"
    } else {
        "id DESC"
    };
    let sql = format!(
        "SELECT id, {line} FROM {table} WHERE {column} LIKE ${} ESCAPE '\\'{}{condition} \
         ORDER BY {order} LIMIT {limit}",
        values.len(),
        kind_of_item(one),
    );
    let rows = db::query(db.read(), &sql, values).await?;
    rows.iter().map(|row| read(row, one)).collect()
}

/// Looks through the names of a type without search text.
async fn by_name(
    conn: &impl ConnectionTrait,
    one: SearchType,
    text: &str,
    limit: u64,
) -> Result<Vec<Hit>, Error> {
    let (table, line, _) = one.source();
    let sql = format!("SELECT id, {line} FROM {table} ORDER BY id DESC LIMIT {MAX_NAMES}");
    let key = text::search_key(text.trim());
    let mut hits = Vec::new();
    for row in db::query(conn, &sql, []).await? {
        let hit = read(&row, one)?;
        if (hits.len() as u64) < limit && text::search_key(&hit.line).contains(&key) {
            hits.push(hit);
        }
    }
    Ok(hits)
}

fn read(row: &QueryResult, found: SearchType) -> Result<Hit, Error> {
    Ok(Hit {
        found,
        id: row.try_get_by_index(0)?,
        line: row.try_get_by_index(1)?,
    })
}

/// Folders and files share a table; My Drives are not found.
fn kind_of_item(one: SearchType) -> &'static str {
    match one {
        SearchType::Folder => " AND folder = TRUE AND parent_id IS NOT NULL",
        SearchType::File => " AND folder = FALSE",
        _ => "",
    }
}

/// Returns the condition on what the actor can see of a type, to be appended, and its values.
async fn visible_condition(db: &Db, actor: &Actor, one: SearchType) -> Result<(String, Vec<Value>), Error> {
    let (mut condition, values) = match visible(db, actor, one).await? {
        Some((sql, person)) => (format!(" AND {sql}"), vec![person]),
        None => (String::new(), Vec::new()),
    };
    if one == SearchType::User && !actor.may(Permission::SeeDismissedUsers) {
        condition += " AND status <> 'DISMISSED'";
    }
    Ok((condition, values))
}

/// Returns the condition on what the actor, as `$1`, can see of a type; `None` for everything.
async fn visible(db: &Db, actor: &Actor, one: SearchType) -> Result<Option<(String, Value)>, Error> {
    let person = Value::from(actor.user_id);
    if matches!(one, SearchType::CrmItem | SearchType::CrmActivity) {
        let access = Access::load(db.read(), actor, CrmOperation::Read).await?;
        if access.is_unlimited() {
            return Ok(None);
        }
        let sql = match one {
            SearchType::CrmItem => access.sql("crm_items", "$1"),
            _ => activities::visible_sql(&access),
        };
        return Ok(Some((sql, access.person())));
    }
    if actor.may(Permission::ReadWork) {
        return Ok(None);
    }
    let sql = match one {
        SearchType::Task => TASKS.visible(),
        SearchType::TaskTemplate => TEMPLATES.visible(),
        SearchType::Folder | SearchType::File => VISIBLE_ITEMS.to_owned(),
        SearchType::Calendar => "(owner_id = $1 OR kept_by_id = $1)".to_owned(),
        SearchType::Event => calendars::VISIBLE_EVENTS.to_owned(),
        _ => return Ok(None),
    };
    Ok(Some((sql, person)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(found: SearchType, count: usize) -> Vec<Hit> {
        let hit = Hit {
            found,
            id: Uuid::nil(),
            line: String::new(),
        };
        vec![hit; count]
    }

    #[test]
    fn types_share_the_results() {
        let shared = |counts: [usize; 3], limit| {
            let [a, b, c] = counts;
            let of_types = vec![
                hits(SearchType::User, a),
                hits(SearchType::Task, b),
                hits(SearchType::File, c),
            ];
            let found = share(of_types, limit);
            [SearchType::User, SearchType::Task, SearchType::File]
                .map(|one| found.iter().filter(|hit| hit.found == one).count())
        };
        assert_eq!(shared([9, 9, 9], 6), [2, 2, 2]);
        assert_eq!(shared([9, 0, 1], 6), [5, 0, 1]);
        assert_eq!(shared([9, 9, 9], 1), [1, 0, 0]);
        assert_eq!(shared([1, 1, 0], 10), [1, 1, 0]);
    }
}
