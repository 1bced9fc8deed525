//! The settings of a process: flags, each of which is also an environment variable `HANDOVER_<FLAG>`.

use std::net::SocketAddr;

use clap::{Args, ValueEnum};

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
}

/// How to serve.
#[derive(Args, Debug, Clone)]
pub struct Serving {
    /// The address to listen on; port 0 picks a free one.
    #[arg(long, env = "HANDOVER_LISTEN", default_value = "127.0.0.1:8000")]
    pub listen: SocketAddr,
    /// The address that clients use: the issuer of the tokens [default: the listening address]
    #[arg(long, env = "HANDOVER_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// Whether clients may ask for the schema.
    #[arg(long, env = "HANDOVER_INTROSPECTION", default_value_t = true, action = clap::ArgAction::Set)]
    pub introspection: bool,
    /// The form of the log.
    #[arg(long, env = "HANDOVER_LOG_FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// Items in one chunk of a handover.
    #[arg(long, env = "HANDOVER_CHUNK", default_value_t = crate::handover::run::CHUNK, hide = true)]
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
