//! Opens the connections for queries and for transactions.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use super::address::Address;
use super::{ACQUIRE, CONNECTIONS, Reader};

/// Number of PostgreSQL connections for transactions; SQLite has one.
const WRITERS: u32 = 8;
/// Time since its last use during which a connection is assumed to be alive: a test takes a round trip.
const ASSUMED_ALIVE: Duration = Duration::from_secs(1);

/// Opens the connections for queries and the ones for transactions.
pub(super) async fn connect(
    address: &Address,
    writer_failed: &Arc<AtomicBool>,
) -> Result<(Reader, DatabaseConnection), DbErr> {
    match address {
        Address::Sqlite(file, synchronous) => {
            connect_sqlite(file.clone().synchronous(*synchronous), writer_failed).await
        }
        Address::Postgres(server) => connect_postgres(server).await,
    }
}

async fn connect_sqlite(
    file: SqliteConnectOptions,
    writer_failed: &Arc<AtomicBool>,
) -> Result<(Reader, DatabaseConnection), DbErr> {
    let file = file
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(10))
        .pragma("cache_size", "-32000")
        .disable_statement_logging();
    let options = |max| {
        let file = file.clone();
        let mut options = pool("sqlite", max);
        options.map_sqlx_sqlite_opts(move |_| file.clone());
        options
    };
    let failed = Arc::clone(writer_failed);
    let mut writer = options(1);
    writer.map_sqlx_sqlite_before_acquire(move |_, _| {
        let good = !failed.swap(false, Ordering::AcqRel);
        Box::pin(async move { Ok(good) })
    });
    let write = Database::connect(writer).await?;
    let read = Database::connect(options(CONNECTIONS)).await?;
    Ok((Reader::sqlite(read), write))
}

async fn connect_postgres(server: &PgConnectOptions) -> Result<(Reader, DatabaseConnection), DbErr> {
    let there = server.clone();
    let mut writers = pool("postgres", WRITERS);
    writers.map_sqlx_postgres_opts(move |_| there.clone());
    let write = Database::connect(writers).await?;
    Ok((Reader::postgres(server.clone()), write))
}

/// Options of a pool. The URL is a placeholder: the options of the driver replace it.
fn pool(kind: &str, max: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("{kind}://localhost"));
    options
        .max_connections(max)
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire_if_idle_for(ASSUMED_ALIVE);
    options
}
