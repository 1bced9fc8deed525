//! GraphQL types: people.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{DepartmentId, UserId, user};

use crate::domain::people::abilities::Abilities;
use crate::domain::people::list;
use crate::domain::people::list::UserOrder as By;
use crate::domain::people::update::UpdateUser;
use crate::error::Error;
use crate::error::Outcome;
use crate::graphql::kit::connection::connection;
use crate::graphql::kit::fast::columns::{columns, words};
use crate::graphql::kit::scalars::Date;
use crate::graphql::kit::user_error::UserError;
use crate::graphql::kit::user_error::{argument_id_option, argument_ids};
use crate::graphql::types::names::name;
use crate::store::input;
use crate::store::input::Change;

/// Access level of a person.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::Role")]
pub enum Role {
    /// Manages the company's account: dismisses, rehires and reassigns.
    Administrator,
    /// Regular access.
    Employee,
}

/// Status of a person in the company.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "user::UserStatus")]
pub enum UserStatus {
    /// Invited, has not accepted yet.
    Invited,
    /// Active.
    Active,
    /// Dismissed and locked out; can be rehired.
    Dismissed,
}

/// A person: active, invited or dismissed. People are never deleted.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct User {
    /// ID of the object.
    pub id: ID,
    /// ID in the system that the person was imported from.
    external_id: Option<String>,
    /// E-mail address; used to sign in.
    email: String,
    /// First name.
    given_name: Option<String>,
    /// Last name.
    family_name: Option<String>,
    /// Full name; the e-mail address when both names are missing.
    name: String,
    /// Job title.
    position: Option<String>,
    /// Access level.
    pub(crate) role: Role,
    /// Current status.
    pub(crate) status: UserStatus,
    /// Whether the person is dismissed.
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

/// Filter for people. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct UserFilter {
    /// Dismissed people (true), everyone else (false), or everyone you can see (null).
    dismissed: Option<bool>,
    /// People with one of these statuses.
    status: Option<Vec<UserStatus>>,
    /// People with this role.
    role: Option<Role>,
    /// People in this department or one below it.
    department_id: Option<ID>,
    /// Name, e-mail address or position contains this text, case-insensitive.
    search: Option<String>,
    /// Dismissed people who still hold open work (true), or none (false).
    holds_work: Option<bool>,
    /// People with one of these ids, at most 1,000.
    ids: Option<Vec<ID>>,
    /// People with one of these e-mail addresses, case-insensitive, at most 1,000.
    emails: Option<Vec<String>>,
    /// People with one of these `externalId`s, at most 1,000.
    external_ids: Option<Vec<String>>,
    /// People whose dismissal is scheduled (true), or is not (false). Needs DISMISS_USERS.
    dismissal_scheduled: Option<bool>,
    /// Dismissed at or after this time.
    dismissed_since: Option<DateTime<Utc>>,
    /// Dismissed before this time.
    dismissed_until: Option<DateTime<Utc>>,
    /// Changed at or after this time: see `updatedAt`.
    updated_since: Option<DateTime<Utc>>,
}

impl UserFilter {
    /// Checks the filter at the path `at` of the arguments.
    ///
    /// # Errors
    /// [`Error::BadInput`] that names the argument.
    pub(crate) fn check(self, at: &str) -> Result<list::UserFilter, Error> {
        let path = |field: &str| format!("{at}.{field}");
        Ok(list::UserFilter {
            dismissed: self.dismissed,
            status: input::argument_list(self.status, &path("status"))?,
            role: self.role.map(Into::into),
            department: argument_id_option(self.department_id.as_ref(), &path("departmentId"))?,
            search: self.search,
            holds_work: self.holds_work,
            ids: self.ids.map(|ids| argument_ids(&ids, &path("ids"))).transpose()?,
            emails: input::argument_texts(self.emails, &path("emails"))?,
            external_ids: input::argument_texts(self.external_ids, &path("externalIds"))?,
            dismissal_scheduled: self.dismissal_scheduled,
            dismissed_since: self.dismissed_since.map(input::clamp_timestamp),
            dismissed_until: self.dismissed_until.map(input::clamp_timestamp),
            updated_since: self.updated_since.map(input::clamp_timestamp),
        })
    }
}

/// Sort order of a list of people.
#[derive(InputObject)]
pub struct UserOrder {
    /// Field to sort by.
    pub(crate) field: UserOrderField,
    /// Sort direction.
    pub(crate) direction: OrderDirection,
}

/// Field to sort people by.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "By")]
pub enum UserOrderField {
    /// Family name, then given name.
    Name,
    /// E-mail address.
    Email,
    /// First day at work; people without one come first.
    HiredOn,
    /// Time of dismissal; people who are not dismissed come first.
    DismissedAt,
}

/// Sort direction.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
pub enum OrderDirection {
    /// Ascending.
    Asc,
    /// Descending.
    Desc,
}

/// Changes to a person. Fields that are left out stay unchanged; null clears a field.
#[derive(InputObject)]
pub struct UpdateUserInput {
    /// ID of the person.
    user_id: ID,
    /// E-mail address; can't be null.
    email: MaybeUndefined<String>,
    /// First name.
    given_name: MaybeUndefined<String>,
    /// Last name.
    family_name: MaybeUndefined<String>,
    /// Job title.
    position: MaybeUndefined<String>,
    /// ID of the department.
    department_id: MaybeUndefined<ID>,
    /// Access level; can't be null.
    role: MaybeUndefined<Role>,
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

/// What you can do with a person: null when allowed, otherwise the error that you would get.
#[derive(SimpleObject)]
pub struct UserAbilities {
    /// For `dismissUser`.
    dismiss: Option<UserError>,
    /// For `hireUser`.
    hire: Option<UserError>,
    /// For `updateUser`.
    update: Option<UserError>,
    /// For `bulkReassign` of the work they hold.
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
