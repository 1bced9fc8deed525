//! Revokes secrets known to a person, in the transaction of their dismissal or demotion.

use entity::integration_secret::{self, Model as Secret};
use entity::settings::{self, SINGLE_ROW_ID};
use entity::user::Role;
use entity::{IntegrationId, IntegrationSecretId, Timestamp, UserId, integration};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::rules::{self, DismissalEffect};
use super::{read_scopes, secrets};
use crate::domain::auth::{Actor, Permission, links, role_may};
use crate::error::{Code, Error, Outcome, Refusal};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Returns refusals for secrets that can't be kept: not shown to the leaver, or no longer valid.
///
/// # Errors
/// When the database fails; [`Error::Forbidden`] if the actor may not manage integrations.
pub async fn check_kept(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    leaver: UserId,
    kept: &[IntegrationSecretId],
    now: Timestamp,
) -> Result<Vec<Refusal>, Error> {
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    actor.require_person()?;
    actor.require(Permission::ManageIntegrations)?;
    let known = secrets::active_shown_to(leaver, now).all(conn).await?;
    let unknown = |id: &IntegrationSecretId| known.iter().all(|secret| secret.id != *id);
    let refusal = |(place, _): (usize, &IntegrationSecretId)| {
        Refusal::new(
            Code::NotFound,
            &format!("keepSecretIds.{place}"),
            "this person was not shown this secret, or it is no longer valid",
        )
    };
    Ok(kept
        .iter()
        .enumerate()
        .filter(|(_, id)| unknown(id))
        .map(refusal)
        .collect())
}

/// Revokes and returns the valid secrets known to a leaver. Those in `kept` expire within seven days; the one that the
/// dismissal was requested with stays valid.
///
/// # Errors
/// When the database fails.
pub async fn revoke_for_leaver(
    tx: &Tx,
    actor: &Actor,
    leaver: UserId,
    kept: &[IntegrationSecretId],
) -> Outcome<Vec<Secret>> {
    let mut stopped = Vec::new();
    for mut secret in lock(tx, leaver).await? {
        match rules::dismissal_effect(&secret, tx.now, kept, actor.secret()) {
            DismissalEffect::Stops => {
                revoke(tx, actor, &secret, "dismissal").await?;
                secret.revoked_at = Some(tx.now);
                stopped.push(secret);
            }
            // A repeated dismissal changes nothing about it.
            DismissalEffect::EndsAt(at) if secret.expires_at == Some(at) => {}
            DismissalEffect::EndsAt(at) => {
                integration_secret::Entity::update_many()
                    .col_expr(integration_secret::Column::ExpiresAt, Expr::value(at))
                    .filter(integration_secret::Column::Id.eq(secret.id))
                    .exec(&tx.conn)
                    .await?;
                record_kept(tx, actor, &secret, Some(at)).await?;
            }
            DismissalEffect::CarriesItOut => record_kept(tx, actor, &secret, None).await?,
        }
    }
    Ok(stopped)
}

/// Revokes and returns the valid secrets known to a person who becomes an employee in this transaction, if they carry a
/// permission that employees don't have.
///
/// # Errors
/// When the database fails.
pub async fn revoke_for_demoted(tx: &Tx, actor: &Actor, person: UserId) -> Outcome<Vec<Secret>> {
    let settings = settings::Entity::find_by_id(SINGLE_ROW_ID).one(&tx.conn).await?;
    let shown = settings.is_some_and(|row| row.show_dismissed_employees);
    let mut stopped = Vec::new();
    for mut secret in lock(tx, person).await? {
        let scopes = scopes_of(tx, secret.integration_id).await?;
        if rules::is_revoked_at_demotion(&scopes, |permission| role_may(Role::Employee, shown, permission)) {
            revoke(tx, actor, &secret, "demotion").await?;
            secret.revoked_at = Some(tx.now);
            stopped.push(secret);
        }
    }
    Ok(stopped)
}

/// Revokes a secret, and the invitations sent with it; the audit log contains the reason. The caller transfers what was
/// scheduled with it.
///
/// # Errors
/// When the database fails.
pub async fn revoke(tx: &Tx, actor: &Actor, secret: &Secret, because: &str) -> Outcome<Recorded> {
    integration_secret::Entity::update_many()
        .col_expr(integration_secret::Column::RevokedAt, Expr::value(tx.now))
        .filter(integration_secret::Column::Id.eq(secret.id))
        .exec(&tx.conn)
        .await?;
    let mut data = describe(secret);
    data["because"] = because.into();
    let action = Action::IntegrationSecretRevoked;
    let recorded = journal::record(tx, &actor.author(), action, Some(secret.id.into()), data).await?;
    let sender = links::Sender::Secret(secret.id);
    links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderRevoked).await?;
    Ok(recorded)
}

/// Records that a secret stays valid although a leaver knows it: until a given time, or unchanged.
async fn record_kept(tx: &Tx, actor: &Actor, secret: &Secret, until: Option<Timestamp>) -> Outcome<()> {
    let mut data = describe(secret);
    data["until"] = json!(until);
    let action = Action::IntegrationSecretKept;
    journal::record(tx, &actor.author(), action, Some(secret.id.into()), data).await?;
    Ok(())
}

/// Describes a secret for the audit log, without the secret itself.
pub fn describe(secret: &Secret) -> serde_json::Value {
    json!({
        "integration": secret.integration_id.to_string(),
        "hint": secret.hint,
        "shownTo": secret.shown_to_id.to_string(),
    })
}

/// Returns whether the actor is an integration using a secret known to this person.
///
/// # Errors
/// When the database fails.
pub async fn uses_known_secret(tx: &Tx, actor: &Actor, person: UserId) -> Result<bool, Error> {
    let Some(id) = actor.secret() else {
        return Ok(false);
    };
    let secret = integration_secret::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(secret.is_some_and(|secret| secret.shown_to_id == person))
}

/// Locks the secrets: writes of an integration with one of them have committed, or wait and are then refused.
async fn lock(tx: &Tx, person: UserId) -> Result<Vec<Secret>, Error> {
    Ok(secrets::active_shown_to(person, tx.now)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?)
}

async fn scopes_of(tx: &Tx, id: IntegrationId) -> Result<Vec<Permission>, Error> {
    let row = integration::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(row.map_or_else(Vec::new, |row| read_scopes(&row.scopes)))
}
