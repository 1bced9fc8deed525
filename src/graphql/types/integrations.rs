//! GraphQL types: integrations.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration::Model as Row;

use crate::domain::auth::Permission as Held;
use crate::domain::integrations::create::CreateIntegration;
use crate::domain::integrations::revoke::Revoked;
use crate::error::Outcome;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::auth::Permission;
use crate::graphql::types::dismissals::Dismissal;
use crate::store::input;

/// A third-party program with its own secrets. It belongs to the company and acts on its own behalf.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Integration {
    /// ID of the object.
    pub id: ID,
    /// Name.
    name: String,
    /// When it was revoked together with all its secrets; null when it was not.
    revoked_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) row: Row,
}

impl From<Row> for Integration {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.to_string().into(),
            name: row.name.clone(),
            revoked_at: row.revoked_at,
            row,
        }
    }
}

/// A new integration; you become its owner.
#[derive(InputObject)]
pub struct CreateIntegrationInput {
    /// Name.
    name: String,
    /// Permissions of the integration, at least one.
    scopes: Vec<Permission>,
    /// When its first secret expires; does not expire when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// Payload of `createIntegration`.
#[derive(SimpleObject)]
pub struct CreateIntegrationPayload {
    /// The integration.
    pub(crate) integration: Option<Integration>,
    /// Its first secret, a token `hnd_…`; send it as `Authorization: Bearer hnd_…`. Returned only once.
    pub(crate) token: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `revokeIntegration`.
#[derive(InputObject)]
pub struct RevokeIntegrationInput {
    /// ID of the integration.
    pub(crate) integration_id: ID,
}

/// Payload of `revokeIntegration` and `revokeIntegrationSecret`.
#[derive(SimpleObject)]
pub struct RevokeIntegrationPayload {
    /// The integration.
    integration: Option<Integration>,
    /// Dismissals that it had scheduled, which have passed to you.
    schedules_passed: Vec<Dismissal>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl RevokeIntegrationPayload {
    pub(crate) fn new(done: Option<Revoked>, user_errors: Vec<UserError>) -> Self {
        let (row, passed) = done.map(|done| (done.integration, done.schedules_passed)).unzip();
        Self {
            integration: row.map(Integration::from),
            schedules_passed: Dismissal::list(passed.unwrap_or_default()),
            user_errors,
        }
    }
}

impl CreateIntegrationInput {
    pub(crate) fn check(self) -> Outcome<CreateIntegration> {
        Ok(CreateIntegration {
            name: input::check_line(&self.name, input::NAME, "name")?,
            scopes: self.scopes.into_iter().map(Held::from).collect(),
            expires_at: self
                .expires_at
                .map(|at| input::check_timestamp(at, "expiresAt"))
                .transpose()?,
        })
    }
}
