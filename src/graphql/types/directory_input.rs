//! Inputs of directories.

use async_graphql::{ID, InputObject, OneofObject};
use entity::handover_part;

use crate::domain::directory::admin::link;
use crate::domain::directory::admin::update;
use crate::domain::directory::groups::map::Target;
use crate::domain::directory::policy;
use crate::error::{Code, Outcome, refuse};
use crate::graphql::types::directories::WhenDismissedHere;
use crate::graphql::types::work::WorkKind;
use crate::store::input;

/// Maximum number of moves: more than there are kinds of work.
const MAX_MOVES: usize = 50;
/// Maximum length of a user name or an external ID, in characters.
const MAX_NAME: usize = 254;

/// Input of `createDirectory`.
#[derive(InputObject)]
pub struct CreateDirectoryInput {
    /// Name.
    pub(crate) name: String,
    /// ID of an integration with the scope PROVISION_PEOPLE. The directory authenticates as this integration.
    pub(crate) integration_id: ID,
}

/// Input of `updateDirectory`. What is left out stays.
#[derive(InputObject)]
pub struct UpdateDirectoryInput {
    /// ID of the directory.
    directory_id: ID,
    /// Name.
    name: Option<String>,
    /// Who gets the work of the people whom the directory dismisses. An empty list leaves the work with them.
    handover_moves: Option<Vec<DirectoryMoveInput>>,
    /// Seconds between a dismissal and the handover, at most thirty days.
    handover_after_seconds: Option<i32>,
    /// What happens when the directory activates a person who was dismissed here.
    when_dismissed_here: Option<WhenDismissedHere>,
    /// Whether people are assigned to the department whose name the directory sends.
    departments_by_name: Option<bool>,
}

/// One kind of work and who may get it.
#[derive(InputObject)]
pub struct DirectoryMoveInput {
    /// Kind of work.
    kind: WorkKind,
    /// Recipients in order of preference: the first who is active gets the work.
    to: Vec<DirectoryRecipientInput>,
    /// Whether closed items move too; defaults to false.
    include_closed: Option<bool>,
}

/// Somebody who may get work: exactly one of these.
#[derive(OneofObject)]
pub enum DirectoryRecipientInput {
    /// The manager whom the directory names. Must be true.
    Manager(bool),
    /// The nearest active head of department above the person. Must be true.
    HeadOfDepartment(bool),
    /// ID of this person.
    UserId(ID),
}

/// Input of `endDirectory` and `releaseHeldHandovers`.
#[derive(InputObject)]
pub struct EndDirectoryInput {
    /// ID of the directory.
    pub(crate) directory_id: ID,
}

/// Input of `linkToDirectory` and `unlinkFromDirectory`.
#[derive(InputObject)]
pub struct LinkToDirectoryInput {
    /// ID of the directory.
    pub(crate) directory_id: ID,
    /// ID of the person.
    pub(crate) user_id: ID,
    /// Name in the directory; the e-mail address when left out.
    user_name: Option<String>,
    /// ID in the directory; the ID from the import when left out.
    external_id: Option<String>,
}

/// Input of `exemptFromDirectory`.
#[derive(InputObject)]
pub struct ExemptFromDirectoryInput {
    /// ID of the person.
    pub(crate) user_id: ID,
    /// Whether directories may no longer dismiss them.
    pub(crate) exempt: bool,
}

/// Input of `mapDirectoryGroup`.
#[derive(InputObject)]
pub struct MapDirectoryGroupInput {
    /// ID of the group.
    pub(crate) group_id: ID,
    /// What its members get.
    pub(crate) to: DirectoryGroupTargetInput,
    /// Defaults to true. False ends the mapping: members lose what they got by it.
    pub(crate) map: Option<bool>,
}

/// What the members of a group get: exactly one of these.
#[derive(OneofObject)]
pub enum DirectoryGroupTargetInput {
    /// ID of a department.
    DepartmentId(ID),
    /// ID of a CRM role.
    CrmRoleId(ID),
    /// The administrator role. Must be true.
    Administrators(bool),
}

impl UpdateDirectoryInput {
    pub(crate) fn check(self) -> Outcome<update::UpdateDirectory> {
        let moves = self.handover_moves.map(|moves| {
            if moves.len() > MAX_MOVES {
                return refuse(Code::TooMany, "handoverMoves", format!("at most {MAX_MOVES}"));
            }
            moves
                .into_iter()
                .enumerate()
                .map(|(place, one)| one.check(place))
                .collect::<Outcome<_>>()
        });
        Ok(update::UpdateDirectory {
            directory: input::id(&self.directory_id, "directoryId")?,
            name: self
                .name
                .map(|name| input::check_line(&name, input::NAME, "name"))
                .transpose()?,
            handover_moves: moves.transpose()?,
            handover_after_seconds: self.handover_after_seconds,
            when_dismissed_here: self.when_dismissed_here.map(Into::into),
            departments_by_name: self.departments_by_name,
        })
    }
}

impl DirectoryMoveInput {
    fn check(self, place: usize) -> Outcome<policy::DirectoryMove> {
        let read = |(rank, recipient): (usize, DirectoryRecipientInput)| {
            let field = |name: &str| format!("handoverMoves.{place}.to.{rank}.{name}");
            match recipient {
                DirectoryRecipientInput::Manager(true) => Ok(policy::Recipient::Manager),
                DirectoryRecipientInput::HeadOfDepartment(true) => Ok(policy::Recipient::HeadOfDepartment),
                DirectoryRecipientInput::UserId(id) => {
                    Ok(policy::Recipient::User(input::id(&id, &field("userId"))?))
                }
                DirectoryRecipientInput::Manager(false) => {
                    refuse(Code::Invalid, &field("manager"), "it must be true")
                }
                DirectoryRecipientInput::HeadOfDepartment(false) => {
                    refuse(Code::Invalid, &field("headOfDepartment"), "it must be true")
                }
            }
        };
        Ok(policy::DirectoryMove {
            kind: handover_part::WorkKind::from(self.kind),
            to: self
                .to
                .into_iter()
                .enumerate()
                .map(read)
                .collect::<Outcome<_>>()?,
            include_closed: self.include_closed.unwrap_or(false),
        })
    }
}

impl LinkToDirectoryInput {
    pub(crate) fn check(self) -> Outcome<link::LinkToDirectory> {
        let line = |text: Option<String>, field: &str| {
            text.map(|text| input::check_line(&text, MAX_NAME, field))
                .transpose()
        };
        Ok(link::LinkToDirectory {
            directory: input::id(&self.directory_id, "directoryId")?,
            user: input::id(&self.user_id, "userId")?,
            user_name: line(self.user_name, "userName")?,
            external_id: line(self.external_id, "externalId")?,
        })
    }
}

impl DirectoryGroupTargetInput {
    pub(crate) fn check(self) -> Outcome<Target> {
        Ok(match self {
            Self::DepartmentId(id) => Target::Department(input::id(&id, "to.departmentId")?),
            Self::CrmRoleId(id) => Target::CrmRole(input::id(&id, "to.crmRoleId")?),
            Self::Administrators(true) => Target::Administrators,
            Self::Administrators(false) => {
                return refuse(Code::Invalid, "to.administrators", "it must be true");
            }
        })
    }
}
