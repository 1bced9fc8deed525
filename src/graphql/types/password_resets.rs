//! The types of the API: password resets.

use crate::graphql::kit::user_error::UserError;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

/// Who is to set a new password.
#[derive(InputObject)]
pub struct IssuePasswordResetInput {
    /// The person: ACTIVE, and not yourself.
    pub(crate) user_id: ID,
}

/// The answer to `issuePasswordReset`.
#[derive(SimpleObject)]
pub struct IssuePasswordResetPayload {
    /// For `resetPassword`: to be given to the person. Shown once; an earlier one ends.
    pub(crate) token: Option<String>,
    /// When the token expires: 24 hours after it was issued.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// A new password, by the token of `issuePasswordReset`.
#[derive(InputObject)]
pub struct ResetPasswordInput {
    /// The token; it can be used once.
    #[graphql(secret)]
    pub(crate) token: String,
    /// The password to sign in with from now on: at least ten characters.
    #[graphql(secret)]
    pub(crate) password: String,
}
