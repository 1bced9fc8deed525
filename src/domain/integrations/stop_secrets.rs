//! Stops the secrets that somebody was shown, in the transaction of their dismissal or demotion: what a leaver knows opens
//! nothing.

use entity::integration_secret::{self, Model as Secret};
use entity::settings::{self, ONLY};
use entity::user::Role;
use entity::{IntegrationId, IntegrationSecretId, Timestamp, UserId, integration};
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use super::rules::{self, AtDismissal};
use super::{read_scopes, secrets};
use crate::domain::auth::{Actor, Permission, links, role_may};
use crate::error::{Code, Error, Outcome, Refusal};
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::Action;

/// Which of the secrets that are to be kept can't be: the leaver was not shown them, or they have ended.
///
/// # Errors
/// When the database fails; [`Error::Forbidden`] where secrets are to be kept by somebody who may not decide about
/// integrations.
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
    let known = secrets::live_shown_to(leaver, now).all(conn).await?;
    let unknown = |id: &IntegrationSecretId| known.iter().all(|secret| secret.id != *id);
    let refusal = |(place, _): (usize, &IntegrationSecretId)| {
        Refusal::new(
            Code::NotFound,
            &format!("keepSecretIds.{place}"),
            "this person was shown no such secret, or it has ended",
        )
    };
    Ok(kept
        .iter()
        .enumerate()
        .filter(|(_, id)| unknown(id))
        .map(refusal)
        .collect())
}

/// Stops the live secrets that a leaver was shown; answers them. Those in `kept` end after seven days at the latest; the
/// one that carries the dismissal out goes on.
///
/// # Errors
/// When the database fails.
pub async fn of_leaver(
    tx: &Tx,
    actor: &Actor,
    leaver: UserId,
    kept: &[IntegrationSecretId],
) -> Outcome<Vec<Secret>> {
    let mut stopped = Vec::new();
    for mut secret in lock(tx, leaver).await? {
        match rules::at_dismissal(&secret, tx.now, kept, actor.secret()) {
            AtDismissal::Stops => {
                revoke(tx, actor, &secret, "dismissal").await?;
                secret.revoked_at = Some(tx.now);
                stopped.push(secret);
            }
            // A second dismissal changes nothing about it.
            AtDismissal::EndsAt(at) if secret.expires_at == Some(at) => {}
            AtDismissal::EndsAt(at) => {
                integration_secret::Entity::update_many()
                    .col_expr(integration_secret::Column::ExpiresAt, Expr::value(at))
                    .filter(integration_secret::Column::Id.eq(secret.id))
                    .exec(&tx.conn)
                    .await?;
                keep(tx, actor, &secret, Some(at)).await?;
            }
            AtDismissal::CarriesItOut => keep(tx, actor, &secret, None).await?,
        }
    }
    Ok(stopped)
}

/// Stops the live secrets that somebody was shown who is an employee from this transaction on, where they carry a
/// permission that employees do not have; answers them.
///
/// # Errors
/// When the database fails.
pub async fn of_demoted(tx: &Tx, actor: &Actor, person: UserId) -> Outcome<Vec<Secret>> {
    let settings = settings::Entity::find_by_id(ONLY).one(&tx.conn).await?;
    let shown = settings.is_some_and(|row| row.show_dismissed_employees);
    let mut stopped = Vec::new();
    for mut secret in lock(tx, person).await? {
        let scopes = scopes_of(tx, secret.integration_id).await?;
        if rules::stops_at_demotion(&scopes, |permission| role_may(Role::Employee, shown, permission)) {
            revoke(tx, actor, &secret, "demotion").await?;
            secret.revoked_at = Some(tx.now);
            stopped.push(secret);
        }
    }
    Ok(stopped)
}

/// Revokes a secret, and ends the invitations that were sent by it; the audit log says why. What was scheduled by it is
/// passed on by the caller.
///
/// # Errors
/// When the database fails.
pub async fn revoke(tx: &Tx, actor: &Actor, secret: &Secret, because: &str) -> Outcome<()> {
    integration_secret::Entity::update_many()
        .col_expr(integration_secret::Column::RevokedAt, Expr::value(tx.now))
        .filter(integration_secret::Column::Id.eq(secret.id))
        .exec(&tx.conn)
        .await?;
    let mut data = describe(secret);
    data["because"] = because.into();
    let action = Action::IntegrationSecretRevoked;
    journal::record(tx, &actor.author(), action, Some(secret.id.into()), data).await?;
    let sender = links::Sender::Secret(secret.id);
    links::end_sent_by(tx, &actor.author(), sender, links::Reason::SenderRevoked).await
}

/// Writes down that a secret goes on although a leaver knows it: until a moment, or as it was.
async fn keep(tx: &Tx, actor: &Actor, secret: &Secret, until: Option<Timestamp>) -> Outcome<()> {
    let mut data = describe(secret);
    data["until"] = json!(until);
    let action = Action::IntegrationSecretKept;
    Ok(journal::record(tx, &actor.author(), action, Some(secret.id.into()), data).await?)
}

/// What the audit log says of a secret: never the secret.
pub fn describe(secret: &Secret) -> serde_json::Value {
    json!({
        "integration": secret.integration_id.to_string(),
        "hint": secret.hint,
        "shownTo": secret.shown_to_id.to_string(),
    })
}

/// Whether the actor is an integration that acts by a secret which this person was shown.
///
/// # Errors
/// When the database fails.
pub async fn acts_by_known_secret(tx: &Tx, actor: &Actor, person: UserId) -> Result<bool, Error> {
    let Some(id) = actor.secret() else {
        return Ok(false);
    };
    let secret = integration_secret::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(secret.is_some_and(|secret| secret.shown_to_id == person))
}

/// Whatever an integration writes with one of these secrets has committed, or waits and is refused.
async fn lock(tx: &Tx, person: UserId) -> Result<Vec<Secret>, Error> {
    Ok(secrets::live_shown_to(person, tx.now)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.conn)
        .await?)
}

async fn scopes_of(tx: &Tx, id: IntegrationId) -> Result<Vec<Permission>, Error> {
    let row = integration::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(row.map_or_else(Vec::new, |row| read_scopes(&row.scopes)))
}
