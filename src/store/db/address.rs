//! Addresses of databases, and checks whether a server accepts connections.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, PgConnection};
use tokio::time::timeout;

use crate::error::Error;

/// Timeout for connecting at startup.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Examples of valid addresses.
const EXAMPLES: &str = "write sqlite://handover.db?mode=rwc or postgres://user:password@host/database";

/// Address of a database.
#[derive(Debug, Clone)]
pub enum Address {
    /// A file, and the durability of commits: see [`Address::parse`].
    Sqlite(SqliteConnectOptions, SqliteSynchronous),
    /// A server.
    Postgres(PgConnectOptions),
}

impl Address {
    /// Parses a URL: `sqlite://FILE?mode=rwc`, or one that libpq accepts (`postgres://`, with a host, a socket folder
    /// or parameters).
    ///
    /// On SQLite, a commit is synced to disk before it is acknowledged, so a power cut doesn't lose it. The parameter
    /// `synchronous=normal` gives that up for data that can be recreated, and for benchmarks.
    ///
    /// # Errors
    /// What is wrong with the text, without quoting it: it may contain a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("sqlite") => Self::parse_sqlite(url),
            Some("postgres" | "postgresql") => Self::parse_postgres(url),
            _ if url.trim().is_empty() => Err(format!("it is empty: {EXAMPLES}")),
            _ => Err(format!("it must begin with sqlite:// or postgres://: {EXAMPLES}")),
        }
    }

    fn parse_sqlite(url: &str) -> Result<Self, String> {
        let (file, parameters) = url.split_once('?').unwrap_or((url, ""));
        if file.contains(":memory:") || parameters.contains("mode=memory") {
            return Err("an in-memory database can't be shared by connections: use a file".to_owned());
        }
        if file
            .trim_start_matches("sqlite:")
            .trim_start_matches('/')
            .is_empty()
        {
            return Err(format!("the file name is missing: {EXAMPLES}"));
        }
        let (relaxed, others): (Vec<&str>, Vec<&str>) = parameters
            .split('&')
            .filter(|parameter| !parameter.is_empty())
            .partition(|parameter| *parameter == "synchronous=normal");
        let rest = if others.is_empty() { "" } else { "?" };
        let options = SqliteConnectOptions::from_str(&format!("{file}{rest}{}", others.join("&")))
            .map_err(|cause| reason(&cause))?;
        let synchronous = match relaxed.is_empty() {
            true => SqliteSynchronous::Full,
            false => SqliteSynchronous::Normal,
        };
        Ok(Self::Sqlite(options, synchronous))
    }

    fn parse_postgres(url: &str) -> Result<Self, String> {
        // libpq accepts an address without a host; the URL parser doesn't.
        let after_scheme = url.find("://").map(|at| at + 3);
        let after_scheme = after_scheme.ok_or("expected :// after postgres")?;
        let end = url[after_scheme..]
            .find(['/', '?'])
            .map_or(url.len(), |at| after_scheme + at);
        let user = url[after_scheme..end]
            .rfind('@')
            .map_or(after_scheme, |at| after_scheme + at + 1);
        let mut url = url.to_owned();
        if user == end || url[user..].starts_with(':') {
            url.insert_str(user, "localhost");
        }
        let options = PgConnectOptions::from_str(&url).map_err(|cause| reason(&cause))?;
        let host = options.get_host();
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        Ok(Self::Postgres(
            match bare.map(str::to_owned) {
                Some(address) => options.host(&address),
                None => options,
            }
            .disable_statement_logging(),
        ))
    }

    /// Returns the file of a SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(options, _) => Some(options.get_filename().to_path_buf()),
            Self::Postgres(_) => None,
        }
    }

    /// Returns the address without its password, for display.
    pub fn describe(&self) -> String {
        match self {
            Self::Sqlite(options, _) => options.get_filename().display().to_string(),
            Self::Postgres(options) => {
                let host = match options.get_socket() {
                    Some(folder) => folder.display().to_string(),
                    None if options.get_host().contains(':') => format!("[{}]", options.get_host()),
                    None => options.get_host().to_owned(),
                };
                let user = options.get_username();
                let database = options.get_database().unwrap_or(user);
                format!("{host}:{}, database {database}, user {user}", options.get_port())
            }
        }
    }

    /// Connects once, so that an unreachable or refusing server is reported at once and with its cause; a connection
    /// pool would keep retrying.
    ///
    /// # Errors
    /// [`Error::Unavailable`] with the address and the cause.
    pub async fn try_out(&self) -> Result<(), Error> {
        match self {
            Self::Sqlite(..) => self.try_file(),
            Self::Postgres(options) => try_out(options, CONNECT_TIMEOUT)
                .await
                .map_err(|cause| self.unavailable(&cause)),
        }
    }

    fn try_file(&self) -> Result<(), Error> {
        let Some(file) = self.file() else { return Ok(()) };
        let folder = match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => std::path::Path::new("."),
        };
        if !folder.is_dir() {
            return Err(self.unavailable(&format!("there is no folder {}", folder.display())));
        }
        if file.is_dir() {
            return Err(self.unavailable("this is a folder"));
        }
        Ok(())
    }

    /// Returns the error for an unavailable database at this address.
    pub fn unavailable(&self, cause: &(impl std::fmt::Display + ?Sized)) -> Error {
        Error::Unavailable(format!("{}: {cause}", self.describe()))
    }
}

