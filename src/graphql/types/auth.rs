//! GraphQL types: sessions and permissions.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::session::Model as SessionRow;

use crate::domain::auth::Permission as Held;
use crate::domain::auth::session::Tokens;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::people::User;

/// A permission that an account can have beyond the default access.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "Held")]
pub enum Permission {
    /// Dismiss people.
    DismissUsers,
    /// Rehire dismissed people.
    HireUsers,
    /// Hand over work; undo, retry and cancel handovers.
    ReassignWork,
    /// Invite and update people, and manage departments.
    ManageUsers,
    /// Change the company settings.
    ManageSettings,
    /// Create and revoke integrations; never available to an integration.
    ManageIntegrations,
    /// Read the audit log.
    ReadAuditLog,
    /// See dismissed people in lists.
    SeeDismissedUsers,
    /// Read everyone's work and handover ledgers with an administrator's access: tasks, CRM records, calendars, and the
    /// names of folders and files. Without it, an integration gets FORBIDDEN, never an empty list.
    ReadWork,
    /// Download everyone's files; needs READ_WORK as well.
    ReadFiles,
    /// Provision people as a directory, by SCIM only: create, update, dismiss and rehire them.
    ProvisionPeople,
    /// Receive what changes: webhooks and `changes`.
    ReadEvents,
}

/// The caller.
pub struct Viewer;

/// A session: one sign-in of a person on one device.
#[derive(SimpleObject, Clone)]
pub struct Session {
    /// ID of the object.
    pub id: ID,
    /// When the person signed in.
    started_at: DateTime<Utc>,
    /// When an access token was last issued for this session.
    last_used_at: DateTime<Utc>,
    /// User agent of the client that signed in.
    user_agent: Option<String>,
    /// Whether this request belongs to this session.
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

/// Sign-in credentials.
#[derive(InputObject)]
pub struct SignInInput {
    /// E-mail address, case-insensitive.
    pub(crate) email: String,
    /// Password.
    #[graphql(secret)]
    pub(crate) password: String,
}

/// Input of `refreshSession`.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The latest refresh token of the session.
    #[graphql(secret)]
    pub(crate) refresh_token: String,
}

/// Input of `changePassword`.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// Current password.
    #[graphql(secret)]
    pub(crate) current_password: String,
    /// New password, at least ten characters.
    #[graphql(secret)]
    pub(crate) new_password: String,
}

/// Input of `endSession`.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// ID of the session to end.
    pub(crate) session_id: ID,
}

/// Input of `endSessions`.
#[derive(InputObject)]
pub struct EndSessionsInput {
    /// ID of the person whose sessions to end.
    pub(crate) user_id: ID,
}

/// The tokens of a session, or the errors.
#[derive(SimpleObject)]
pub struct SignInPayload {
    /// Access token: send it as `Authorization: Bearer …`. Valid for at most ten minutes, and only while the session
    /// lasts.
    access_token: Option<String>,
    /// Refresh token: pass it to `refreshSession` to get the next pair of tokens. Reusing it within ten seconds, before
    /// the next one has been used, returns the same next pair; any other reuse ends the session.
    refresh_token: Option<String>,
    /// When the access token expires.
    expires_at: Option<DateTime<Utc>>,
    /// The signed-in person.
    user: Option<User>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl SignInPayload {
    /// Builds the payload from an outcome.
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

/// Payload of `signOut`.
#[derive(SimpleObject)]
pub struct SignOutPayload {
    /// URL to open to sign out of the identity provider too; null unless the session was opened with one that has such
    /// a URL.
    pub(crate) end_session_url: Option<String>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Payload of `changePassword`.
#[derive(SimpleObject)]
pub struct ChangePasswordPayload {
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Payload of `endSession` and `endSessions`.
#[derive(SimpleObject)]
pub struct EndSessionPayload {
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}
