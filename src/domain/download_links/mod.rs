//! Addresses that open one download without a header, for what a browser loads by itself: a link, an image, a program
//! that downloads.
//!
//! Each is good for one item, once, for sixty seconds, and only as long as the session lasts in which it was made.

pub mod create;
pub mod take;

use chrono::TimeDelta;
use entity::{CalendarId, FileId, FolderId};
use uuid::Uuid;

use crate::store::journal::Subject;

/// How long an address opens something.
pub const LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// What can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// A file.
    File(FileId),
    /// A folder as an archive.
    Folder(FolderId),
    /// A calendar as a file.
    Calendar(CalendarId),
}

impl Download {
    /// The download with this id.
    pub fn read(id: &str) -> Option<Self> {
        let file = id.parse().map(Self::File);
        let folder = file.or_else(|_| id.parse().map(Self::Folder));
        folder.or_else(|_| id.parse().map(Self::Calendar)).ok()
    }

    /// The download of what a row names.
    pub fn of(prefix: &str, id: Uuid) -> Option<Self> {
        match prefix {
            FileId::PREFIX => Some(Self::File(FileId(id))),
            FolderId::PREFIX => Some(Self::Folder(FolderId(id))),
            CalendarId::PREFIX => Some(Self::Calendar(CalendarId(id))),
            _ => None,
        }
    }

    /// What it is, for a row and the audit log.
    pub fn subject(self) -> Subject {
        match self {
            Self::File(id) => id.into(),
            Self::Folder(id) => id.into(),
            Self::Calendar(id) => id.into(),
        }
    }
}

/// The address with this secret, below the public address.
pub fn url(public_url: &str, secret: &str) -> String {
    format!("{}/download/{secret}", public_url.trim_end_matches('/'))
}
