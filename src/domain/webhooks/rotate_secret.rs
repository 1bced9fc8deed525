//! rotateWebhookSecret.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::WebhookId;
use entity::webhook::Model as Webhook;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::SecretString;
use serde_json::json;

use super::{find, signature};
use crate::domain::auth::Actor;
use crate::domain::auth::guard;
use crate::error::{Code, Outcome, refuse};
use crate::store::db::{Db, Tx};
use crate::store::journal::{self, Action};

/// Time for which deliveries are signed with both secrets, unless the caller says otherwise, in hours.
pub const DEFAULT_HOURS: i32 = 24;
/// Maximum time for which deliveries are signed with both secrets, in hours.
pub const MAX_HOURS: i32 = 7 * 24;

/// Gives a webhook a new secret, which is returned and not shown again. For `hours` deliveries are signed with the secret
/// before too; one before that is valid no longer.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::Invalid`] for the hours.
pub async fn rotate_webhook_secret(
    db: &Db,
    actor: &Actor,
    id: WebhookId,
    hours: i32,
) -> Outcome<(Webhook, SecretString)> {
    let needs = guard::manage_integrations(actor)?;
    if !(0..=MAX_HOURS).contains(&hours) {
        let message = format!("must be from 0 to {MAX_HOURS}");
        return refuse(Code::Invalid, "keepOldForHours", message);
    }
    db.write_as(actor, needs, move |tx: Arc<Tx>, actor| async move {
        let tx = &*tx;
        let row = find(tx, id).await?;
        let secret = signature::new_secret()?;
        let mut changed = row.clone().into_active_model();
        changed.previous_secret = Set((hours > 0).then_some(row.secret));
        changed.previous_secret_until = Set((hours > 0).then(|| tx.now + TimeDelta::hours(hours.into())));
        changed.secret = Set(secret.clone());
        changed.secret_shown_to_id = Set(actor.user_id);
        changed.updated_at = Set(tx.now);
        let saved = changed.update(&tx.conn).await?;
        let data = json!({ "keepOldForHours": hours });
        let recorded = journal::record(
            tx,
            &actor.author(),
            Action::WebhookSecretRotated,
            Some(id.into()),
            data,
        )
        .await?;
        Ok(((saved, secret.into()), recorded))
    })
    .await
}
