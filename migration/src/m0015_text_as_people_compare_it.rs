//! Unicode-aware comparison: e-mail addresses and names are equal when they look the same, lists use the Unicode
//! collation, searches use Unicode case folding. Rewrites the derived columns of existing rows.
//!
//! Two people whose e-mail addresses are now equal both stay: one gets the new key, the other keeps the old one, by
//! which nobody is found, until their address is changed; `handover check` reports them. Of two items in a folder whose
//! names are now equal, the later one gets a number.

use std::collections::{HashMap, HashSet};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::prelude::Uuid;
use sea_orm_migration::sea_orm::{ConnectionTrait, QueryResult, Statement, Value};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::sql(manager, COLUMNS).await?;
        let db = manager.get_connection();
        people(db).await?;
        imported_addresses(db).await?;
        for table in ["tasks", "task_templates", "crm_items"] {
            titles(db, table).await?;
        }
        roles(db).await?;
        drives(db).await?;
        crate::sql(manager, INDEXES).await
    }
}

const COLUMNS: &str = r"
DROP INDEX users_by_email;
ALTER TABLE users ADD COLUMN sort_email text {binary_order} NOT NULL DEFAULT '';
ALTER TABLE drive_items ADD COLUMN name_key text {binary_order} NOT NULL DEFAULT '';
ALTER TABLE drive_items ADD COLUMN sort_key text {binary_order} NOT NULL DEFAULT '';
";

const INDEXES: &str = r"
CREATE INDEX users_by_email ON users (status, sort_email, id);
CREATE INDEX users_all_by_email ON users (sort_email, id);
CREATE UNIQUE INDEX drive_items_by_key ON drive_items (parent_id, name_key);
CREATE INDEX drive_items_by_name ON drive_items (parent_id, sort_key, id);
";

/// Rows per read.
const PAGE: usize = 1_000;
/// Rows per statement.
const ROWS: usize = 500;
/// Maximum length of a folder or file name, in bytes.
const NAME: usize = 255;

/// Pages through a table: id first, then the given columns.
pub(crate) struct Pages<'a> {
    table: &'a str,
    columns: &'a str,
    after: Option<Uuid>,
}

impl<'a> Pages<'a> {
    pub(crate) fn of(table: &'a str, columns: &'a str) -> Self {
        Self {
            table,
            columns,
            after: None,
        }
    }

    pub(crate) async fn next(
        &mut self,
        db: &impl ConnectionTrait,
    ) -> Result<Option<Vec<QueryResult>>, DbErr> {
        let Self {
            table,
            columns,
            after,
        } = &*self;
        let (bound, values) = match after {
            Some(id) => ("WHERE id > $1", vec![Value::from(*id)]),
            None => ("", Vec::new()),
        };
        let sql = format!("SELECT id, {columns} FROM {table} {bound} ORDER BY id LIMIT {PAGE}");
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let rows = db.query_all_raw(statement).await?;
        if let Some(last) = rows.last() {
            self.after = Some(last.try_get_by_index(0)?);
        }
        Ok((!rows.is_empty()).then_some(rows))
    }
}

/// Updates these columns of rows by id.
pub(crate) async fn write(
    db: &impl ConnectionTrait,
    table: &str,
    columns: &[&str],
    rows: &[(Uuid, Vec<String>)],
) -> Result<(), DbErr> {
    let width = columns.len() + 1;
    let set: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(place, column)| format!("{column} = v.column{}", place + 2))
        .collect();
    for some in rows.chunks(ROWS) {
        let tuples: Vec<String> = (0..some.len())
            .map(|row| {
                let places: Vec<String> = (1..=width).map(|n| format!("${}", row * width + n)).collect();
                format!("({})", places.join(", "))
            })
            .collect();
        let sql = format!(
            "UPDATE {table} SET {} FROM (VALUES {}) AS v WHERE {table}.id = v.column1",
            set.join(", "),
            tuples.join(", ")
        );
        let values = some
            .iter()
            .flat_map(|(id, texts)| std::iter::once((*id).into()).chain(texts.iter().map(Value::from)));
        db.execute_raw(Statement::from_sql_and_values(
            db.get_database_backend(),
            sql,
            values,
        ))
        .await?;
    }
    Ok(())
}

async fn people(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let columns = "email, email_key, given_name, family_name, position";
    let mut taken: HashSet<String> = HashSet::new();
    let mut pages = Pages::of("users", "email_key");
    while let Some(rows) = pages.next(db).await? {
        for row in rows {
            taken.insert(row.try_get_by_index(1)?);
        }
    }
    let mut pages = Pages::of("users", columns);
    while let Some(rows) = pages.next(db).await? {
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            let (email, old): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let text = |place: usize| row.try_get_by_index::<Option<String>>(place);
            let (given, family, position) = (text(3)?, text(4)?, text(5)?);
            let email = text::composed(&email);
            let mut key = text::name_key(&email);
            if key != old && !taken.insert(key.clone()) {
                key = old;
            }
            let sorted: Vec<&str> = [&family, &given]
                .into_iter()
                .flatten()
                .map(String::as_str)
                .collect();
            let name = match sorted.is_empty() {
                true => email.clone(),
                false => sorted.join(" "),
            };
            let searched: Vec<&str> = [
                given.as_deref(),
                family.as_deref(),
                Some(&*email),
                position.as_deref(),
            ]
            .into_iter()
            .flatten()
            .collect();
            changed.push((
                row.try_get_by_index(0)?,
                vec![
                    key,
                    text::sort_key(&name),
                    text::sort_key(&email),
                    text::search_key(&searched.join(" ")),
                    email,
                ],
            ));
        }
        let columns = ["email_key", "sort_name", "sort_email", "search_text", "email"];
        write(db, "users", &columns, &changed).await?;
    }
    Ok(())
}

