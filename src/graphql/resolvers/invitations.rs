//! Resolvers: invitations.

use async_graphql::{Context, Object};
use secrecy::SecretString;

use crate::domain::auth::Permission;
use crate::domain::people::invite;
use crate::domain::people::update::Updated;
use crate::domain::people::{accept_invitation, renew_invitation, withdraw_invitation};
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::points::HASHING;
use crate::graphql::resolvers::auth;
use crate::graphql::types::auth::SignInPayload;
use crate::graphql::types::invitations::{
    AcceptInvitationInput, InviteUserInput, InviteUserPayload, RenewInvitationInput, WithdrawInvitationInput,
};
use crate::graphql::types::user_update::UpdateUserPayload;
use crate::store::input;

/// Mutations for invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites a person; renews the invitation of a person who has not accepted yet. Needs MANAGE_USERS.
    async fn invite_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: InviteUserInput,
    ) -> Result<InviteUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        InviteUserPayload::new(async { invite::invite_user(ctx.db(), actor, &input.check()?).await }.await)
    }

    /// Creates a new token for a person who is INVITED; the previous token stops working. Needs MANAGE_USERS.
    async fn renew_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RenewInvitationInput,
    ) -> Result<InviteUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        InviteUserPayload::new(
            async {
                renew_invitation::renew_invitation(ctx.db(), actor, input::id(&input.user_id, "userId")?)
                    .await
            }
            .await,
        )
    }

    /// Revokes the token of an invitation at once. The person stays INVITED without a token, until invited again or
    /// dismissed. Needs MANAGE_USERS.
    async fn withdraw_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: WithdrawInvitationInput,
    ) -> Result<UpdateUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        UpdateUserPayload::new(match input::id(&input.user_id, "userId") {
            Ok(id) => withdraw_invitation::withdraw_invitation(ctx.db(), actor, id)
                .await
                .map(Updated::from),
            Err(refused) => Err(refused),
        })
    }

    /// Accepts an invitation: sets a password and signs in. Needs only the token.
    #[graphql(complexity = "HASHING + child_complexity")]
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: AcceptInvitationInput,
    ) -> Result<SignInPayload, Error> {
        let password = SecretString::from(input.password);
        let from = auth::from(ctx);
        let accepted = accept_invitation::accept_invitation(ctx.auth(), &input.token, password, from).await;
        if accepted.is_ok() {
            ctx.refund_points(HASHING);
        }
        SignInPayload::new(accepted)
    }
}
