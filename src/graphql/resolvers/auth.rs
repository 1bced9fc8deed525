//! Signing in and out, and who the caller is.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::session::Model as SessionRow;
use secrecy::SecretString;

use crate::domain::auth::session::Tokens;
use crate::domain::auth::{
    Permission as Held, change_password, end_session, end_sessions, refresh, sign_in, sign_out,
};
use crate::domain::drive::list as drive;
use crate::domain::integrations;
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::points::{CHECKING, HASHING};
use crate::graphql::resolvers::drive::DriveItemConnection;
use crate::graphql::resolvers::integrations::Integration;
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

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

/// Who is calling.
#[Object]
impl Viewer {
    /// The person who is signed in; null for an integration.
    async fn user(&self, ctx: &Context<'_>) -> Nullable<User> {
        match ctx.actor() {
            Ok(actor) => User::load(ctx, actor.user_id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The integration that is calling; null for a person.
    async fn integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        match ctx.actor() {
            Ok(actor) => Integration::load(ctx, integrations::id_of(actor)?).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// What a client may offer: this hides buttons and decides nothing, every operation checks for itself.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<Permission>, Error> {
        let actor = ctx.actor()?;
        Ok(Held::ALL
            .into_iter()
            .filter(|&held| actor.may(held))
            .map(Permission::from)
            .collect())
    }

    /// The folders of others that are shared with you, and what is yours in folders of others that you can't see, handed over
    /// to you for instance; in the order in which they were made.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn shared_folders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
    ) -> Result<DriveItemConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let actor = ctx.actor()?;
        actor.require_person()?;
        let person = actor.user_id;
        Ok(drive::shared_with(ctx.db(), person, &args).await?.into())
    }
}

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
    email: String,
    /// The password.
    #[graphql(secret)]
    password: String,
}

/// The token to prolong a session with.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The latest refresh token.
    #[graphql(secret)]
    refresh_token: String,
}

/// A change of one's own password.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password so far.
    #[graphql(secret)]
    current_password: String,
    /// The new one: at least ten characters.
    #[graphql(secret)]
    new_password: String,
}

/// The session to end.
#[derive(InputObject)]
pub struct EndSessionInput {
    /// Its id.
    session_id: ID,
}

/// Whose sessions are to end.
#[derive(InputObject)]
pub struct EndSessionsInput {
    /// The person.
    user_id: ID,
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

macro_rules! bare_payload {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(SimpleObject)]
        pub struct $name {
            /// What speaks against it.
            user_errors: Vec<UserError>,
        }
    };
}
bare_payload!(SignOutPayload, "The answer to `signOut`.");
bare_payload!(ChangePasswordPayload, "The answer to `changePassword`.");
bare_payload!(EndSessionPayload, "The answer to `endSession` and `endSessions`.");

/// Who is calling.
#[derive(Default)]
pub struct AuthQuery;

#[Object]
impl AuthQuery {
    /// Who is calling.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        ctx.actor().map(|_| Viewer)
    }
}

/// From where a request comes.
pub fn from<'a>(ctx: &'a Context<'_>) -> sign_in::From<'a> {
    sign_in::From {
        user_agent: ctx.user_agent(),
        network: ctx.network(),
    }
}

/// Signing in and out.
#[derive(Default)]
pub struct AuthMutation;

#[Object]
impl AuthMutation {
    /// Signs in. An unknown address, a wrong password and a dismissed person get the same answer. Too many wrong
    /// passwords are answered with RATE_LIMITED, and with the seconds to wait as `retryAfter`.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: SignInInput,
    ) -> Result<SignInPayload, Error> {
        let password = SecretString::from(input.password);
        // What a hash costs is bounded by the attempts: paid in points, it would let anybody keep their whole network from
        // signing in.
        ctx.give_back_points(HASHING);
        SignInPayload::new(sign_in::sign_in(ctx.auth(), &input.email, password, from(ctx)).await)
    }

    /// Prolongs a session: a new access token and the next refresh token.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RefreshSessionInput,
    ) -> Result<SignInPayload, Error> {
        let renewed = refresh::refresh(ctx.auth(), &input.refresh_token).await;
        if renewed.is_ok() {
            ctx.give_back_points(CHECKING);
        }
        SignInPayload::new(renewed)
    }

    /// Ends the session of the token that this is called with.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload, Error> {
        let (_, user_errors) = split(sign_out::sign_out(ctx.db(), ctx.actor()?).await)?;
        Ok(SignOutPayload { user_errors })
    }

    /// Changes one's own password and ends one's other sessions.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, Error> {
        let (current, new) = (
            SecretString::from(input.current_password),
            SecretString::from(input.new_password),
        );
        let (_, user_errors) =
            split(change_password::change_password(ctx.auth(), ctx.actor()?, current, new).await)?;
        Ok(ChangePasswordPayload { user_errors })
    }

    /// Ends one of one's own sessions, or anyone's with MANAGE_USERS.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: EndSessionInput,
    ) -> Result<EndSessionPayload, Error> {
        let actor = ctx.actor()?;
        let ended = match input::id(&input.session_id, "sessionId") {
            Ok(id) => end_session::end_session(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        Ok(EndSessionPayload {
            user_errors: split(ended)?.1,
        })
    }

    /// Ends all of one's own sessions, this one included, or all of anyone's with MANAGE_USERS: the tokens of each of them
    /// are refused from then on. The password stays as it is.
    async fn end_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: EndSessionsInput,
    ) -> Result<EndSessionPayload, Error> {
        let actor = ctx.actor()?;
        let ended = match input::id(&input.user_id, "userId") {
            Ok(id) => end_sessions::end_sessions(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        };
        Ok(EndSessionPayload {
            user_errors: split(ended)?.1,
        })
    }
}
