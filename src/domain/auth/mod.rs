//! Authentication and authorization: passwords, sessions and tokens in, an [`Actor`] out; and the guard that every
//! write by a person passes.

pub mod authenticate;
pub mod authenticator;
pub mod by_link;
pub mod change_password;
pub mod end_session;
pub mod end_sessions;
pub mod guard;
pub mod issue_password_reset;
pub mod keys;
pub mod links;
pub mod networks;
pub mod once;
pub mod password;
pub mod password_policy;
pub mod refresh;
pub mod reset_password;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod sign_out;
pub mod token;

use entity::user::Role;
use entity::{AccessTokenId, IntegrationId, IntegrationSecretId, SessionId, UserId};

use crate::error::Error;
use crate::store::journal::Author;

/// Mutations that need no authentication because they issue tokens: an invalid token doesn't block them.
pub const UNAUTHENTICATED_MUTATIONS: [&str; 6] = [
    "acceptInvitation",
    "completeSignInWith",
    "refreshSession",
    "resetPassword",
    "signIn",
    "startSignInWith",
];
/// Queries of a sign-in page, for which the same holds.
pub const UNAUTHENTICATED_QUERIES: [&str; 1] = ["identityProviders"];

/// The caller of a request, as of the time it arrived.
///
/// Doesn't authorize writes: see [`guard`].
#[derive(Debug, Clone)]
pub struct Actor {
    /// Id of the person.
    pub user_id: UserId,
    /// Session of the token.
    pub session_id: SessionId,
    /// Role.
    pub role: Role,
    /// E-mail address, for the audit log.
    pub email: String,
    /// Whether the company lets employees see dismissed people in lists.
    pub dismissed_shown: bool,
    /// Whether everything they have written has had time to reach a replica. Always false for an integration.
    pub may_read_replica: bool,
    /// Set if the actor is an integration: then there is no person, and its scopes apply.
    pub integration: Option<ActingIntegration>,
}

/// An acting integration.
#[derive(Debug, Clone)]
pub struct ActingIntegration {
    /// Id.
    pub id: IntegrationId,
    /// Owner.
    pub owner: UserId,
    /// Permissions: those of the integration, or fewer if the access token has fewer.
    pub scopes: Vec<Permission>,
    /// The secret it was authenticated by, or that its access token was issued for; `None` if the program acts for it
    /// later, without a request.
    pub secret: Option<IntegrationSecretId>,
    /// The access token it was authenticated by, if any.
    pub access_token: Option<AccessTokenId>,
}

/// What a person or an integration may do beyond what everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Dismiss people.
    DismissUsers,
    /// Rehire dismissed people.
    HireUsers,
    /// Hand work over; undo, retry and cancel handovers.
    ReassignWork,
    /// Invite and update people, and change departments.
    ManageUsers,
    /// Change the company's settings.
    ManageSettings,
    /// Create and revoke integrations.
    ManageIntegrations,
    /// Read the audit log.
    ReadAuditLog,
    /// See dismissed people in lists.
    SeeDismissedUsers,
    /// Read everybody's work and its ledger.
    ReadWork,
    /// Read the contents of everybody's files.
    ReadFiles,
    /// Create, change, dismiss and rehire people as a directory, by SCIM only.
    ProvisionPeople,
    /// Receive what changes, by webhooks and lists of changes.
    ReadEvents,
}

impl Permission {
    /// All permissions, in listing order.
    pub const ALL: [Self; 12] = [
        Self::DismissUsers,
        Self::HireUsers,
        Self::ReassignWork,
        Self::ManageUsers,
        Self::ManageSettings,
        Self::ManageIntegrations,
        Self::ReadAuditLog,
        Self::SeeDismissedUsers,
        Self::ReadWork,
        Self::ReadFiles,
        Self::ProvisionPeople,
        Self::ReadEvents,
    ];

    /// Returns the name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::DismissUsers => "DISMISS_USERS",
            Self::HireUsers => "HIRE_USERS",
            Self::ReassignWork => "REASSIGN_WORK",
            Self::ManageUsers => "MANAGE_USERS",
            Self::ManageSettings => "MANAGE_SETTINGS",
            Self::ManageIntegrations => "MANAGE_INTEGRATIONS",
            Self::ReadAuditLog => "READ_AUDIT_LOG",
            Self::SeeDismissedUsers => "SEE_DISMISSED_USERS",
            Self::ReadWork => "READ_WORK",
            Self::ReadFiles => "READ_FILES",
            Self::ProvisionPeople => "PROVISION_PEOPLE",
            Self::ReadEvents => "READ_EVENTS",
        }
    }
}

