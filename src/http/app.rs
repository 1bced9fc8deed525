//! What the handlers of requests work with.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;

use super::lasting::Lasting;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::keys::KeyRing;
use crate::domain::drive::blobs::Blobs;
use crate::domain::drive::upload_bounds::UploadBounds;
use crate::domain::limits::Limits;
use crate::domain::live::Live;
use crate::graphql::execute::Api;
use crate::http::client_address::ProxyHeader;
use crate::store::db::Db;

/// Everything that a request needs.
pub struct App {
    /// The database.
    pub db: Db,
    /// Runs GraphQL operations.
    pub api: Arc<Api>,
    /// The keys that sign access tokens.
    pub keys: KeyRing,
    /// How much somebody may ask for.
    pub limits: Arc<Limits>,
    /// Those who wait for something to happen.
    pub live: Arc<Live>,
    /// How many connections and operations that last each caller has.
    pub lasting: Lasting,
    /// The bytes of files.
    pub blobs: Blobs,
    /// Most bytes of one file.
    pub upload_limit: u64,
    /// How much may be uploaded.
    pub uploads: UploadBounds,
    /// The header in which the proxy in front writes the address of a client.
    pub behind_proxy: ProxyHeader,
    /// The origins whose pages may call this server.
    pub cors_origins: Vec<HeaderValue>,
    /// The address that clients use: the `iss` of the tokens and the base of all links.
    pub public_url: String,
    /// Items in one chunk of a handover.
    pub chunk: u64,
    /// Becomes true when the process is to end: what would go on for ever ends then.
    pub stop: watch::Sender<bool>,
}

impl App {
    /// Finds out who somebody is.
    pub fn auth(&self) -> &Authenticator {
        &self.api.handles.auth
    }
}
