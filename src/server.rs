//! Wires up what a running process owns.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config;
use crate::domain::auth::authenticator::Authenticator;
use crate::domain::auth::keys::KeyRing;
use crate::domain::auth::password::Passwords;
use crate::domain::auth::token::Tokens;
use crate::domain::drive::blobs::Blobs;
use crate::domain::drive::upload_limits::UploadLimits;
use crate::domain::limits::Limits;
use crate::domain::live::Live;
use crate::domain::openid::providers::Providers;
use crate::egress::{self, Egress};
use crate::error::Error;
use crate::graphql::documents::Introspection;
use crate::graphql::execute::Api;
use crate::graphql::kit::context::Handles;
use crate::http::app::App;
use crate::http::client_address::ProxyHeader;
use crate::http::lasting::Lasting;
use crate::store::db::Db;
use crate::worker;

/// Options of a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// URL of the database.
    pub database_url: String,
    /// URL of a replica for queries.
    pub database_read_url: Option<String>,
    /// URL of the blob store for file contents.
    pub blob_url: String,
    /// Maximum size of a file, in bytes.
    pub upload_limit: u64,
    /// Maximum number of bytes a person may upload per day; 0 for no limit.
    pub upload_quota: u64,
    /// Bytes of disk space that uploads leave free.
    pub keep_free: u64,
    /// Public base URL: the `iss` of access tokens and the base of all links.
    pub public_url: String,
    /// Who may introspect the schema.
    pub introspection: Introspection,
    /// Points per minute and caller; 0 for no limit.
    pub rate_limit: u32,
    /// Header in which the reverse proxy passes the address of a client.
    pub behind_proxy: ProxyHeader,
    /// Number of items in one chunk of a handover.
    pub chunk: u64,
    /// Origins allowed by CORS: `https://app.example.com`.
    pub cors_origins: Vec<String>,
    /// Where outgoing requests may go.
    pub egress: egress::Settings,
}

impl Options {
    /// Returns the default options for a database and a blob store.
    pub fn new(database_url: impl Into<String>, blob_url: impl Into<String>) -> Self {
        Self {
            database_url: database_url.into(),
            database_read_url: None,
            blob_url: blob_url.into(),
            upload_limit: u64::from(config::DEFAULT_UPLOAD_LIMIT) << 20,
            upload_quota: u64::from(config::DEFAULT_UPLOAD_QUOTA) << 20,
            keep_free: u64::from(config::DEFAULT_KEEP_FREE) << 20,
            public_url: "http://127.0.0.1:8000".to_owned(),
            introspection: Introspection::default(),
            rate_limit: 0,
            behind_proxy: ProxyHeader::None,
            cors_origins: Vec::new(),
            egress: egress::Settings::default(),
            chunk: crate::domain::handover::CHUNK,
        }
    }
}

/// Connects to the database and wires everything up. Starts nothing.
///
/// # Errors
/// When the database is unreachable, or a URL or an origin is invalid.
pub async fn open(options: &Options, clock: Clock) -> Result<Arc<App>, Error> {
    // Signing tokens needs a provider; a second server in the same process finds it installed.
    let _already_there = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let read_url = options.database_read_url.as_deref();
    let db = Db::connect_with(&options.database_url, read_url, clock).await?;
    let keys = KeyRing::new(db.clone());
    let limits = Arc::new(Limits::new(options.rate_limit));
    let stop = watch::channel(false).0;
    let live = Arc::new(Live::new(db.clone(), stop.subscribe()));
    let egress = Egress::new(&options.egress)?;
    let handles = Handles {
        db: db.clone(),
        auth: Authenticator {
            db: db.clone(),
            passwords: Passwords::new(options.rate_limit != 0),
            tokens: Tokens::new(keys.clone(), options.public_url.clone()),
            limits: Arc::clone(&limits),
        },
        live: Arc::clone(&live),
        providers: Providers::new(egress.clone()),
        egress,
        public_url: options.public_url.clone(),
    };
    Ok(Arc::new(App {
        db,
        api: Arc::new(Api::new(Arc::new(handles), options.introspection)),
        keys,
        limits,
        live,
        lasting: Lasting::default(),
        blobs: Blobs::open(&options.blob_url)?,
        upload_limit: options.upload_limit,
        uploads: UploadLimits::new(options.upload_quota, options.keep_free),
        behind_proxy: options.behind_proxy,
        cors_origins: origins(&options.cors_origins)?,
        public_url: options.public_url.clone(),
        chunk: options.chunk.max(1),
        stop,
    }))
}

/// Starts the background work of a server; it finishes the current chunk and ends once [`App::stop`] is true.
pub fn start(app: &App) -> JoinHandle<()> {
    worker::start(
        app.db.clone(),
        app.api.handles.egress.clone(),
        Arc::clone(&app.live),
        app.chunk,
        app.stop.subscribe(),
    )
}

/// Parses origins: scheme, host and optional port. `*` is refused: no arbitrary page should be able to use a token.
fn origins(texts: &[String]) -> Result<Vec<HeaderValue>, Error> {
    let read = |text: &String| {
        let bad = || {
            Error::BadInput(format!(
                "--cors-origin {text}: not an origin, such as https://app.example.com"
            ))
        };
        let host = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        host.filter(|host| !host.is_empty() && !host.contains(['/', '*', ' ']))
            .ok_or_else(bad)?;
        HeaderValue::from_str(text).map_err(|_| bad())
    };
    texts.iter().map(read).collect()
}
