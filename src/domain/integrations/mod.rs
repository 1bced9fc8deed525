//! Integrations: programs of third parties. Each has up to five live secrets, and does what its scopes allow.
//!
//! An integration belongs to the company: it lives on when the person who made it leaves, and its owner is work that
//! is handed over. The secrets that a leaver was shown stop with the dismissal ([`stop_secrets`]). An integration is
//! nobody: it sees what everybody sees and what its scopes open, never what is its owner's, acts in its own name, and
//! keeps its hands off administrators ([`reach`]).

pub mod add_secret;
pub mod authenticate;
pub mod create;
pub mod reach;
pub mod revoke;
pub mod revoke_secret;
pub mod rules;
pub mod secrets;
pub mod stop_secrets;

use entity::integration::Model as Integration;
use entity::{IntegrationId, IntegrationSecretId, SessionId, UserId};
use uuid::Uuid;

use crate::domain::auth::{Actor, AsIntegration, Permission};

/// What every token begins with.
pub const PREFIX: &str = "hnd_";

/// The text in which scopes are stored.
pub fn write_scopes(scopes: &[Permission]) -> String {
    scopes
        .iter()
        .map(|scope| scope.name())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Reads what [`write_scopes`] has written.
pub fn read_scopes(text: &str) -> Vec<Permission> {
    let has = |permission: &Permission| text.split(' ').any(|name| name == permission.name());
    Permission::ALL.into_iter().filter(has).collect()
}

/// The integration as an actor. `secret` is the one that it was authenticated by: `None` where the program acts for it
/// later, without a request.
pub fn actor(row: &Integration, secret: Option<IntegrationSecretId>) -> Actor {
    acting(row.id, row.name.clone(), row.owner_id, &row.scopes, secret)
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
        settled: false,
        integration: Some(AsIntegration {
            id,
            owner,
            scopes: read_scopes(scopes),
            secret,
        }),
    }
}

/// The id of the integration that acts, if it is one.
pub fn id_of(actor: &Actor) -> Option<IntegrationId> {
    actor.integration.as_ref().map(|integration| integration.id)
}
