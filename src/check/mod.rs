//! `handover check`: verifies the invariants of a database.
//!
//! Most rules are a query for the violating rows; what SQL can't express portably (case folding beyond ASCII,
//! cycles) is checked here page by page. It is read-only, and its memory use does not grow with the database.

mod ledger;
mod references;
mod rules;

use self::references::references;
use self::rules::rules;
use crate::domain::calendar::recurrence;
use crate::domain::people;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use entity::{
    DepartmentId, calendar, crm_activity, crm_item, department, drive_item, event, task, task_template, user,
};
use sea_orm::{EntityTrait, QuerySelect};
use std::collections::{HashMap, HashSet};
use std::fmt;
use uuid::Uuid;

/// Maximum number of rows reported per rule.
const NAMED: usize = 100;

/// Rows read per page.
const PAGE: u64 = 5_000;

/// A row that violates a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The violation, described in words.
    pub rule: String,
    /// The row, by its public id where it has one.
    pub row: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.row)
    }
}

/// Returns all violations, up to [`NAMED`] rows per rule.
///
/// # Errors
/// When the database fails.
pub async fn check(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    for rule in references(db).await?.into_iter().chain(rules()) {
        let sql = format!("{} LIMIT {NAMED}", rule.query);
        for row in db::query(db.read(), &sql, []).await? {
            let id: Uuid = row.try_get_by_index(0)?;
            findings.push(Finding {
                rule: rule.says.clone(),
                row: entity::id::with_prefix(&rule.prefix, id),
            });
        }
    }
    if !has_administrator(db).await? {
        findings.push(Finding {
            rule: "no active administrator can sign in".to_owned(),
            row: "users".to_owned(),
        });
    }
    findings.extend(circular_departments(db).await?);
    findings.extend(wrongly_derived(db).await?);
    Ok(findings)
}

/// Whether an active administrator can sign in. If nobody has a password, as after an import, an administrator without
/// one is enough: the first password is set on the command line.
async fn has_administrator(db: &Db) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM users WHERE status = 'ACTIVE' AND role = 'ADMINISTRATOR' AND (password_hash IS NOT NULL \
               OR NOT EXISTS (SELECT 1 FROM users WHERE status = 'ACTIVE' AND password_hash IS NOT NULL)) \
               UNION ALL SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM users) LIMIT 1";
    Ok(!db::query(db.read(), sql, []).await?.is_empty())
}

/// Finds departments that are their own ancestors.
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
            rule: "a department is its own ancestor".to_owned(),
            row: id.to_string(),
        })
        .collect())
}

/// Finds rows whose derived columns do not match their sources.
async fn wrongly_derived(db: &Db) -> Result<Vec<Finding>, Error> {
    let mut findings = Vec::new();
    let mut note = |wrong: bool, row: &dyn fmt::Display| {
        if wrong && findings.len() < NAMED {
            let rule = "a derived column (sort key, search key or end) does not match its source".to_owned();
            let row = row.to_string();
            findings.push(Finding { rule, row });
        }
    };
    walk::<user::Entity>(db, user::Column::Id, |row| {
        let mut derived = row.clone();
        people::create::derive(&mut derived);
        note(derived != *row, &row.id);
        row.id.0
    })
    .await?;
    walk::<task::Entity>(db, task::Column::Id, |row| {
        note(row.search_text != text::search_key(&row.title), &row.id);
        row.id.0
    })
    .await?;
    walk::<task_template::Entity>(db, task_template::Column::Id, |row| {
        note(row.search_text != text::search_key(&row.title), &row.id);
        row.id.0
    })
    .await?;
    walk::<crm_item::Entity>(db, crm_item::Column::Id, |row| {
        note(row.search_text != text::search_key(&row.title), &row.id);
        row.id.0
    })
    .await?;
    walk::<crm_activity::Entity>(db, crm_activity::Column::Id, |row| {
        note(row.search_text != text::search_key(&row.subject), &row.id);
        row.id.0
    })
    .await?;
    walk::<calendar::Entity>(db, calendar::Column::Id, |row| {
        note(row.search_text != text::search_key(&row.name), &row.id);
        row.id.0
    })
    .await?;
    walk::<drive_item::Entity>(db, drive_item::Column::Id, |row| {
        let mut derived = row.clone();
        derived.set_name(row.name.clone());
        note(derived != *row, &row.text_id());
        row.id
    })
    .await?;
    walk::<event::Entity>(db, event::Column::Id, |row| {
        note(row.over_at != recurrence::over_at(row), &row.id);
        note(row.search_text != text::search_key(&row.title), &row.id);
        row.id.0
    })
    .await?;
    Ok(findings)
}

/// Reads all rows of a table, page by page. `look` returns the id of the row.
async fn walk<E: EntityTrait>(
    db: &Db,
    id: E::Column,
    mut look: impl FnMut(&E::Model) -> Uuid,
) -> Result<(), Error>
where
    E::Model: Sync,
{
    let mut cursor = E::find().cursor_by(id);
    loop {
        let page = cursor.first(PAGE).all(db.read()).await?;
        let Some(last) = page.iter().map(&mut look).last() else {
            return Ok(());
        };
        cursor.after(last);
    }
}