/// Returns whether a role has the permission: administrators have all, employees only see dismissed people, if the
/// company's setting allows it (`dismissed_shown`).
pub fn role_may(role: Role, dismissed_shown: bool, permission: Permission) -> bool {
    match role {
        Role::Administrator => true,
        Role::Employee => permission == Permission::SeeDismissedUsers && dismissed_shown,
    }
}

/// The permissions at one point in time, to be compared with later ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights(Vec<Permission>);

impl Rights {
    /// Returns those of a person: see [`role_may`].
    pub fn of_person(role: Role, dismissed_shown: bool) -> Self {
        let has = |permission: &Permission| role_may(role, dismissed_shown, *permission);
        Self(Permission::ALL.into_iter().filter(has).collect())
    }

    /// Returns those of an integration: its scopes.
    pub fn of_integration(scopes: &[Permission]) -> Self {
        Self(scopes.to_vec())
    }

    /// Returns whether all of `others` are included.
    pub fn cover(&self, others: &Self) -> bool {
        others.0.iter().all(|permission| self.0.contains(permission))
    }
}

impl Actor {
    /// Returns the current permissions.
    pub fn rights(&self) -> Rights {
        match &self.integration {
            Some(integration) => Rights::of_integration(&integration.scopes),
            None => Rights::of_person(self.role, self.dismissed_shown),
        }
    }

    /// Returns whether they have the permission: people by [`role_may`], integrations by their scopes.
    pub fn may(&self, permission: Permission) -> bool {
        if let Some(integration) = &self.integration {
            return integration.scopes.contains(&permission);
        }
        role_may(self.role, self.dismissed_shown, permission)
    }

    /// Returns whether they are an administrator.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Checks for a permission.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without it.
    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.may(permission) {
            Ok(())
        } else {
            Err(Error::Forbidden(permission.name()))
        }
    }

    /// Checks that the actor is a person, who always sees some work, or an integration with READ_WORK: one without it
    /// would mistake an empty list for no work.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration without READ_WORK.
    pub fn require_work_access(&self) -> Result<(), Error> {
        match self.integration {
            None => Ok(()),
            Some(_) => self.require(Permission::ReadWork),
        }
    }

    /// Returns whether they may read the ledgers of handovers.
    pub fn may_read_ledgers(&self) -> bool {
        self.may(Permission::ReassignWork) || self.may(Permission::ReadWork)
    }

    /// Checks that they may read the ledgers of handovers.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without REASSIGN_WORK and READ_WORK.
    pub fn require_ledgers(&self) -> Result<(), Error> {
        match self.may_read_ledgers() {
            true => Ok(()),
            false => Err(Error::Forbidden("REASSIGN_WORK or READ_WORK")),
        }
    }

    /// As [`require_work_access`](Self::require_work_access), for the contents of files.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration without READ_WORK or READ_FILES.
    pub fn require_file_access(&self) -> Result<(), Error> {
        self.require_work_access()?;
        match self.integration {
            None => Ok(()),
            Some(_) => self.require(Permission::ReadFiles),
        }
    }

    /// Checks that the actor is a person.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration.
    pub fn require_person(&self) -> Result<(), Error> {
        match self.integration {
            None => Ok(()),
            Some(_) => Err(Error::Forbidden("a signed-in person")),
        }
    }

    /// Returns the secret in use, for an integration.
    pub fn secret(&self) -> Option<IntegrationSecretId> {
        self.integration.as_ref().and_then(|acting| acting.secret)
    }

    /// Returns the columns for the requester of something that lasts: a person, or an integration in its own name.
    pub fn requester(&self) -> (Option<UserId>, Option<IntegrationId>) {
        match &self.integration {
            None => (Some(self.user_id), None),
            Some(integration) => (None, Some(integration.id)),
        }
    }

    /// Returns the author for the journal.
    pub fn author(&self) -> Author {
        match &self.integration {
            None => Author::Person(self.user_id, self.email.clone()),
            Some(integration) => Author::Integration(integration.id, self.email.clone()),
        }
    }
}
