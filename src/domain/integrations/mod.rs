//! Integrations: third-party programs. Each has up to five valid secrets, and may do what its scopes allow. A token
//! authenticates by itself; a client secret or a private key gets access tokens ([`issue_access_token`]).
//!
//! An integration belongs to the company: it continues when its creator leaves, and its ownership is work that is
//! handed over. Secrets that a leaver was shown are revoked by the dismissal ([`known_secrets`]). An integration is no
//! person: it sees what everybody sees and what its scopes open, but not what its owner sees; it acts in its own name,
//! and can't change administrators ([`reach`]).

pub mod add_secret;
pub mod assertion;
pub mod authenticate;
pub mod create;
pub mod expiring;
pub mod issue_access_token;
pub mod known_secrets;
pub mod public_key;
pub mod reach;
pub mod revoke;
pub mod revoke_secret;
pub mod rules;
pub mod scope;
pub mod secrets;

use entity::integration::Model as Integration;
use entity::{IntegrationId, IntegrationSecretId, SessionId, UserId, access_token};
use uuid::Uuid;

use crate::domain::auth::{ActingIntegration, Actor, Permission};

/// Prefix of every token.
pub const PREFIX: &str = "hnd_";
/// Prefix of every client secret.
pub const CLIENT_SECRET_PREFIX: &str = "hns_";
/// Prefix of every access token.
pub const ACCESS_PREFIX: &str = "hna_";

/// Returns whether this is the token or an access token of an integration, valid or not.
pub fn is_token(text: &str) -> bool {
    text.starts_with(PREFIX) || text.starts_with(ACCESS_PREFIX)
}

/// Serializes scopes.
pub fn write_scopes(scopes: &[Permission]) -> String {
    scopes
        .iter()
        .map(|scope| scope.name())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Parses the text of [`write_scopes`].
pub fn read_scopes(text: &str) -> Vec<Permission> {
    let has = |permission: &Permission| text.split(' ').any(|name| name == permission.name());
    Permission::ALL.into_iter().filter(has).collect()
}

/// Returns those of the scopes that an access token has too, by its text of [`write_scopes`].
fn narrowed(mut scopes: Vec<Permission>, token: &str) -> Vec<Permission> {
    let own = read_scopes(token);
    scopes.retain(|scope| own.contains(scope));
    scopes
}

/// Returns the integration as an actor. `secret` is the one it was authenticated by: `None` if the program acts for it
/// later, without a request.
pub fn actor(row: &Integration, secret: Option<IntegrationSecretId>) -> Actor {
    acting(row.id, row.name.clone(), row.owner_id, &row.scopes, secret)
}

/// Returns the actor with what a directory may do through SCIM: dismissing and rehiring people and handing their work
/// over, in the place of the administrators. Other actors stay as they are.
pub fn for_administrators(mut actor: Actor) -> Actor {
    if let Some(integration) = &mut actor.integration
        && integration.scopes.contains(&Permission::ProvisionPeople)
    {
        integration.scopes.extend([
            Permission::DismissUsers,
            Permission::HireUsers,
            Permission::ReassignWork,
        ]);
    }
    actor
}

/// As [`actor`], with an access token that was issued for `secret`.
pub fn actor_with(row: &Integration, secret: IntegrationSecretId, token: &access_token::Model) -> Actor {
    let mut actor = actor(row, Some(secret));
    if let Some(acting) = &mut actor.integration {
        acting.access_token = Some(token.id);
        acting.scopes = narrowed(std::mem::take(&mut acting.scopes), &token.scopes);
    }
    actor
}

fn acting(
    id: IntegrationId,
    name: String,
    owner: UserId,
    scopes: &str,
    secret: Option<IntegrationSecretId>,
) -> Actor {
    Actor {
        user_id: UserId(Uuid::nil()),
        session_id: SessionId(Uuid::nil()),
        role: entity::user::Role::Employee,
        email: name,
        dismissed_shown: false,
        may_read_replica: false,
        integration: Some(ActingIntegration {
            id,
            owner,
            scopes: read_scopes(scopes),
            secret,
            access_token: None,
        }),
    }
}

/// Returns the id of the acting integration, if any.
pub fn id_of(actor: &Actor) -> Option<IntegrationId> {
    actor.integration.as_ref().map(|integration| integration.id)
}
