//! Invitations in the API.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use crate::domain::auth::Permission;
use crate::domain::people::invite;
use crate::domain::people::invite::InviteUser;
use crate::domain::people::update::Updated;
use crate::domain::people::{accept_invitation, renew_invitation, withdraw_invitation};
use crate::error::{Error, Outcome};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::points::HASHING;
use crate::graphql::resolvers::auth;
use crate::graphql::resolvers::auth::SignInPayload;
use crate::graphql::resolvers::people::{Role, UpdateUserPayload, User, name};
use crate::store::input;

/// Who is invited. When this address has an invitation that has not been accepted yet, what is given here replaces what
/// was said before, and what is left out stays.
#[derive(InputObject)]
pub struct InviteUserInput {
    /// The e-mail address.
    email: String,
    /// First name.
    given_name: Option<String>,
    /// Last name.
    family_name: Option<String>,
    /// Job title.
    position: Option<String>,
    /// The department.
    department_id: Option<ID>,
    /// What they may do; EMPLOYEE unless an earlier invitation said otherwise.
    role: Option<Role>,
}

/// The answer to `inviteUser` and `renewInvitation`.
#[derive(SimpleObject)]
pub struct InviteUserPayload {
    /// The person, INVITED.
    user: Option<User>,
    /// For `acceptInvitation`. Shown once; valid for 14 days, and no longer than its sender may invite people.
    invitation_token: Option<String>,
    /// Errors the client can act on; empty on success.
    user_errors: Vec<UserError>,
}

impl InviteUserPayload {
    fn new(outcome: Outcome<(entity::user::Model, String)>) -> Result<Self, Error> {
        let (invited, user_errors) = split(outcome)?;
        let (user, token) = invited.unzip();
        Ok(Self {
            user: user.map(User::from),
            invitation_token: token,
            user_errors,
        })
    }
}

/// The invitation to renew.
#[derive(InputObject)]
pub struct RenewInvitationInput {
    /// The invited person.
    user_id: ID,
}

/// The invitation to withdraw.
#[derive(InputObject)]
pub struct WithdrawInvitationInput {
    /// The invited person.
    user_id: ID,
}

/// The acceptance of an invitation.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// The token of the invitation.
    #[graphql(secret)]
    token: String,
    /// The password to sign in with from now on: at least ten characters.
    #[graphql(secret)]
    password: String,
}

/// Changes of invitations.
#[derive(Default)]
pub struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites someone to join; someone who has not accepted yet is invited anew. Needs MANAGE_USERS.
    async fn invite_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: InviteUserInput,
    ) -> Result<InviteUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        InviteUserPayload::new(match input.check() {
            Ok(who) => invite::invite_user(ctx.db(), actor, &who).await,
            Err(refused) => Err(refused),
        })
    }

    /// Makes a new token for somebody who is INVITED; the old one ends. Needs MANAGE_USERS.
    async fn renew_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Input of the mutation.")] input: RenewInvitationInput,
    ) -> Result<InviteUserPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ManageUsers)?;
        InviteUserPayload::new(match input::id(&input.user_id, "userId") {
            Ok(id) => renew_invitation::renew_invitation(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Ends the token of an invitation at once. The person stays INVITED, without a token, until they are invited again or
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

    /// Accepts an invitation: sets a password and signs in. Needs nothing but the token.
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
            ctx.give_back_points(HASHING);
        }
        SignInPayload::new(accepted)
    }
}

impl InviteUserInput {
    fn check(self) -> Outcome<InviteUser> {
        let text = |text: Option<String>, field| text.map(|text| name(text, field)).transpose();
        Ok(InviteUser {
            email: input::email(&self.email, "email")?,
            given_name: text(self.given_name, "givenName")?,
            family_name: text(self.family_name, "familyName")?,
            position: text(self.position, "position")?,
            department_id: self
                .department_id
                .map(|id| input::id(&id, "departmentId"))
                .transpose()?,
            role: self.role.map(Into::into),
        })
    }
}
