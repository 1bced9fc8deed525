//! Shared dependencies of the request handlers.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;

use super::lasting::Lasting;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::keys::KeyRing;
use crate::domain::drive::blobs::Blobs;
use crate::domain::drive::upload_limits::UploadLimits;
use crate::domain::limits::Limits;
use crate::domain::live::Live;
use crate::domain::openid::providers::Providers;
use crate::graphql::execute::Api;
use crate::http::client_address::ProxyHeader;
use crate::store::db::Db;

/// Everything that a request needs.
pub struct App {
    /// The database.
    pub db: Db,
    /// Executes GraphQL operations.
    pub api: Arc<Api>,
    /// The keys that sign access tokens.
    pub keys: KeyRing,
    /// Rate limits.
    pub limits: Arc<Limits>,
    /// The subscribers.
    pub live: Arc<Live>,
    /// Counts the open connections and long-running operations of each caller.
    pub lasting: Lasting,
    /// Storage for the content of files.
    pub blobs: Blobs,
    /// Maximum size of a file, in bytes.
    pub upload_limit: u64,
    /// Limits for uploads.
    pub uploads: UploadLimits,
    /// The header in which the reverse proxy passes the client's address.
    pub behind_proxy: ProxyHeader,
    /// Allowed CORS origins.
    pub cors_origins: Vec<HeaderValue>,
    /// The public address of the server: the `iss` of the tokens and the base of all links.
    pub public_url: String,
    /// Number of items in a chunk of a handover.
    pub chunk: u64,
    /// Becomes true when the process shuts down: ends everything that would otherwise run without end.
    pub stop: watch::Sender<bool>,
}

impl App {
    /// What is known of identity providers.
    pub fn providers(&self) -> &Providers {
        &self.api.handles.providers
    }

    /// Authenticates callers.
    pub fn auth(&self) -> &Authenticator {
        &self.api.handles.auth
    }
}
