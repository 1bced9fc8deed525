//! Resolvers: password resets.

use async_graphql::{Context, Object};
use secrecy::SecretString;

use crate::domain::auth::{Permission, issue_password_reset, reset_password};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::split;
use crate::graphql::points::HASHING;
use crate::graphql::types::auth::SignInPayload;
use crate::graphql::types::password_resets::{
    IssuePasswordResetInput, IssuePasswordResetPayload, ResetPasswordInput,
};
use crate::store::input;

/// Mutations for password resets.
#[derive(Default)]
pub struct PasswordResetMutation;

#[Object]
impl PasswordResetMutation {
    /// Issues a single-use token to set a new password for a person who forgot theirs or was imported without one. The
    /// token is invalidated when the person gets a password in another way, is dismissed, or changes role or address,
    /// and when you stop being an administrator. Needs MANAGE_USERS; not available to integrations.
    async fn issue_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: IssuePasswordResetInput,
    ) -> Result<IssuePasswordResetPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        actor.require_person()?;
        let outcome = async {
            issue_password_reset::issue_password_reset(ctx.db(), actor, input::id(&input.user_id, "userId")?)
                .await
        }
        .await;
        let (issued, user_errors) = split(outcome)?;
        let (token, expires_at) = issued.unzip();
        Ok(IssuePasswordResetPayload {
            token,
            expires_at,
            user_errors,
        })
    }

    /// Sets a new password, ends all sessions of the person and signs in. Needs only the token.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: ResetPasswordInput,
    ) -> Result<SignInPayload, Error> {
        let password = SecretString::from(input.password);
        let from = crate::graphql::resolvers::auth::from(ctx);
        let reset = reset_password::reset_password(ctx.auth(), &input.token, password, from).await;
        if reset.is_ok() {
            ctx.refund_points(HASHING);
        }
        SignInPayload::new(reset)
    }
}
