//! Settings of a process: flags, each of which is also an environment variable `HANDOVER_<FLAG>`.

use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use hyper::Uri;
use ipnet::IpNet;

use crate::graphql::documents::Introspection;
use crate::http::client_address::ProxyHeader;

/// Default blob store.
pub const DEFAULT_BLOB_URL: &str = "file://./handover-blobs";
/// Default maximum size of a file, in MiB.
pub const DEFAULT_UPLOAD_LIMIT: u32 = 1_024;
/// Default maximum upload per person and day, in MiB.
pub const DEFAULT_UPLOAD_QUOTA: u32 = 10_240;
/// Default disk space that uploads leave free, in MiB.
pub const DEFAULT_KEEP_FREE: u32 = 512;
/// Maximum configurable size of a file, in MiB: a size is a GraphQL Int.
const MAX_UPLOAD_LIMIT: i64 = 2_047;

/// Where data is stored.
#[derive(Args, Debug, Clone)]
pub struct StorageArgs {
    /// Database: sqlite://… or postgres://…
    #[arg(
        long,
        env = "HANDOVER_DATABASE_URL",
        default_value = "sqlite://handover.db?mode=rwc",
        hide_env_values = true
    )]
    pub database_url: String,
    /// Streaming replica of the PostgreSQL database, for queries
    #[arg(long, env = "HANDOVER_DATABASE_READ_URL", hide_env_values = true)]
    pub database_read_url: Option<String>,
    /// Blob store for file contents: file://FOLDER or s3://BUCKET/PREFIX
    #[arg(long, env = "HANDOVER_BLOB_URL", default_value = DEFAULT_BLOB_URL)]
    pub blob_url: String,
}

/// Options of `serve`.
#[derive(Args, Debug, Clone)]
pub struct ServeArgs {
    /// Address to listen on; port 0 picks a free one.
    #[arg(long, env = "HANDOVER_LISTEN", default_value = "127.0.0.1:8000", value_parser = listen_address)]
    pub listen: SocketAddr,
    /// Address on which to serve /metrics for Prometheus, without authentication: one that only the monitoring reaches
    #[arg(long, env = "HANDOVER_METRICS_LISTEN", value_name = "ADDRESS", value_parser = listen_address)]
    pub metrics_listen: Option<SocketAddr>,
    /// Public base URL, such as https://handover.example.com: the issuer of access tokens and the base of all links.
    /// Must be the same for every process on one database [default: the listening address]
    #[arg(long, env = "HANDOVER_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Who may introspect the schema.
    #[arg(long, env = "HANDOVER_INTROSPECTION", value_enum, default_value_t)]
    pub introspection: Introspection,
    /// Points per minute and caller: a request costs one, plus one for each 500 fields it selects. 0 for no limit, also
    /// on sign-ins.
    #[arg(long, env = "HANDOVER_RATE_LIMIT", default_value_t = 1_200)]
    pub rate_limit: u32,
    /// Origins allowed by CORS, separated by commas: https://app.example.com
    #[arg(long = "cors-origin", env = "HANDOVER_CORS_ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Maximum number of concurrent connections; fewer where the limit of open files is lower.
    #[arg(long, env = "HANDOVER_MAX_CONNECTIONS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,
    /// Take the address of a client from the last entry of a header set by the reverse proxy: X-Forwarded-For without a
    /// value, =forwarded for that of RFC 7239.
    #[arg(
        long,
        env = "HANDOVER_BEHIND_PROXY",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_value = "none",
        default_missing_value = "x-forwarded-for"
    )]
    pub behind_proxy: ProxyHeader,
    /// Maximum size of an uploaded file, in MiB.
    #[arg(long, env = "HANDOVER_UPLOAD_LIMIT", default_value_t = DEFAULT_UPLOAD_LIMIT, value_parser = clap::value_parser!(u32).range(1..=MAX_UPLOAD_LIMIT))]
    pub upload_limit: u32,
    /// Maximum upload per person and day, in MiB, counted by each process; 0 for no limit.
    #[arg(long, env = "HANDOVER_UPLOAD_QUOTA", default_value_t = DEFAULT_UPLOAD_QUOTA)]
    pub upload_quota: u32,
    /// Disk space that uploads leave free, in MiB: the database may be on the same disk.
    #[arg(long, env = "HANDOVER_KEEP_FREE", default_value_t = DEFAULT_KEEP_FREE)]
    pub keep_free: u32,
    /// Networks that webhooks and identity providers may be in though they are not public, such as 10.0.0.0/8; http is
    /// allowed there too. Separated by commas
    #[arg(
        long = "egress-allow",
        env = "HANDOVER_EGRESS_ALLOW",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    pub egress_allow: Vec<IpNet>,
    /// Certificates of authorities that outgoing requests trust in addition to those of the machine: a file in PEM
    #[arg(long, env = "HANDOVER_EGRESS_CA", value_name = "FILE")]
    pub egress_ca: Option<PathBuf>,
    /// The same as --egress-allow 127.0.0.0/8,::1
    #[arg(long, env = "HANDOVER_ALLOW_PRIVATE_WEBHOOKS", hide = true)]
    pub allow_private_webhooks: bool,
    /// Log format.
    #[arg(long, env = "HANDOVER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Number of items in one chunk of a handover.
    #[arg(long, env = "HANDOVER_CHUNK", default_value_t = crate::domain::handover::CHUNK, hide = true)]
    pub chunk: u64,
}

/// Log format.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human-readable.
    Text,
    /// One JSON object per line.
    Json,
}

/// Parses the address to listen on; host names such as `localhost` are resolved.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| "expected an address with a port, such as 127.0.0.1:8000".to_owned())
}

/// Parses the public URL and strips trailing slashes.
fn public_url(text: &str) -> Result<String, String> {
    let example = "expected a URL without parameters, such as https://handover.example.com";
    let url: Uri = text.parse().map_err(|_| example)?;
    let host = url
        .authority()
        .filter(|authority| !authority.as_str().contains('@'));
    match (url.scheme_str(), host, url.query()) {
        (Some("http" | "https"), Some(_), None) if !text.contains('#') => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(example.to_owned()),
    }
}
