//! The types of the API: auth.

use crate::domain::auth::Permission as Held;
use crate::domain::auth::session::Tokens;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::people::User;
use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::session::Model as SessionRow;

/// What the caller may do beyond what everybody may.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Held")]
pub enum Permission {
    /// Dismiss people.
    DismissUsers,
    /// Hire dismissed people back.
    HireUsers,
    /// Hand work over, undo, retry and cancel handovers.
    ReassignWork,
    /// Invite people, change them and the departments.
    ManageUsers,
    /// Change the company's settings.
    ManageSettings,
    /// Make integrations and revoke them; people alone can do that.
    ManageIntegrations,
    /// Read the audit log.
    ReadAuditLog,
    /// See dismissed people in lists.
    SeeDismissedUsers,
    /// Read everybody's work and its ledger as an administrator sees it: tasks, CRM records, calendars, and which folders
    /// and files there are. An integration without it is refused, and never told that there is nothing.
    ReadWork,
    /// Download everybody's files; together with READ_WORK.
    ReadFiles,
}

/// Who is calling.
pub struct Viewer;

/// One sign-in of a person, on one device.
#[derive(SimpleObject, Clone)]
pub struct Session {
    /// The id.
    pub id: ID,
    /// When the person signed in.
    started_at: DateTime<Utc>,
    /// When an access token was last issued for it.
    last_used_at: DateTime<Utc>,
    /// The program that signed in, as it named itself.
    user_agent: Option<String>,
    /// Whether this request belongs to it.
    current: bool,
}

impl Session {
    /// The session as `actor` sees it.
    pub fn new(row: SessionRow, actor: &crate::domain::auth::Actor) -> Self {
        Self {
            id: row.id.to_string().into(),
            started_at: row.started_at,
            last_used_at: row.last_used_at,
            user_agent: row.user_agent,
            current: row.id == actor.session_id,
        }
    }
}

/// E-mail address and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The address, in any letter case.
    pub(crate) email: String,
    /// The password.
    #[graphql(secret)]
    pub(crate) password: String,
}

/// The token to prolong a session with.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The latest refresh token.
    #[graphql(secret)]
    pub(crate) refresh_token: String,
}

/// A change of one's own password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password so far.
    #[graphql(secret)]
    pub(crate) current_password: String,
    /// The new one: at least ten characters.
    #[graphql(secret)]
    pub(crate) new_password: String,
}

/// The session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// Its id.
    pub(crate) session_id: ID,
}

/// Whose sessions are to end.
#[derive(InputObject)]
pub struct EndSessionsInput {
    /// The person.
    pub(crate) user_id: ID,
}

/// The tokens of a session, or why there are none.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// Send it as `Authorization: Bearer …`. Good for ten minutes at most, and only while the session lasts.
    access_token: Option<String>,
    /// Pass it to `refreshSession` for the next pair. A second use within ten seconds, before the next one has been used,
    /// answers the same next one; any other second use ends the session.
    refresh_token: Option<String>,
    /// When the access token ends.
    expires_at: Option<DateTime<Utc>>,
    /// Who is signed in.
    user: Option<User>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl SignInPayload {
    /// The payload of an outcome.
    ///
    /// # Errors
    /// When the outcome is a failure.
    pub fn new(outcome: Outcome<Tokens>) -> Result<Self, Error> {
        let (tokens, user_errors) = split(outcome)?;
        Ok(match tokens {
            Some(tokens) => Self {
                access_token: Some(tokens.access),
                refresh_token: Some(tokens.refresh),
                expires_at: Some(tokens.expires_at),
                user: Some(tokens.user.into()),
                user_errors,
            },
            None => Self {
                access_token: None,
                refresh_token: None,
                expires_at: None,
                user: None,
                user_errors,
            },
        })
    }
}

/// The answer to `signOut`.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// The answer to `changePassword`.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// The answer to `endSession` and `endSessions`.
#[derive(SimpleObject)]
pub struct EndSessionPayload {
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}
