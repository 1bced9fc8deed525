//! GraphQL types: changes to a person.

use async_graphql::SimpleObject;

use crate::domain::people::update::Updated;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::integration_secrets::IntegrationSecret;
use crate::graphql::types::people::User;

/// Payload of `updateUser` and `withdrawInvitation`.
#[derive(SimpleObject)]
pub struct UpdateUserPayload {
    /// The person after the change.
    user: Option<User>,
    /// Secrets of integrations that stopped because the person they were shown to lost a permission that they carry.
    secrets_stopped: Vec<IntegrationSecret>,
    /// Dismissals that the person had scheduled, which have passed to you because they can no longer dismiss people.
    schedules_passed: Vec<Dismissal>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl UpdateUserPayload {
    /// Builds the payload from an outcome.
    ///
    /// # Errors
    /// When the outcome is a failure.
    pub(crate) fn new(outcome: Outcome<Updated>) -> Result<Self, Error> {
        let (updated, user_errors) = split(outcome)?;
        let (user, (stopped, passed)) = match updated {
            Some(done) => (Some(done.user), (done.secrets_stopped, done.schedules_passed)),
            None => (None, (Vec::new(), Vec::new())),
        };
        Ok(Self {
            user: user.map(User::from),
            secrets_stopped: stopped.into_iter().map(IntegrationSecret::from).collect(),
            schedules_passed: Dismissal::list(passed),
            user_errors,
        })
    }
}
