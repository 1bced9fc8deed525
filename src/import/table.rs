//! The import files and their columns.

use std::fmt;
use std::path::Path;

use crate::error::Error;

/// An import file. The order is the order of import: rows refer to rows of earlier files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The tree of departments.
    Departments,
    /// People.
    Users,
    /// Tasks.
    Tasks,
    /// CRM records.
    Crm,
    /// Events of calendars.
    Events,
    /// Folders and files.
    Files,
    /// Folders of which only the path is known.
    Folders,
}

impl Table {
    /// All files in import order.
    pub const ALL: [Self; 7] = [
        Self::Departments,
        Self::Users,
        Self::Tasks,
        Self::Crm,
        Self::Events,
        Self::Files,
        Self::Folders,
    ];

    /// The name of the file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Departments => "departments.csv",
            Self::Users => "users.csv",
            Self::Tasks => "tasks.csv",
            Self::Crm => "crm.csv",
            Self::Events => "events.csv",
            Self::Files => "files.csv",
            Self::Folders => "drive_folders.csv",
        }
    }

    /// Its columns.
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Departments => &["id", "name", "parent_id", "head_email"],
            Self::Users => &[
                "id",
                "email",
                "given_name",
                "family_name",
                "position",
                "department_id",
                "hired_on",
                "dismissed_on",
                "role",
            ],
            Self::Tasks => &[
                "id",
                "title",
                "creator_email",
                "responsible_email",
                "participants",
                "observers",
                "status",
                "created_at",
                "deadline",
            ],
            Self::Crm => &[
                "id",
                "kind",
                "title",
                "stage",
                "amount",
                "currency",
                "responsible_email",
                "created_at",
            ],
            Self::Events => &[
                "id",
                "title",
                "organizer_email",
                "attendees",
                "starts_at",
                "ends_at",
                "recurrence",
                "timezone",
                "location",
            ],
            Self::Files => &[
                "id",
                "name",
                "owner_email",
                "is_folder",
                "folder_id",
                "revision",
                "status",
                "modified_on",
            ],
            Self::Folders => &["path", "owners", "reviewers"],
        }
    }

    /// Its required columns.
    pub fn needed(self) -> &'static [&'static str] {
        match self {
            Self::Departments => &["id", "name"],
            Self::Users => &["email"],
            Self::Tasks => &["id", "title"],
            Self::Crm => &["id", "kind", "title"],
            Self::Events => &["id", "title", "organizer_email"],
            Self::Files => &["id", "name", "owner_email"],
            Self::Folders => &["path", "owners"],
        }
    }
}

/// The error for a file that can't be read or written.
pub(super) fn unreadable(path: &Path, cause: &dyn fmt::Display) -> Error {
    Error::BadInput(format!("{}: {cause}", path.display()))
}
