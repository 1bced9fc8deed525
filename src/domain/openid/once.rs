//! Tokens of a provider that count once.

use chrono::TimeDelta;
use entity::IdentityProviderId;

use crate::domain::auth::once;
use crate::domain::auth::secret::fingerprint;
use crate::error::Error;
use crate::store::db::Tx;

/// How long a token is remembered: longer than any could be accepted again.
const REMEMBERED: TimeDelta = TimeDelta::hours(1);

/// Remembers the `jti` of a provider's token; returns whether it is new.
///
/// # Errors
/// When the database fails.
pub async fn is_new(tx: &Tx, provider: IdentityProviderId, id: &str) -> Result<bool, Error> {
    once::is_new(tx, &fingerprint(&format!("{provider} {id}")), REMEMBERED).await
}
