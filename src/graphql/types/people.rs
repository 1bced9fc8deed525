//! The types of the API: people.

use crate::domain::people::abilities::Abilities;
use crate::domain::people::list::UserOrder as By;
use crate::domain::people::update::UpdateUser;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::scalars::Date;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::types::names::name;
use crate::store::input;
use crate::store::input::Change;
use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{DepartmentId, UserId, user};

/// What a person may do.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::Role")]
pub enum Role {
    /// Runs the company's account: dismisses, hires, reassigns.
    Administrator,
    /// Everybody else.
    Employee,
}

/// Where a person stands with the company.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::UserStatus")]
pub enum UserStatus {
    /// Asked to join, has not accepted yet.
    Invited,
    /// Works here.
    Active,
    /// Has left and is locked out; can be hired back.
    Dismissed,
}

/// A person: someone who works here, was invited, or has left. People are never deleted.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct User {
    /// The id.
    pub id: ID,
    /// The id in the system that the person was imported from.
    external_id: Option<String>,
    /// The e-mail address, with which the person signs in.
    email: String,
    /// First name.
    given_name: Option<String>,
    /// Last name.
    family_name: Option<String>,
    /// Given and family name; the e-mail address where there is neither.
    name: String,
    /// Job title.
    position: Option<String>,
    /// What the person may do.
    pub(crate) role: Role,
    /// Where the person stands.
    pub(crate) status: UserStatus,
    /// Whether the person has left.
    dismissed: bool,
    /// First day at work.
    hired_on: Option<Date>,
    #[graphql(skip)]
    pub(crate) key: UserId,
    #[graphql(skip)]
    pub(crate) department_id: Option<DepartmentId>,
}

impl From<user::Profile> for User {
    fn from(person: user::Profile) -> Self {
        Self {
            id: person.id.to_string().into(),
            name: person.name(),
            external_id: person.external_id,
            email: person.email,
            given_name: person.given_name,
            family_name: person.family_name,
            position: person.position,
            role: person.role.into(),
            status: person.status.into(),
            dismissed: person.status == user::UserStatus::Dismissed,
            hired_on: person.hired_on.map(Date),
            key: person.id,
            department_id: person.department_id,
        }
    }
}

impl From<user::Model> for User {
    fn from(row: user::Model) -> Self {
        user::Profile::from(row).into()
    }
}

columns!(User {
    "id": id,
    "externalId": external_id,
    "email": email,
    "givenName": given_name,
    "familyName": family_name,
    "name": name,
    "position": position,
    "role": role,
    "status": status,
    "dismissed": dismissed,
    "hiredOn": hired_on,
});

words!(Role, UserStatus);

connection!(User, UserConnection, UserEdge, "people");

/// Which people. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// True: those who have left. False: everyone else. Null: everyone whom you may see.
    pub(crate) dismissed: Option<bool>,
    /// Those in one of these states.
    pub(crate) status: Option<Vec<UserStatus>>,
    /// Those with this role.
    pub(crate) role: Option<Role>,
    /// Those in this department or below.
    pub(crate) department_id: Option<ID>,
    /// Those with this text in name, e-mail address or position; letter case does not matter.
    pub(crate) search: Option<String>,
    /// Dismissed people who still hold something open (true), or nothing any more (false).
    pub(crate) holds_work: Option<bool>,
    /// Those with one of these ids, 1,000 at most.
    pub(crate) ids: Option<Vec<ID>>,
    /// Those with one of these e-mail addresses, in any letter case, 1,000 at most.
    pub(crate) emails: Option<Vec<String>>,
    /// Those with one of these ids in the system that they were imported from, 1,000 at most.
    pub(crate) external_ids: Option<Vec<String>>,
    /// Those whose dismissal is scheduled (true), or is not (false). Needs DISMISS_USERS.
    pub(crate) dismissal_scheduled: Option<bool>,
    /// Dismissed at this moment or later.
    pub(crate) dismissed_since: Option<DateTime<Utc>>,
    /// Dismissed before this moment.
    pub(crate) dismissed_until: Option<DateTime<Utc>>,
    /// Changed at this moment or later: see `updatedAt`.
    pub(crate) updated_since: Option<DateTime<Utc>>,
}

/// The order of a list of people.
#[derive(InputObject)]
pub struct UserOrder {
    /// By what.
    pub(crate) field: UserOrderField,
    /// Which end first.
    pub(crate) direction: OrderDirection,
}

/// What a list of people is ordered by.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "By")]
pub enum UserOrderField {
    /// Family name, then given name.
    Name,
    /// E-mail address.
    Email,
    /// First day at work; those without one come first.
    HiredOn,
    /// Moment of dismissal; those who are not dismissed come first.
    DismissedAt,
}

/// Which end of a list comes first.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum OrderDirection {
    /// The least.
    Asc,
    /// The greatest.
    Desc,
}

/// The company's settings.
#[derive(SimpleObject)]
pub struct Settings {
    /// Whether employees see dismissed people in lists. Administrators always do.
    pub(crate) show_dismissed_employees: bool,
}

/// What is to change of a person; what is left out stays, null removes.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// Who.
    user_id: ID,
    /// The e-mail address; it can't be removed.
    email: MaybeUndefined<String>,
    /// First name.
    given_name: MaybeUndefined<String>,
    /// Last name.
    family_name: MaybeUndefined<String>,
    /// Job title.
    position: MaybeUndefined<String>,
    /// The department.
    department_id: MaybeUndefined<ID>,
    /// What they may do; it can't be removed.
    role: MaybeUndefined<Role>,
}

/// What is to change of the settings; what is left out stays.
#[derive(InputObject)]
pub struct UpdateSettingsInput {
    /// Whether employees see dismissed people in lists.
    pub(crate) show_dismissed_employees: Option<bool>,
}

/// The answer to `updateSettings`.
#[derive(SimpleObject)]
pub struct UpdateSettingsPayload {
    /// The settings as they are now.
    pub(crate) settings: Option<Settings>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

impl UpdateUserInput {
    pub(crate) fn check(self) -> Outcome<UpdateUser> {
        Ok(UpdateUser {
            user: input::id(&self.user_id, "userId")?,
            email: Change::from(self.email).check(|text: String| input::email(&text, "email"))?,
            given_name: Change::from(self.given_name).check(|text| name(text, "givenName"))?,
            family_name: Change::from(self.family_name).check(|text| name(text, "familyName"))?,
            position: Change::from(self.position).check(|text| name(text, "position"))?,
            department_id: Change::from(self.department_id).check(|id: ID| input::id(&id, "departmentId"))?,
            role: Change::from(self.role).check(|role: Role| Ok(role.into()))?,
        })
    }
}

/// What you may do with a person: null where you may, otherwise why not.
#[derive(SimpleObject)]
pub struct UserAbilities {
    /// `dismissUser`.
    dismiss: Option<UserError>,
    /// `hireUser`.
    hire: Option<UserError>,
    /// `updateUser`.
    update: Option<UserError>,
    /// `bulkReassign` of what they hold.
    hand_over: Option<UserError>,
}

impl From<Abilities> for UserAbilities {
    fn from(abilities: Abilities) -> Self {
        Self {
            dismiss: abilities.dismiss.map(UserError::from),
            hire: abilities.hire.map(UserError::from),
            update: abilities.update.map(UserError::from),
            hand_over: abilities.hand_over.map(UserError::from),
        }
    }
}
