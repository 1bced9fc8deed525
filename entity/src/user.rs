//! People: everyone who works here, was invited, or has left.

use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, QuerySelect};

use crate::values::Values;
use crate::{DepartmentId, Timestamp, UserId};

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Runs the company's account: dismisses, hires, reassigns.
    Administrator,
    /// Everybody else.
    Employee,
}

/// Where a person stands with the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UserStatus {
    /// Asked to join, has not accepted yet.
    Invited,
    /// Works here.
    Active,
    /// Has left, is locked out, and can be hired back.
    Dismissed,
}

/// A row of `users`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    /// Primary key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UserId,
    /// The id in the system that the person was imported from.
    pub external_id: Option<String>,
    /// The address, written as it was given.
    pub email: String,
    /// The address as people compare it: what makes two addresses the same person.
    pub email_key: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Family name, given name (or the address) as a sort key: the order of lists.
    pub sort_name: String,
    /// The address as a sort key.
    pub sort_email: String,
    /// Name, address and position, folded: what a search looks through.
    pub search_text: String,
    /// Job title.
    pub position: Option<String>,
    /// The department; it stays after a dismissal, so that its head still sees the person's records.
    pub department_id: Option<DepartmentId>,
    /// What the person may do.
    pub role: Role,
    /// Where the person stands.
    pub status: UserStatus,
    /// First day at work.
    pub hired_on: Option<Date>,
    /// Since when dismissed; `None` for everyone else.
    pub dismissed_at: Option<Timestamp>,
    /// When the invitation was accepted (or the account made by other means).
    pub accepted_at: Option<Timestamp>,
    /// Argon2id in PHC form; `None` until a password is set.
    pub password_hash: Option<String>,
    /// When the row was made.
    pub created_at: Timestamp,
    /// When the row was last changed.
    pub updated_at: Timestamp,
}

/// What is shown of a person: neither credentials nor what only searches look through.
#[derive(Clone, Debug)]
pub struct Profile {
    /// Primary key.
    pub id: UserId,
    /// The id in the system that the person was imported from.
    pub external_id: Option<String>,
    /// The address.
    pub email: String,
    /// First name.
    pub given_name: Option<String>,
    /// Last name.
    pub family_name: Option<String>,
    /// Job title.
    pub position: Option<String>,
    /// The department.
    pub department_id: Option<DepartmentId>,
    /// What the person may do.
    pub role: Role,
    /// Where the person stands.
    pub status: UserStatus,
    /// First day at work.
    pub hired_on: Option<Date>,
}

/// No relations: what belongs together is joined or batched where it is needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// What the person is called: given and family name, or the address where there is neither.
    pub fn name(&self) -> String {
        display_name(
            self.given_name.as_deref(),
            self.family_name.as_deref(),
            &self.email,
        )
    }

    /// Whether the person works here now.
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

    /// The same selection, of what is needed here.
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
            role: values.take_word()?,
            status: values.take_word()?,
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

/// What a person of these names is called.
pub fn display_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    match (given, family) {
        (Some(given), Some(family)) => format!("{given} {family}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => email.to_owned(),
    }
}

/// The address in the form that tells whether two are the same.
pub fn email_key(email: &str) -> String {
    text::name_key(email)
}

/// Where a person of these names stands in an alphabetical list: see [`text::sort_key`].
pub fn sort_name(given: Option<&str>, family: Option<&str>, email: &str) -> String {
    match (family, given) {
        (Some(family), Some(given)) => text::sort_key(&format!("{family} {given}")),
        (Some(one), None) | (None, Some(one)) => text::sort_key(one),
        (None, None) => text::sort_key(email),
    }
}

/// What a search for this person looks through.
pub fn search_text(given: Option<&str>, family: Option<&str>, email: &str, position: Option<&str>) -> String {
    let parts: Vec<&str> = [given, family, Some(email), position]
        .into_iter()
        .flatten()
        .collect();
    text::search_key(&parts.join(" "))
}
