//! People: current employees, invited people, and dismissed ones.

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QuerySelect};

use crate::values::Values;
use crate::{DepartmentId, Timestamp, UserId};

/// Role of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Manages people: dismisses, hires, reassigns work.
    Administrator,
    /// Everybody else.
    Employee,
}

/// Status of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Invited, has not accepted yet.
    Invited,
    /// Current employee.
    Active,
    /// Dismissed and locked out; can be rehired.
    Dismissed,
}

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// The id in the system they were imported from.
    pub external_id: Option<String>,
    /// E-mail address as entered.
    pub email: String,
    /// Folded e-mail address, which identifies a person.
    pub email_key: String,
    /// Whether the e-mail address is enough to know the person by at a sign-in with an identity provider: no integration
    /// has changed it since they could sign in, or a person has written it again.
    pub email_identifies: bool,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Sort key of family name and given name (or the e-mail address), for lists.
    pub sort_name: String,
    /// Sort key of the e-mail address.
    pub sort_email: String,
    /// Folded name, e-mail address and position, for searches.
    pub search_text: String,
    /// Job title.
    pub position: Option<String>,
    /// Department; kept after a dismissal, so that its head still sees the person's records.
    pub department_id: Option<DepartmentId>,
    /// Role.
    pub role: Role,
    /// Status.
    pub status: UserStatus,
    /// First working day.
    pub hired_on: Option<Date>,
    /// When the person was dismissed; `None` for everyone else.
    pub dismissed_at: Option<Timestamp>,
    /// When the invitation was accepted, or the account was created otherwise.
    pub accepted_at: Option<Timestamp>,
    /// Argon2id in PHC form; `None` until a password is set.
    pub password_hash: Option<String>,
    /// When the row was created.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

/// Visible columns of a person: no credentials, and no search columns.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Primary key.
    pub id: UserId,
    /// The id in the system they were imported from.
    pub external_id: Option<String>,
    /// E-mail address.
    pub email: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Job title.
    pub position: Option<String>,
    /// Department.
    pub department_id: Option<DepartmentId>,
    /// Role.
    pub role: Role,
    /// Status.
    pub status: UserStatus,
    /// First working day.
    pub hired_on: Option<Date>,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Returns the given and family name, or the e-mail address if there is neither.
    pub fn name(&self) -> String {
        display_name(
            self.given_name.as_deref(),
            self.family_name.as_deref(),
            &self.email,
        )
    }

    /// Returns whether somebody else has the address of this leaver now: see [`given_up_key`].
    pub fn has_given_up_address(&self) -> bool {
        self.email_key == given_up_key(self.id)
    }

    /// Returns whether the person is a current employee.
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }
}

impl Profile {
    /// The columns, in the order in which they are read.
    const COLUMNS: [Column; 10] = [
        Column::Id,
        Column::ExternalId,
        Column::Email,
        Column::GivenName,
        Column::FamilyName,
        Column::Position,
        Column::DepartmentId,
        Column::Role,
        Column::Status,
        Column::HiredOn,
    ];

    /// Restricts a query to the columns of a profile.
    pub fn select(people: Select<Entity>) -> Select<Entity> {
        people.select_only().columns(Self::COLUMNS)
    }

    /// See [`Model::name`].
    pub fn name(&self) -> String {
        display_name(
            self.given_name.as_deref(),
            self.family_name.as_deref(),
            &self.email,
        )
    }

    /// See [`Model::is_active`].
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }
}

impl FromQueryResult for Profile {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        let mut values = Values::of(row);
        Ok(Self {
            id: UserId(values.take()?),
            external_id: values.take()?,
            email: values.take()?,
            given_name: values.take()?,
            family_name: values.take()?,
            position: values.take()?,
            department_id: values.take::<Option<_>>()?.map(DepartmentId),
            role: values.take_enum()?,
            status: values.take_enum()?,
            hired_on: values.take()?,
        })
    }
}

impl From<Model> for Profile {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            external_id: row.external_id,
            email: row.email,
            given_name: row.given_name,
            family_name: row.family_name,
            position: row.position,
            department_id: row.department_id,
            role: row.role,
            status: row.status,
            hired_on: row.hired_on,
        }
    }
}

/// Returns the display name for these names.
pub fn display_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    match (given, family) {
        (Some(given), Some(family)) => format!("{given} {family}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => email.to_owned(),
    }
}

/// Returns the e-mail address in the form used for comparing two of them.
pub fn email_key(email: &str) -> String {
    text::name_key(email)
}

/// The beginning of a [`given_up_key`].
pub const GIVEN_UP: &str = "given up by ";

/// Returns the key in place of [`email_key`] for a leaver whose address somebody else has now: it is still displayed, and
/// can't be signed in with. Not a key of any address, because it contains a space.
pub fn given_up_key(id: UserId) -> String {
    format!("{GIVEN_UP}{id}")
}

/// Returns the sort key of a person: see [`text::sort_key`].
pub fn sort_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    match (family, given) {
        (Some(family), Some(given)) => text::sort_key(&format!("{family} {given}")),
        (Some(one), None) | (None, Some(one)) => text::sort_key(one),
        (None, None) => text::sort_key(email),
    }
}

/// Returns the text that searches for a person match.
pub fn search_text(given: Option<&str>, family: Option<&str>, email: &str, position: Option<&str>) -> String {
    let parts: Vec<&str> = [given, family, Some(email), position]
        .into_iter()
        .flatten()
        .collect();
    text::search_key(&parts.join(" "))
}
