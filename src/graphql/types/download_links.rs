//! The types of the API: download links.

use crate::graphql::kit::user_error::UserError;
use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

/// What is to be downloaded.
#[derive(InputObject)]
pub struct CreateDownloadLinkInput {
    /// A file, a folder (as one .zip) or a calendar (as a file in iCalendar form).
    pub(crate) item_id: ID,
}

/// The answer to `createDownloadLink`.
#[derive(SimpleObject)]
pub struct CreateDownloadLinkPayload {
    /// The address: it needs no token, and opens the download once.
    pub(crate) url: Option<String>,
    /// Until when it opens anything.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}
