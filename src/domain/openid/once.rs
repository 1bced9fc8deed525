//! Tokens that count once: what has been accepted is remembered by its hash.

use chrono::TimeDelta;
use entity::IdentityProviderId;

use crate::domain::auth::secret::fingerprint;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Tx;
use crate::store::expired;

/// How long a token is remembered: longer than any could be accepted again.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// Remembers the `jti` of a provider's token; returns whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn is_new(tx: &Tx, provider: IdentityProviderId, id: &str) -> Result<bool, Error> {
    expired::delete(tx, "used_assertions", "hash").await?;
    let sql = "INSERT INTO used_assertions (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    let hash = fingerprint(&format!("{provider} {id}"));
    let values = [hash.into(), (tx.now + REMEMBERED).into()];
    Ok(db::execute(&tx.conn, sql, values).await?.rows_affected() == 1)
}
