//! Tokens that count once: what has been accepted is remembered by its hash.

use chrono::TimeDelta;

use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::expired;

/// Remembers a token for a time, in which it could be accepted again; returns whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn is_new(tx: &Tx, hash: &str, remembered: TimeDelta) -> Result<bool, Error> {
    expired::delete(tx, "used_assertions", "hash").await?;
    let sql = "INSERT INTO used_assertions (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    let values = [hash.into(), (tx.now + remembered).into()];
    Ok(db::execute(&tx.conn, sql, values).await?.rows_affected() == 1)
}
