//! Deleting rows that have expired, some at a time.

use sea_orm::{ConnectionTrait, DbBackend};

use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;

/// Maximum number of rows that are deleted at once.
const DELETED: u32 = 100;

/// Deletes up to a hundred rows of `table` whose `expires_at` has passed; `key` is its primary key. Called whenever a row
/// is added: more are deleted than added, so none are left in the end.
///
/// # Errors
/// When the database fails.
pub async fn delete(tx: &Tx, table: &str, key: &str) -> Result<(), Error> {
    // Another transaction may be deleting the same ones.
    let locked = match tx.conn.get_database_backend() {
        DbBackend::Postgres => "FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let sql = format!(
        "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {table} WHERE expires_at <= $1 \
         ORDER BY expires_at LIMIT {DELETED} {locked})"
    );
    db::execute(&tx.conn, &sql, [tx.now.into()]).await?;
    Ok(())
}
