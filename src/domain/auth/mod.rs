//! Who is calling: passwords, sessions and tokens in, an [`Actor`] out; and the guard that every write by a
//! person passes.

pub mod authenticate;
pub mod authenticator;
pub mod change_password;
pub mod end_session;
pub mod end_sessions;
pub mod guard;
pub mod issue_password_reset;
pub mod keys;
pub mod links;
pub mod networks;
pub mod password;
pub mod refresh;
pub mod reset_password;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod sign_out;
pub mod token;

use entity::user::Role;
use entity::{IntegrationId, IntegrationSecretId, SessionId, UserId};

use crate::error::Error;
use crate::store::journal::Author;

/// The mutations for which nobody has to be signed in, because they are how one gets a token: a token that is not
/// accepted does not stand in their way.
pub const SIGNING_IN: [&str; 4] = ["acceptInvitation", "refreshSession", "resetPassword", "signIn"];

/// The person behind a request, as the database knew them when the request came in.
///
/// Holding one is no licence to write: see [`guard`].
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user_id: UserId,
    /// The session that the token belongs to.
    pub session_id: SessionId,
    /// What they may do.
    pub role: Role,
    /// Their address, for the audit log.
    pub email: String,
    /// Whether the company lets employees see dismissed people in lists.
    pub dismissed_shown: bool,
    /// Whether everything that they have written has had time to reach a replica. Never known of an integration.
    pub settled: bool,
    /// Set when it is no person that acts but an integration: then it is nobody, and may do what its scopes say.
    pub integration: Option<AsIntegration>,
}

/// An integration that acts.
#[derive(Debug, Clone)]
pub struct AsIntegration {
    /// Which one.
    pub id: IntegrationId,
    /// Who looks after it.
    pub owner: UserId,
    /// What it may do.
    pub scopes: Vec<Permission>,
    /// The secret that it was authenticated by; `None` where the program acts for it later, without a request.
    pub secret: Option<IntegrationSecretId>,
}

/// What a person or an integration may do beyond what everybody may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Make integrations and revoke them.
    ManageIntegrations,
    /// Read the audit log.
    ReadAuditLog,
    /// See dismissed people in lists.
    SeeDismissedUsers,
    /// Read everybody's work and its ledger.
    ReadWork,
    /// Read the bytes of everybody's files.
    ReadFiles,
}

impl Permission {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 10] = [
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
    ];

    /// The name in the API.
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
        }
    }
}

/// Whether people of this role have the permission: administrators have all, employees only sight of the dismissed,
/// and that while the company's setting allows it (`dismissed_shown`).
pub fn role_may(role: Role, dismissed_shown: bool, permission: Permission) -> bool {
    match role {
        Role::Administrator => true,
        Role::Employee => permission == Permission::SeeDismissedUsers && dismissed_shown,
    }
}

/// The permissions that somebody has at one moment, to be compared with those of a later one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights(Vec<Permission>);

impl Rights {
    /// Those of a person: see [`role_may`].
    pub fn of_person(role: Role, dismissed_shown: bool) -> Self {
        let has = |permission: &Permission| role_may(role, dismissed_shown, *permission);
        Self(Permission::ALL.into_iter().filter(has).collect())
    }

    /// Those of an integration: its scopes.
    pub fn of_integration(scopes: &[Permission]) -> Self {
        Self(scopes.to_vec())
    }

    /// Whether nothing of `others` is missing here.
    pub fn cover(&self, others: &Self) -> bool {
        others.0.iter().all(|permission| self.0.contains(permission))
    }
}

impl Actor {
    /// What they may do.
    pub fn rights(&self) -> Rights {
        match &self.integration {
            Some(integration) => Rights::of_integration(&integration.scopes),
            None => Rights::of_person(self.role, self.dismissed_shown),
        }
    }

    /// Whether they have the permission: people by [`role_may`], integrations by their scopes.
    pub fn may(&self, permission: Permission) -> bool {
        if let Some(integration) = &self.integration {
            return integration.scopes.contains(&permission);
        }
        role_may(self.role, self.dismissed_shown, permission)
    }

    /// Whether they are an administrator.
    pub fn is_administrator(&self) -> bool {
        self.role == Role::Administrator
    }

    /// Goes on only with the permission.
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

    /// Goes on for people, who see some work in any case, and for integrations with READ_WORK: to one without it an empty
    /// list would look as if there were nothing.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration without READ_WORK.
    pub fn require_sight_of_work(&self) -> Result<(), Error> {
        match self.integration {
            None => Ok(()),
            Some(_) => self.require(Permission::ReadWork),
        }
    }

    /// Whether they may read the ledgers of handovers.
    pub fn may_read_ledgers(&self) -> bool {
        self.may(Permission::ReassignWork) || self.may(Permission::ReadWork)
    }

    /// Goes on only for those who may read the ledgers of handovers.
    ///
    /// # Errors
    /// [`Error::Forbidden`] without REASSIGN_WORK and READ_WORK.
    pub fn require_ledgers(&self) -> Result<(), Error> {
        match self.may_read_ledgers() {
            true => Ok(()),
            false => Err(Error::Forbidden("REASSIGN_WORK or READ_WORK")),
        }
    }

    /// As [`require_sight_of_work`](Self::require_sight_of_work), of the bytes of files.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration without READ_WORK or READ_FILES.
    pub fn require_sight_of_files(&self) -> Result<(), Error> {
        self.require_sight_of_work()?;
        match self.integration {
            None => Ok(()),
            Some(_) => self.require(Permission::ReadFiles),
        }
    }

    /// Goes on only for people.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for an integration.
    pub fn require_person(&self) -> Result<(), Error> {
        match self.integration {
            None => Ok(()),
            Some(_) => Err(Error::Forbidden("to be a person")),
        }
    }

    /// The secret of an integration by which this acts.
    pub fn secret(&self) -> Option<IntegrationSecretId> {
        self.integration.as_ref().and_then(|acting| acting.secret)
    }

    /// The columns that say who asked for something that lasts: a person, or an integration in its own name.
    pub fn requester(&self) -> (Option<UserId>, Option<IntegrationId>) {
        match &self.integration {
            None => (Some(self.user_id), None),
            Some(integration) => (None, Some(integration.id)),
        }
    }

    /// How the journal names them.
    pub fn author(&self) -> Author {
        match &self.integration {
            None => Author::Person(self.user_id, self.email.clone()),
            Some(integration) => Author::Integration(integration.id, self.email.clone()),
        }
    }
}
