//! GraphQL types: download links.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};

use crate::graphql::kit::user_error::UserError;

/// Input of `createDownloadLink`.
#[derive(InputObject)]
pub struct CreateDownloadLinkInput {
    /// ID of a file, a folder (downloaded as .zip) or a calendar (downloaded in iCalendar format).
    pub(crate) item_id: ID,
}

/// Payload of `createDownloadLink`.
#[derive(SimpleObject)]
pub struct CreateDownloadLinkPayload {
    /// Single-use download URL; needs no token.
    pub(crate) url: Option<String>,
    /// When the URL expires.
    pub(crate) expires_at: Option<DateTime<Utc>>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}