/// People imported without an id are recognized by the key of their imported e-mail address.
async fn imported_addresses(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut found: Vec<(Uuid, String)> = Vec::new();
    let mut pages = Pages::of("users", "external_id");
    while let Some(rows) = pages.next(db).await? {
        for row in rows {
            let Some(key) = row.try_get_by_index::<Option<String>>(1)? else {
                continue;
            };
            if key.contains('@') && text::name_key(&key) != key {
                found.push((row.try_get_by_index(0)?, key.clone()));
            }
            taken.insert(key);
        }
    }
    let changed: Vec<(Uuid, Vec<String>)> = found
        .into_iter()
        .map(|(id, old)| (id, text::name_key(&old)))
        .filter(|(_, key)| taken.insert(key.clone()))
        .map(|(id, key)| (id, vec![key]))
        .collect();
    write(db, "users", &["external_id"], &changed).await
}

async fn titles(db: &impl ConnectionTrait, table: &str) -> Result<(), DbErr> {
    let mut pages = Pages::of(table, "title, search_text");
    while let Some(rows) = pages.next(db).await? {
        let mut changed = Vec::new();
        for row in rows {
            let (title, old): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let key = text::search_key(&title);
            if key != old {
                changed.push((row.try_get_by_index(0)?, vec![key]));
            }
        }
        write(db, table, &["search_text"], &changed).await?;
    }
    Ok(())
}

async fn roles(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let mut taken: HashSet<String> = HashSet::new();
    let mut found: Vec<(Uuid, String, String)> = Vec::new();
    let mut pages = Pages::of("crm_roles", "name, name_key");
    while let Some(rows) = pages.next(db).await? {
        for row in rows {
            let old: String = row.try_get_by_index(2)?;
            taken.insert(old.clone());
            found.push((row.try_get_by_index(0)?, row.try_get_by_index(1)?, old));
        }
    }
    let mut changed = Vec::new();
    for (id, name, old) in found {
        let key = text::name_key(&name);
        if key != old && taken.insert(key.clone()) {
            changed.push((id, vec![key]));
        }
    }
    write(db, "crm_roles", &["name_key"], &changed).await
}

async fn drives(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let columns = ["name", "name_key", "sort_key"];
    let keys = |name: String| vec![name.clone(), text::name_key(&name), text::sort_key(&name)];
    let mut pages = Pages::of("drive_items", "name");
    while let Some(rows) = pages.next(db).await? {
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            changed.push((row.try_get_by_index(0)?, keys(row.try_get_by_index(1)?)));
        }
        write(db, "drive_items", &columns, &changed).await?;
    }
    // Names that are now equal, by folder.
    let clashing = "SELECT parent_id, id, name, folder, name_key FROM drive_items WHERE parent_id IN \
        (SELECT parent_id FROM drive_items WHERE parent_id IS NOT NULL GROUP BY parent_id, name_key HAVING COUNT(*) > 1) \
        ORDER BY parent_id, id";
    let statement = Statement::from_string(db.get_database_backend(), clashing);
    let mut by_folder: HashMap<Uuid, Vec<(Uuid, String, bool, String)>> = HashMap::new();
    for row in db.query_all_raw(statement).await? {
        by_folder.entry(row.try_get_by_index(0)?).or_default().push((
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
            row.try_get_by_index(3)?,
            row.try_get_by_index(4)?,
        ));
    }
    let mut renamed = Vec::new();
    for items in by_folder.into_values() {
        let all: HashSet<String> = items.iter().map(|(.., key)| key.clone()).collect();
        let mut taken = HashSet::new();
        for (id, name, folder, key) in items {
            if taken.insert(key) {
                continue;
            }
            let free = (2_usize..)
                .map(|number| numbered(&name, folder, number))
                .find(|other| {
                    !all.contains(&text::name_key(other)) && !taken.contains(&text::name_key(other))
                });
            let free = free.unwrap_or(name);
            taken.insert(text::name_key(&free));
            renamed.push((id, keys(free)));
        }
    }
    write(db, "drive_items", &columns, &renamed).await
}

/// Inserts a number before the extension of a name.
fn numbered(name: &str, folder: bool, number: usize) -> String {
    let (stem, extension) = match name.rfind('.') {
        Some(place) if !folder && place > 0 && name[place..].chars().count() <= 16 => name.split_at(place),
        _ => (name, ""),
    };
    let mark = format!(" ({number})");
    let room = NAME.saturating_sub(mark.len() + extension.len());
    format!("{}{mark}{extension}", &stem[..stem.floor_char_boundary(room)])
}