/// Connects to a server and disconnects again.
///
/// # Errors
/// Why the server refuses, for the log and the command line.
pub async fn try_out(options: &PgConnectOptions, patience: Duration) -> Result<(), String> {
    match timeout(patience, PgConnection::connect_with(options)).await {
        Ok(Ok(connection)) => {
            // It has answered; errors while closing don't matter.
            let _gone = connection.close_hard().await;
            Ok(())
        }
        Ok(Err(cause)) => Err(reason(&cause)),
        Err(_) => Err(format!("no answer within {} seconds", patience.as_secs_f32())),
    }
}

/// Returns the innermost cause of an error.
pub fn reason(cause: &sqlx::Error) -> String {
    match cause {
        sqlx::Error::Database(cause) => cause.message().to_owned(),
        sqlx::Error::Io(cause) => cause.to_string(),
        sqlx::Error::Configuration(cause) => cause.to_string(),
        sqlx::Error::PoolTimedOut => "all connections are in use".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_files() {
        for (url, file) in [
            ("sqlite://handover.db?mode=rwc", "handover.db"),
            ("sqlite:handover.db", "handover.db"),
            (
                "sqlite:///var/lib/handover.db?mode=rwc&synchronous=normal",
                "/var/lib/handover.db",
            ),
            ("sqlite://./my folder/a%3Fb.db?mode=rwc", "./my folder/a?b.db"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(address.file(), Some(PathBuf::from(file)), "{url}");
            assert_eq!(
                matches!(address, Address::Sqlite(_, SqliteSynchronous::Normal)),
                url.contains("normal"),
                "{url}"
            );
        }
    }

    #[test]
    fn addresses_of_servers() {
        for (url, expected) in [
            (
                "postgres://u:p@db.example.com/app",
                "db.example.com:5432, database app, user u",
            ),
            (
                "postgresql://u@127.0.0.1:6000",
                "127.0.0.1:6000, database u, user u",
            ),
            (
                "postgres://u@[::1]:18432/app",
                "[::1]:18432, database app, user u",
            ),
            (
                "postgres://u@/app?host=/run/postgresql&port=6000",
                "/run/postgresql:6000, database app, user u",
            ),
            (
                "postgres://u@/app?host=db.example.com",
                "db.example.com:5432, database app, user u",
            ),
            ("postgres://u@:6000/app", "localhost:6000, database app, user u"),
            (
                "postgres://u:p%40ss@%2Frun%2Fpostgresql/app",
                "/run/postgresql:5432, database app, user u",
            ),
        ] {
            assert_eq!(Address::parse(url).unwrap().describe(), expected, "{url}");
        }
    }

    #[test]
    fn errors_about_addresses_do_not_show_the_password() {
        for url in [
            "",
            "handover.db",
            "/var/lib/handover.db",
            "mysql://root:secret@host/app",
            "sqlite://",
            "sqlite::memory:",
            "sqlite://:memory:",
            "sqlite://handover.db?mode=wrong",
            "postgres:app",
            "postgres://u:secret@127.0.0.1:99999/app",
            "postgres://u:secret@host/app?sslmode=secretly",
        ] {
            let message = Address::parse(url).unwrap_err();
            assert!(
                !message.is_empty() && !message.contains("secret@"),
                "{url}: {message}"
            );
        }
    }
}
