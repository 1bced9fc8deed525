//! What an administrator should know about the requests of a directory.

use sea_orm::entity::prelude::*;

use crate::{DirectoryId, Timestamp};

/// Kind of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoteKind {
    /// An attribute that is not stored.
    IgnoredAttribute,
    /// The name of a department that doesn't exist.
    UnknownDepartment,
    /// The manager of a person is not known.
    UnknownManager,
    /// A person dismissed here was not rehired.
    ActivationIgnored,
    /// The directory dismissed unusually many people.
    MassDismissal,
    /// A person keeps the administrator role because no other administrator would remain.
    LastAdministratorKept,
}

/// A row of `directory_notes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "directory_notes")]
pub struct Model {
    /// The directory.
    #[sea_orm(primary_key, auto_increment = false)]
    pub directory_id: DirectoryId,
    /// Kind.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: NoteKind,
    /// What it is about: an attribute, a department or a person.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// When it last happened, to the day.
    pub noted_at: Timestamp,
}

/// No relations: related rows are joined or batched where needed.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
