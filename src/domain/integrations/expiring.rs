//! Announces secrets that will expire: 30 days, 7 days and one day before.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::integration_secret::{self, Column, Model as Secret};
use entity::{IntegrationSecretId, Timestamp};
use sea_orm::sea_query::LockType;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::json;

use crate::error::{Error, Outcome};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action, Author};

/// Days before its end on which a secret is announced.
const DAYS: [i32; 3] = [1, 7, 30];

/// Announces the secrets for which it is time.
///
/// # Errors
/// When the database fails. A failure with one secret is logged, and doesn't block the others.
pub async fn announce(db: &Db) -> Result<(), Error> {
    let now = db.clock().now();
    let ending = integration_secret::Entity::find()
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::ExpiresAt.lte(now + TimeDelta::days(30)))
        .all(db.read())
        .await?;
    for secret in ending.iter().filter(|secret| due(secret, now).is_some()) {
        let announced: Outcome<()> = db
            .write(move |tx: Arc<Tx>| async move { announce_one(&tx, secret.id).await })
            .await;
        if let Err(cause) = announced {
            tracing::error!(secret = %secret.id, ?cause, "failed to announce a secret that will expire");
        }
    }
    Ok(())
}

async fn announce_one(tx: &Tx, id: IntegrationSecretId) -> Outcome<()> {
    let found = integration_secret::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.conn)
        .await?;
    let Some(secret) = found else { return Ok(()) };
    let Some(days) = due(&secret, tx.now) else {
        return Ok(());
    };
    let data = json!({ "secret": secret.id.to_string(), "expiresAt": secret.expires_at, "days": days });
    let subject = Some(secret.integration_id.into());
    let mut row = secret.into_active_model();
    row.warned_days = Set(Some(days));
    row.update(&tx.conn).await?;
    let author = Author::Program("expiring secrets");
    journal::record(tx, &author, Action::SecretExpiring, subject, data).await?;
    Ok(())
}

/// The days of the warning that is due now: the last that was passed, once, and none of a time before the secret existed.
fn due(secret: &Secret, now: Timestamp) -> Option<i32> {
    let ends = secret.expires_at.filter(|_| secret.is_active(now))?;
    let passed = |days: &i32| {
        let at = ends - TimeDelta::days((*days).into());
        at <= now && at >= secret.created_at
    };
    let days = DAYS.into_iter().find(|days| passed(days))?;
    secret
        .warned_days
        .is_none_or(|warned| warned > days)
        .then_some(days)
}

#[cfg(test)]
mod tests {
    use entity::integration_secret::SecretKind;
    use entity::{IntegrationId, UserId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_warning_is_due_once() {
        let created = Timestamp::UNIX_EPOCH;
        let mut secret = Secret {
            id: IntegrationSecretId(Uuid::nil()),
            integration_id: IntegrationId(Uuid::nil()),
            kind: SecretKind::Token,
            hash: String::new(),
            hint: String::new(),
            public_key: None,
            shown_to_id: UserId(Uuid::nil()),
            created_at: created,
            expires_at: Some(created + TimeDelta::days(40)),
            last_used_at: None,
            revoked_at: None,
            warned_days: None,
        };
        let mut told = Vec::new();
        for hour in 0..41 * 24 {
            if let Some(days) = due(&secret, created + TimeDelta::hours(hour)) {
                told.push((hour / 24, days));
                secret.warned_days = Some(days);
            }
        }
        assert_eq!(told, [(10, 30), (33, 7), (39, 1)]);
        // A short one is not announced as soon as it is made, nor several times at once after a pause.
        secret.warned_days = None;
        secret.expires_at = Some(created + TimeDelta::days(20));
        assert_eq!(due(&secret, created), None);
        assert_eq!(due(&secret, created + TimeDelta::hours(19 * 24 + 12)), Some(1));
        secret.revoked_at = Some(created);
        assert_eq!(due(&secret, created + TimeDelta::hours(19 * 24 + 12)), None);
    }
}
