//! The types of the API: invitations.

use crate::domain::people::invite::InviteUser;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::names::name;
use crate::graphql::types::people::{Role, User};
use crate::store::input;
use async_graphql::{ID, InputObject, SimpleObject};

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
    pub(crate) fn new(outcome: Outcome<(entity::user::Model, String)>) -> Result<Self, Error> {
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
    pub(crate) user_id: ID,
}

/// The invitation to withdraw.
#[derive(InputObject)]
pub struct WithdrawInvitationInput {
    /// The invited person.
    pub(crate) user_id: ID,
}

/// The acceptance of an invitation.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// The token of the invitation.
    #[graphql(secret)]
    pub(crate) token: String,
    /// The password to sign in with from now on: at least ten characters.
    #[graphql(secret)]
    pub(crate) password: String,
}

impl InviteUserInput {
    pub(crate) fn check(self) -> Outcome<InviteUser> {
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
