//! The types of the API: integrations.

use crate::domain::auth::Permission as Held;
use crate::domain::integrations::create::CreateIntegration;
use crate::domain::integrations::revoke::Revoked;
use crate::error::Outcome;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::auth::Permission;
use crate::graphql::types::dismissals::Dismissal;
use crate::store::input;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::integration::Model as Row;

/// A program of a third party, with secrets of its own. It belongs to the company and acts in its own name.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Integration {
    /// The id.
    pub id: ID,
    /// What it is called.
    name: String,
    /// When it was revoked, with all its secrets.
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

/// A new integration; you own it.
#[derive(InputObject)]
pub struct CreateIntegrationInput {
    /// What it is called.
    name: String,
    /// What it may do: at least one.
    scopes: Vec<Permission>,
    /// When its first secret ends; never by itself, when left out.
    expires_at: Option<DateTime<Utc>>,
}

/// The answer to `createIntegration`.
#[derive(SimpleObject)]
pub struct CreateIntegrationPayload {
    /// The integration.
    pub(crate) integration: Option<Integration>,
    /// Its first secret, a token `hnd_…`: shown this once, to be sent as `Authorization: Bearer hnd_…`.
    pub(crate) token: Option<String>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// The integration to revoke.
#[derive(InputObject)]
pub struct RevokeIntegrationInput {
    /// Which one.
    pub(crate) integration_id: ID,
}

/// The answer to `revokeIntegration` and `revokeIntegrationSecret`.
#[derive(SimpleObject)]
pub struct RevokeIntegrationPayload {
    /// The integration.
    integration: Option<Integration>,
    /// Dismissals that it had scheduled: you have taken these over.
    schedules_passed: Vec<Dismissal>,
    /// What speaks against it.
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
            name: input::line(&self.name, input::NAME, "name")?,
            scopes: self.scopes.into_iter().map(Held::from).collect(),
            expires_at: self
                .expires_at
                .map(|at| input::moment(at, "expiresAt"))
                .transpose()?,
        })
    }
}
