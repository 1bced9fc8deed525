//! The one place where things are wired together.

use std::sync::Arc;

use axum::http::HeaderValue;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config;
use crate::domain::auth::keys::KeyRing;
use crate::domain::auth::password::Passwords;
use crate::domain::auth::token::Tokens;
use crate::domain::drive::blobs::Blobs;
use crate::domain::drive::upload_bounds::UploadBounds;
use crate::domain::handover::run;
use crate::domain::limits::Limits;
use crate::domain::limits::address::ProxyHeader;
use crate::domain::live;
use crate::domain::live::Live;
use crate::domain::tasks::recurring;
use crate::error::Error;
use crate::graphql::Schemas;
use crate::graphql::documents::Documents;
use crate::http::lasting::Lasting;
use crate::store::db::{Db, replica};
use crate::store::outbox;

/// Everything that a request needs.
pub struct App {
    /// The database.
    pub db: Db,
    /// Hashes and verifies passwords.
    pub passwords: Passwords,
    /// Signs and verifies access tokens.
    pub keys: KeyRing,
    /// Reads access tokens.
    pub tokens: Tokens,
    /// How much somebody may ask for.
    pub limits: Limits,
    /// The header in which the proxy in front writes the address of a client.
    pub behind_proxy: ProxyHeader,
    /// The origins whose pages may call this server.
    pub cors_origins: Vec<HeaderValue>,
    /// Documents that have been sent before.
    pub documents: Arc<Documents>,
    /// Those who wait for something to happen.
    pub live: Live,
    /// Becomes true when the process is to end: what would go on for ever ends then.
    pub stop: watch::Sender<bool>,
    /// The bytes of files.
    pub blobs: Blobs,
    /// Most bytes of one file.
    pub upload_limit: u64,
    /// How much may be uploaded.
    pub uploads: UploadBounds,
    /// How many connections and operations that last each caller has.
    pub lasting: Lasting,
    /// The `iss` of the tokens.
    pub issuer: String,
    /// Items in one chunk of a handover.
    pub chunk: u64,
    /// The API.
    pub schemas: Schemas,
}

/// What can be decided about an [`App`].
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
    /// The `iss` of the tokens.
    pub issuer: String,
    /// Who may ask for the schema.
    pub introspection: config::Introspection,
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
            issuer: "http://127.0.0.1:8000".to_owned(),
            introspection: config::Introspection::default(),
            rate_limit: 0,
            behind_proxy: ProxyHeader::None,
            cors_origins: Vec::new(),
            chunk: run::CHUNK,
        }
    }
}

impl App {
    /// Connects to the database and wires everything up. Starts nothing.
    ///
    /// # Errors
    /// When the database can't be reached, or an address is none.
    pub async fn new(options: &Options, clock: Clock) -> Result<Arc<Self>, Error> {
        // Whoever signs first needs a provider; a second App in the same process finds it there.
        let _already_there = jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER.install_default();
        let documents = Arc::new(Documents::new(options.introspection));
        let read_url = options.database_read_url.as_deref();
        let db = Db::connect_with(&options.database_url, read_url, clock).await?;
        let keys = KeyRing::new(db.clone());
        Ok(Arc::new(Self {
            passwords: Passwords::new(options.rate_limit != 0),
            tokens: Tokens::new(keys.clone(), options.issuer.clone()),
            keys,
            limits: Limits::new(options.rate_limit),
            behind_proxy: options.behind_proxy,
            cors_origins: origins(&options.cors_origins)?,
            live: Live::default(),
            stop: watch::channel(false).0,
            blobs: Blobs::open(&options.blob_url)?,
            upload_limit: options.upload_limit,
            uploads: UploadBounds::new(options.upload_quota, options.keep_free),
            lasting: Lasting::default(),
            issuer: options.issuer.clone(),
            chunk: options.chunk.max(1),
            schemas: Schemas::new(options.introspection, Arc::clone(&documents)),
            documents,
            db,
        }))
    }

    /// Starts the background work; it ends, with the chunk under way, once [`stop`](Self::stop) holds true.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that starts background work"
    )]
    pub fn start(self: &Arc<Self>) -> tokio::task::JoinHandle<()> {
        // Side by side: a long handover does not keep the tasks that are due from being made.
        let messages = outbox::work(Arc::clone(self), self.stop.subscribe());
        let recurring = recurring::work(Arc::clone(self), self.stop.subscribe());
        let live = live::work(Arc::clone(self), self.stop.subscribe());
        let replica = replica::work(self.db.clone(), self.stop.subscribe());
        tokio::spawn(async move {
            tokio::join!(messages, recurring, live, replica);
        })
    }
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
