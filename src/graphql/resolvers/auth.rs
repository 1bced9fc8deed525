//! Resolvers: signing in and out, and the caller.

use async_graphql::{Context, Object};
use secrecy::SecretString;

use crate::domain::auth::session::Lifetime;
use crate::domain::auth::{
    Permission as Held, change_password, end_session, end_sessions, refresh, sign_in, sign_out,
};
use crate::domain::drive::list as drive;
use crate::domain::integrations;
use crate::domain::openid::end_session as at_provider;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::split;
use crate::graphql::points::{CHECKING, HASHING};
use crate::graphql::types::auth::{
    ChangePasswordInput, ChangePasswordPayload, EndSessionInput, EndSessionPayload, EndSessionsInput,
    Permission, RefreshSessionInput, SignInInput, SignInPayload, SignOutPayload, Viewer,
};
use crate::graphql::types::drive::DriveItemConnection;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

/// The caller.
#[Object]
impl Viewer {
    /// The signed-in person; null for an integration.
    async fn user(&self, ctx: &Context<'_>) -> Nullable<User> {
        match ctx.actor() {
            Ok(actor) => User::load(ctx, actor.user_id).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// The calling integration; null for a person.
    async fn integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        match ctx.actor() {
            Ok(actor) => Integration::load(ctx, integrations::id_of(actor)?).await,
            Err(error) => Some(Err(error)),
        }
    }

    /// Permissions of the caller. Use them to show or hide controls; every operation checks its own permission.
    async fn permissions(&self, ctx: &Context<'_>) -> Result<Vec<Permission>, Error> {
        let actor = ctx.actor()?;
        Ok(Held::ALL
            .into_iter()
            .filter(|&held| actor.may(held))
            .map(Permission::from)
            .collect())
    }

    /// Folders of others that are shared with you, and items of yours inside folders that you can't see, for example
    /// after a handover; oldest first.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn shared_folders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
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

/// Queries for the caller.
#[derive(Default)]
pub struct AuthQuery;

#[Object]
impl AuthQuery {
    /// The caller.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer, Error> {
        ctx.actor().map(|_| Viewer)
    }
}

/// Mutations for signing in and out.
#[derive(Default)]
pub struct AuthMutation;

#[Object]
impl AuthMutation {
    /// Signs in. An unknown address, a wrong password and a dismissed person get the same error. After too many wrong
    /// passwords the error is RATE_LIMITED, with the seconds to wait in `retryAfter`.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: SignInInput,
    ) -> Result<SignInPayload, Error> {
        let password = SecretString::from(input.password);
        // The limit on attempts bounds the cost of hashing. If it were paid in points, anyone could keep their whole
        // network from signing in.
        ctx.refund_points(HASHING);
        SignInPayload::new(sign_in::sign_in(ctx.auth(), &input.email, password, from(ctx)).await)
    }

    /// Extends a session: returns a new access token and the next refresh token.
    #[graphql(complexity = "CHECKING + child_complexity")]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RefreshSessionInput,
    ) -> Result<SignInPayload, Error> {
        let renewed = refresh::refresh(ctx.auth(), &input.refresh_token).await;
        if renewed.is_ok() {
            ctx.refund_points(CHECKING);
        }
        SignInPayload::new(renewed)
    }

    /// Ends the session of the access token in use.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload, Error> {
        let (provider, user_errors) = split(sign_out::sign_out(ctx.db(), ctx.actor()?).await)?;
        let end_session_url = match provider.flatten() {
            Some(provider) => at_provider::url(ctx.db(), ctx.providers(), provider).await?,
            None => None,
        };
        Ok(SignOutPayload {
            end_session_url,
            user_errors,
        })
    }

    /// Changes your own password and ends your other sessions.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload, Error> {
        let (current, new) = (
            SecretString::from(input.current_password),
            SecretString::from(input.new_password),
        );
        let (_, user_errors) =
            split(change_password::change_password(ctx.auth(), ctx.actor()?, current, new).await)?;
        Ok(ChangePasswordPayload { user_errors })
    }

    /// Ends one of your own sessions, or with MANAGE_USERS a session of anyone.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: EndSessionInput,
    ) -> Result<EndSessionPayload, Error> {
        let actor = ctx.actor()?;
        let ended = async {
            end_session::end_session(ctx.db(), actor, input::id(&input.session_id, "sessionId")?).await
        }
        .await;
        Ok(EndSessionPayload {
            user_errors: split(ended)?.1,
        })
    }

    /// Ends all of your own sessions, including this one, or with MANAGE_USERS all sessions of anyone. Their tokens are
    /// rejected at once; the password stays valid.
    async fn end_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: EndSessionsInput,
    ) -> Result<EndSessionPayload, Error> {
        let actor = ctx.actor()?;
        let ended =
            async { end_sessions::end_sessions(ctx.db(), actor, input::id(&input.user_id, "userId")?).await }
                .await;
        Ok(EndSessionPayload {
            user_errors: split(ended)?.1,
        })
    }
}

/// The origin of a request.
pub fn from<'a>(ctx: &'a Context<'_>) -> sign_in::From<'a> {
    sign_in::From {
        user_agent: ctx.user_agent(),
        network: ctx.network(),
        lifetime: Lifetime::Long,
    }
}
