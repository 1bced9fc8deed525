//! `handover check`: proves that a database keeps every rule that must always hold.
//!
//! Most rules are a query for the rows that break them; what SQL can't say the same way on both databases
//! (lower case beyond ASCII, cycles) is looked at here, a page of rows at a time. Nothing is changed, and
//! memory does not grow with the database.

mod ledger;
mod rules;
#[cfg(test)]
mod tests;

use self::rules::{references, rules};
use crate::domain::calendar::recurrence;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use entity::{DepartmentId, crm_item, department, drive_item, event, task, task_template, user};
use sea_orm::{EntityTrait, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};
use std::fmt;
use uuid::Uuid;

/// Most rows named for one rule.
const NAMED: usize = 100;

/// Rows looked at in one go.
const PAGE: u64 = 5_000;

/// A row that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule, as a sentence about what is wrong.
    pub rule: String,
    /// The row, by its public id where it has one.
    pub row: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.row)
    }
}

/// What breaks a rule; nothing when all is well. A rule that is broken often names its first rows only.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for rule in references().into_iter().chain(rules()) {
        let sql = format!("{} LIMIT {NAMED}", rule.broken_by);
        for row in db::query(db.read(), &sql, []).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            findings.push(Finding {
                rule: rule.says.clone(),
                row: format!("{}_{}", rule.prefix, entity::id::encode_suffix(id)),
            });
        }
    }
    if !has_administrator(db).await? {
        findings.push(Finding {
            rule: "there are people, and none of them is an active administrator who can sign in".to_owned(),
            row: "users".to_owned(),
        });
    }
    findings.extend(circular_departments(db).await?);
    findings.extend(wrongly_derived(db).await?);
    Ok(findings)
}

/// Where nobody has a password, as after an import, the first one who gets one comes from the command line: then an
/// administrator without one is enough.
async fn has_administrator(db: &Db) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM users WHERE status = 'ACTIVE' AND role = 'ADMINISTRATOR' AND (password_hash IS NOT NULL \
               OR NOT EXISTS (SELECT 1 FROM users WHERE status = 'ACTIVE' AND password_hash IS NOT NULL)) \
               UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users) LIMIT 1";
    Ok(!db::query(db.read(), sql, []).await?.is_empty())
}

/// Departments that are above themselves.
async fn circular_departments(db: &Db) -> Result<Vec<Finding>, Error> {
    let above: HashMap<DepartmentId, Option<DepartmentId>> = department::Entity::find()
        .select_only()
        .columns([department::Column::Id, department::Column::ParentId])
        .into_tuple()
        .all(db.read())
        .await?
        .into_iter()
        .collect();
    let is_circular = |start: DepartmentId| {
        let mut seen = HashSet::from([start]);
        let mut place = above.get(&start).copied().flatten();
        while let Some(id) = place {
            if !seen.insert(id) {
                return id == start;
            }
            place = above.get(&id).copied().flatten();
        }
        false
    };
    let circular = above.keys().copied().filter(|&id| is_circular(id));
    Ok(circular
        .take(NAMED)
        .map(|id| Finding {
            rule: "a department is above itself".to_owned(),
            row: id.to_string(),
        })
        .collect())
}

/// Rows whose derived columns are not what they are derived from.
async fn wrongly_derived(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let mut note = |wrong: bool, row: String| {
        if wrong && findings.len() < NAMED {
            let rule = "what lists are sorted and searched by is not what it is derived from".to_owned();
            findings.push(Finding { rule, row });
        }
    };
    let mut people = user::Entity::find()
        .order_by_asc(user::Column::Id)
        .cursor_by(user::Column::Id);
    while let Some(page) = next_page(people.first(PAGE).all(db.read()).await?) {
        for row in &page {
            let mut derived = row.clone();
            crate::domain::people::create::derive(&mut derived);
            note(derived != *row, row.id.to_string());
        }
        people.after(page[page.len() - 1].id);
    }
    let mut tasks = task::Entity::find().cursor_by(task::Column::Id);
    while let Some(page) = next_page(tasks.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        tasks.after(page[page.len() - 1].id);
    }
    let mut templates = task_template::Entity::find().cursor_by(task_template::Column::Id);
    while let Some(page) = next_page(templates.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        templates.after(page[page.len() - 1].id);
    }
    let mut items = crm_item::Entity::find().cursor_by(crm_item::Column::Id);
    while let Some(page) = next_page(items.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(
                row.search_text != text::search_key(&row.title),
                row.id.to_string(),
            );
        }
        items.after(page[page.len() - 1].id);
    }
    let mut drives = drive_item::Entity::find().cursor_by(drive_item::Column::Id);
    while let Some(page) = next_page(drives.first(PAGE).all(db.read()).await?) {
        for row in &page {
            let mut derived = row.clone();
            derived.set_name(row.name.clone());
            note(derived != *row, row.text_id());
        }
        drives.after(page[page.len() - 1].id);
    }
    let mut events = event::Entity::find().cursor_by(event::Column::Id);
    while let Some(page) = next_page(events.first(PAGE).all(db.read()).await?) {
        for row in &page {
            note(row.over_at != recurrence::over_at(row), row.id.to_string());
        }
        events.after(page[page.len() - 1].id);
    }
    Ok(findings)
}

fn next_page<T>(rows: Vec<T>) -> Option<Vec<T>> {
    (!rows.is_empty()).then_some(rows)
}
