//! Download links that need no header, for what a browser loads by itself: a link, an image, a download manager.
//!
//! Each opens one object, once, within sixty seconds, and only while the session in which it was created lasts.

pub mod create;
pub mod take;

use chrono::TimeDelta;
use entity::{CalendarId, FileId, FolderId};
use uuid::Uuid;

use crate::store::journal::Subject;

/// Lifetime of a link.
pub const LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// An object that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Download {
    /// A file.
    File(FileId),
    /// A folder, as an archive.
    Folder(FolderId),
    /// A calendar, as an iCalendar file.
    Calendar(CalendarId),
}

impl Download {
    /// Parses the id of a download.
    pub fn read(id: &str) -> Option<Self> {
        let file = id.parse().map(Self::File);
        let folder = file.or_else(|_| id.parse().map(Self::Folder));
        folder.or_else(|_| id.parse().map(Self::Calendar)).ok()
    }

    /// Returns the download of the object in a row.
    pub fn of(prefix: &str, id: Uuid) -> Option<Self> {
        match prefix {
            FileId::PREFIX => Some(Self::File(FileId(id))),
            FolderId::PREFIX => Some(Self::Folder(FolderId(id))),
            CalendarId::PREFIX => Some(Self::Calendar(CalendarId(id))),
            _ => None,
        }
    }

    /// Returns the subject for a row and the audit log.
    pub fn subject(self) -> Subject {
        match self {
            Self::File(id) => id.into(),
            Self::Folder(id) => id.into(),
            Self::Calendar(id) => id.into(),
        }
    }
}

/// Returns the URL of a link with this secret, below the public URL.
pub fn url(public_url: &str, secret: &str) -> String {
    format!("{}/download/{secret}", public_url.trim_end_matches('/'))
}
