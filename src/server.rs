//! What a running process owns, wired together.

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
use crate::domain::drive::upload_bounds::UploadBounds;
use crate::domain::limits::Limits;
use crate::domain::live::Live;
use crate::error::Error;
use crate::graphql::documents::Introspection;
use crate::graphql::execute::Api;
use crate::graphql::kit::context::Handles;
use crate::http::app::App;
use crate::http::client_address::ProxyHeader;
use crate::http::lasting::Lasting;
use crate::store::db::Db;
use crate::worker;

/// What can be decided about a server.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the database is.
    pub database_url: String,
    /// Where a replica is, for queries.
    pub database_read_url: Option<String>,
    /// Where the bytes of files are.
    pub blob_url: String,
    /// Most bytes of one file.
    pub upload_limit: u64,
    /// Most bytes that a person uploads in a day; 0 for no limit.
    pub upload_quota: u64,
    /// Bytes of the disk that uploads leave free.
    pub keep_free: u64,
    /// The address that clients use: the `iss` of the tokens and the base of all links.
    pub public_url: String,
    /// Who may ask for the schema.
    pub introspection: Introspection,
    /// Points a minute for each caller; 0 for no limit.
    pub rate_limit: u32,
    /// The header in which the proxy in front writes the address of a client.
    pub behind_proxy: ProxyHeader,
    /// Items in one chunk of a handover.
    pub chunk: u64,
    /// The origins whose pages may call this server: `https://app.example.com`.
    pub cors_origins: Vec<String>,
}

impl Options {
    /// The defaults for a database and a place for bytes.
    pub fn new(database_url: impl Into<String>, blob_url: impl Into<String>) -> Self {
        Self {
            database_url: database_url.into(),
            database_read_url: None,
            blob_url: blob_url.into(),
            upload_limit: u64::from(config::UPLOAD_LIMIT) << 20,
            upload_quota: u64::from(config::UPLOAD_QUOTA) << 20,
            keep_free: u64::from(config::KEEP_FREE) << 20,
            public_url: "http://127.0.0.1:8000".to_owned(),
            introspection: Introspection::default(),
            rate_limit: 0,
            behind_proxy: ProxyHeader::None,
            cors_origins: Vec::new(),
            chunk: crate::domain::handover::CHUNK,
        }
    }
}

/// Connects to the database and wires everything up. Starts nothing.
///
/// # Errors
/// When the database can't be reached, or an address is none.
pub async fn open(options: &Options, clock: Clock) -> Result<Arc<App>, Error> {
    // Whoever signs first needs a provider; a second server in the same process finds it there.
    let _already_there = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
    let read_url = options.database_read_url.as_deref();
    let db = Db::connect_with(&options.database_url, read_url, clock).await?;
    let keys = KeyRing::new(db.clone());
    let limits = Arc::new(Limits::new(options.rate_limit));
    let stop = watch::channel(false).0;
    let live = Arc::new(Live::new(db.clone(), stop.subscribe()));
    let handles = Handles {
        db: db.clone(),
        auth: Authenticator {
            db: db.clone(),
            passwords: Passwords::new(options.rate_limit != 0),
            tokens: Tokens::new(keys.clone(), options.public_url.clone()),
            limits: Arc::clone(&limits),
        },
        live: Arc::clone(&live),
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
        uploads: UploadBounds::new(options.upload_quota, options.keep_free),
        behind_proxy: options.behind_proxy,
        cors_origins: origins(&options.cors_origins)?,
        public_url: options.public_url.clone(),
        chunk: options.chunk.max(1),
        stop,
    }))
}

/// Starts the background work of a server; it ends, with the chunk under way, once [`App::stop`] holds true.
pub fn start(app: &App) -> JoinHandle<()> {
    worker::start(
        app.db.clone(),
        Arc::clone(&app.live),
        app.chunk,
        app.stop.subscribe(),
    )
}

/// Reads origins: a scheme and a host, with a port perhaps, and nothing more. `*` is none: a token has no business on
/// any page that asks for it.
fn origins(texts: &[String]) -> Result<Vec<HeaderValue>, Error> {
    let read = |text: &String| {
        let bad = || {
            Error::BadInput(format!(
                "--cors-origin {text}: this is not an origin, as https://app.example.com is"
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
