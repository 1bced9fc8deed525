//! GraphQL types: invitations.

use async_graphql::{ID, InputObject, SimpleObject};

use crate::domain::people::invite::InviteUser;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split};
use crate::graphql::types::names::name;
use crate::graphql::types::people::{Role, User};
use crate::store::input;

/// Input of `inviteUser`. If the address has a pending invitation, the given values replace the earlier ones; fields
/// that are left out stay unchanged.
#[derive(InputObject)]
pub struct InviteUserInput {
    /// E-mail address.
    email: String,
    /// First name.
    given_name: Option<String>,
    /// Last name.
    family_name: Option<String>,
    /// Job title.
    position: Option<String>,
    /// ID of the department.
    department_id: Option<ID>,
    /// Access level; defaults to that of an earlier invitation, or EMPLOYEE.
    role: Option<Role>,
}

/// Payload of `inviteUser` and `renewInvitation`.
#[derive(SimpleObject)]
pub struct InviteUserPayload {
    /// The invited person; their status is INVITED.
    user: Option<User>,
    /// Token for `acceptInvitation`. Returned only once; valid for 14 days while its sender has the permission to
    /// invite people.
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

/// Input of `renewInvitation`.
#[derive(InputObject)]
pub struct RenewInvitationInput {
    /// ID of the invited person.
    pub(crate) user_id: ID,
}

/// Input of `withdrawInvitation`.
#[derive(InputObject)]
pub struct WithdrawInvitationInput {
    /// ID of the invited person.
    pub(crate) user_id: ID,
}

/// Input of `acceptInvitation`.
#[derive(InputObject)]
pub struct AcceptInvitationInput {
    /// Token of the invitation.
    #[graphql(secret)]
    pub(crate) token: String,
    /// New password, at least ten characters.
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
