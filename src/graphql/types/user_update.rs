//! The types of the API: the change of a person.

use crate::domain::people::update::Updated;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::integration_secrets::IntegrationSecret;
use crate::graphql::types::people::User;
use async_graphql::SimpleObject;

/// The answer to `updateUser` and `withdrawInvitation`.
#[derive(SimpleObject)]
pub struct UpdateUserPayload {
    /// The person as they are now.
    user: Option<User>,
    /// Secrets of integrations that stopped because the person, who was shown them, lost a permission that they carry.
    secrets_stopped: Vec<IntegrationSecret>,
    /// Dismissals that the person had scheduled, when they may not dismiss any more: you have taken these over.
    schedules_passed: Vec<Dismissal>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl UpdateUserPayload {
    /// The payload of an outcome.
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
