//! The settings of a process: flags, each of which is also an environment variable `HANDOVER_<FLAG>`.

use std::net::{SocketAddr, ToSocketAddrs};

use clap::{Args, ValueEnum};
use hyper::Uri;

use crate::graphql::documents::Introspection;
use crate::http::client_address::ProxyHeader;

/// Where the bytes of files are, if nobody says otherwise.
pub const BLOBS: &str = "file://./handover-blobs";
/// Most mebibytes of one file, if nobody says otherwise.
pub const UPLOAD_LIMIT: u32 = 1_024;
/// Most mebibytes that a person uploads in a day, if nobody says otherwise.
pub const UPLOAD_QUOTA: u32 = 10_240;
/// Mebibytes of the disk that uploads leave free, if nobody says otherwise.
pub const KEEP_FREE: u32 = 512;
/// Most mebibytes that one file can ever have: its size is a GraphQL Int.
const LARGEST: i64 = 2_047;

/// Where the data is.
#[derive(Args, Debug, Clone)]
pub struct Data {
    /// The database: sqlite://… or postgres://…
    #[arg(
        long,
        env = "HANDOVER_DATABASE_URL",
        default_value = "sqlite://handover.db?mode=rwc",
        hide_env_values = true
    )]
    pub database_url: String,
    /// A streaming replica of the PostgreSQL database, for queries
    #[arg(long, env = "HANDOVER_DATABASE_READ_URL", hide_env_values = true)]
    pub database_read_url: Option<String>,
    /// Where the bytes of files are: file://FOLDER or s3://BUCKET/PREFIX
    #[arg(long, env = "HANDOVER_BLOB_URL", default_value = BLOBS)]
    pub blob_url: String,
}

/// How to serve.
#[derive(Args, Debug, Clone)]
pub struct Serving {
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "HANDOVER_LISTEN", default_value = "127.0.0.1:8000", value_parser = listen_address)]
    pub listen: SocketAddr,
    /// The address that clients use, as https://handover.example.com: the issuer of access tokens and the base of all
    /// links. Every process on one database needs the same one [default: the listening address]
    #[arg(long, env = "HANDOVER_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Who may ask for the schema.
    #[arg(long, env = "HANDOVER_INTROSPECTION", value_enum, default_value_t)]
    pub introspection: Introspection,
    /// Points a minute for each caller: a request costs one, and one more for each 500 fields that it asks for. 0 for
    /// no limit, sign-ins included.
    #[arg(long, env = "HANDOVER_RATE_LIMIT", default_value_t = 1_200)]
    pub rate_limit: u32,
    /// Origins whose pages may call this server, separated by commas: https://app.example.com
    #[arg(long = "cors-origin", env = "HANDOVER_CORS_ORIGIN", value_delimiter = ',')]
    pub cors_origins: Vec<String>,
    /// Most connections at a time; fewer where the system allows fewer open files.
    #[arg(long, env = "HANDOVER_MAX_CONNECTIONS", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub max_connections: u32,
    /// Take the address of a client from the last entry of a header that the proxy in front writes: X-Forwarded-For
    /// without a value, =forwarded for that of RFC 7239.
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
    /// Most mebibytes of one uploaded file.
    #[arg(long, env = "HANDOVER_UPLOAD_LIMIT", default_value_t = UPLOAD_LIMIT, value_parser = clap::value_parser!(u32).range(1..=LARGEST))]
    pub upload_limit: u32,
    /// Most mebibytes that a person uploads in a day, counted by each process; 0 for no limit.
    #[arg(long, env = "HANDOVER_UPLOAD_QUOTA", default_value_t = UPLOAD_QUOTA)]
    pub upload_quota: u32,
    /// Mebibytes of the disk that uploads leave free: the database may be on the same one.
    #[arg(long, env = "HANDOVER_KEEP_FREE", default_value_t = KEEP_FREE)]
    pub keep_free: u32,
    /// The form of the log.
    #[arg(long, env = "HANDOVER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Items in one chunk of a handover.
    #[arg(long, env = "HANDOVER_CHUNK", default_value_t = crate::domain::handover::CHUNK, hide = true)]
    pub chunk: u64,
}

/// The form of the log.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// Reads the address to listen on; a name such as `localhost` is looked up.
fn listen_address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| "this is no address with a port, as 127.0.0.1:8000 is".to_owned())
}

/// Reads the address that clients use, without a slash at its end.
fn public_url(text: &str) -> Result<String, String> {
    let example = "write an address without parameters, as https://handover.example.com is";
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
