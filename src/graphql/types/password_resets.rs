//! GraphQL types: password resets.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::kit::user_error::UserError;

/// Input of `issuePasswordReset`.
#[derive(InputObject)]
pub struct IssuePasswordResetInput {
    /// ID of the person: ACTIVE, and not yourself.
    pub(crate) user_id: ID,
}

/// Payload of `issuePasswordReset`.
#[derive(SimpleObject)]
pub struct IssuePasswordResetPayload {
    /// Token for `resetPassword`, to be passed on to the person. Returned only once; replaces an earlier token.
    pub(crate) token: Option<String>,
    /// When the token expires: 24 hours after it was issued.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `resetPassword`.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// Token of `issuePasswordReset`; can be used once.
    #[graphql(secret)]
    pub(crate) token: String,
    /// New password, at least ten characters.
    #[graphql(secret)]
    pub(crate) password: String,
}
