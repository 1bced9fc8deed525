//! Rules about references: every foreign key of the database, as its own catalogue lists them.

use sea_orm::DbBackend;

use super::rules::{Rule, rule};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;

/// Table, column, referenced table, and whether the table has a column `id`.
const SQLITE: &str = "SELECT m.name, f.\"from\", f.\"table\", EXISTS ( \
    SELECT 1 FROM pragma_table_info(m.name) i WHERE i.name = 'id') \
    FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table' ORDER BY 1, 2";
/// As [`SQLITE`].
const POSTGRES: &str = "SELECT c.conrelid::regclass::text, a.attname::text, c.confrelid::regclass::text, EXISTS ( \
    SELECT 1 FROM pg_attribute i WHERE i.attrelid = c.conrelid AND i.attname = 'id') \
    FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1] \
    WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace ORDER BY 1, 2";

/// References that a database may not know as foreign keys: a department and its head would need each other to be
/// written first, and a ledger of a million rows is written without these checks.
const UNDECLARED: [(&str, &str, &str, bool); 4] = [
    ("departments", "head_id", "users", true),
    ("handover_entries", "handover_id", "handovers", false),
    ("handover_entries", "from_id", "users", false),
    ("handover_entries", "to_id", "users", false),
];

/// A rule for each reference. A violation is named by the row that has it or, in tables without ids, by the row that is
/// missing.
///
/// # Errors
/// When the database fails.
pub(super) async fn references(db: &Db) -> Result<Vec<Rule>, Error> {
    let sql = match db.backend() {
        DbBackend::Postgres => POSTGRES,
        _ => SQLITE,
    };
    let mut found: Vec<(String, String, String, bool)> = Vec::new();
    for row in db::query(db.read(), sql, []).await? {
        found.push((
            row.try_get_by_index(0)?,
            row.try_get_by_index(1)?,
            row.try_get_by_index(2)?,
            row.try_get_by_index(3)?,
        ));
    }
    for (table, column, other, has_id) in UNDECLARED {
        if !found
            .iter()
            .any(|(of, by, ..)| (of.as_str(), by.as_str()) == (table, column))
        {
            found.push((table.to_owned(), column.to_owned(), other.to_owned(), has_id));
        }
    }
    let rules = found
        .iter()
        .map(|(table, column, other, has_id)| reference(table, column, other, *has_id));
    Ok(rules.collect())
}

fn reference(table: &str, column: &str, other: &str, has_id: bool) -> Rule {
    let (prefix, row) = if has_id { (table, "id") } else { (other, column) };
    rule(
        format!("{table}.{column} references a missing row in {other}"),
        prefix.to_owned(),
        format!(
            "SELECT t.{row} FROM {table} t LEFT JOIN {other} o ON o.id = t.{column} \
             WHERE t.{column} IS NOT NULL AND o.id IS NULL"
        ),
    )
}
