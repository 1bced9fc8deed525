//! Integrations: programs of third parties. Each has a token of its own, `hnd_…`, and does what its scopes say.
//!
//! An integration belongs to the company: it lives on when the one who made it leaves, and its owner is work that
//! is handed over. It is nobody: it sees what everybody sees and what its scopes open, never what is its owner's.

pub mod authenticate;
pub mod create;
pub mod graphql;
pub mod revoke;

use entity::integration::Model as Integration;
use entity::{IntegrationId, SessionId, UserId};
use uuid::Uuid;

use crate::auth::{Actor, AsIntegration, Permission};

/// What every token begins with.
pub const PREFIX: &str = "hnd_";

/// What is kept of scopes.
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

/// The integration as the one who acts.
pub fn actor(row: &Integration) -> Actor {
    Actor {
        user_id: UserId(Uuid::nil()),
        session_id: SessionId(Uuid::nil()),
        role: entity::user::Role::Employee,
        email: row.name.clone(),
        dismissed_shown: false,
        settled: false,
        integration: Some(AsIntegration {
            id: row.id,
            owner: row.owner_id,
            scopes: read_scopes(&row.scopes),
        }),
    }
}

/// Whether the token of an integration is good at this moment, given its row.
pub fn is_alive(found: Option<&Integration>, now: entity::Timestamp) -> bool {
    found.is_some_and(|row| row.is_alive(now))
}

/// The id of the integration that acts, if it is one.
pub fn id_of(actor: &Actor) -> Option<IntegrationId> {
    actor.integration.as_ref().map(|integration| integration.id)
}
