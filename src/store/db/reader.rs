//! Connections for queries.
//!
//! On PostgreSQL this is a pool of our own: sqlx's pool tests each connection that is returned, and that round trip
//! costs half of a small query. Here a connection returns to the pool only after a statement that was answered; a broken
//! idle connection is noticed by its next statement, which can be sent again because it is a query.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::sqlx::postgres::{PgConnectOptions, PgRow};
use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    Values,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Semaphore;
use tokio::time::{timeout, timeout_at};

use super::{ACQUIRE, CONNECTIONS};
use crate::error::is_connection_lost;

/// How long an unused connection is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(300);
/// Timeout for connecting, also while the server is starting.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// Pause before the next attempt to connect.
const RETRY_DELAY: Duration = Duration::from_millis(100);
/// Time after a failed connect during which no further attempt is made: all callers fail at once.
const UNREACHABLE_BACKOFF: Duration = Duration::from_millis(500);

/// Runs queries; clones share their connections.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    statements: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Source {
    Sqlite(DatabaseConnection),
    Postgres(Arc<Pool>),
    /// A replica, and the primary as its fallback.
    Replica(Arc<Pool>, Arc<Pool>),
}

impl Reader {
    /// Returns a reader of a SQLite file.
    pub fn sqlite(connection: DatabaseConnection) -> Self {
        Self {
            source: Source::Sqlite(connection),
            statements: Arc::default(),
        }
    }

    /// Returns a reader of a PostgreSQL server. Connects lazily.
    pub fn postgres(options: PgConnectOptions) -> Self {
        Self {
            source: Source::Postgres(Pool::new(options, CONNECT_TIMEOUT)),
            statements: Arc::default(),
        }
    }

    /// Returns a reader of a replica, with this one as the fallback.
    ///
    /// # Errors
    /// When this is not a PostgreSQL server.
    pub fn with_replica(&self, options: PgConnectOptions) -> Result<Self, DbErr> {
        let Source::Postgres(primary) = &self.source else {
            return Err(DbErr::Custom("only PostgreSQL has replicas".to_owned()));
        };
        Ok(Self {
            // No waiting for a replica that is starting: the primary answers.
            source: Source::Replica(Pool::new(options, Duration::ZERO), Arc::clone(primary)),
            statements: Arc::clone(&self.statements),
        })
    }

    /// Returns how many statements have been run.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Returns how many connections are in use, and how many are open and unused; of a replica, not those of its
    /// fallback.
    pub fn connections(&self) -> (u32, u32) {
        match &self.source {
            Source::Sqlite(connection) => counts(connection.get_sqlite_connection_pool()),
            Source::Postgres(pool) | Source::Replica(pool, _) => pool.connections(),
        }
    }

    /// Checks that the server accepts connections; always succeeds for a SQLite file.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn reach(&self) -> Result<(), DbErr> {
        match &self.source {
            Source::Sqlite(_) => Ok(()),
            Source::Postgres(pool) | Source::Replica(_, pool) => {
                let connected = pool.connect(tokio::time::Instant::now()).await;
                pool.give_back(connected.map_err(|cause| DbErr::Conn(RuntimeErr::SqlxError(cause.into())))?);
                Ok(())
            }
        }
    }

    /// Closes all connections.
    ///
    /// # Errors
    /// When one can't be closed.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.source {
            Source::Sqlite(connection) => connection.close_by_ref().await,
            Source::Postgres(pool) | Source::Replica(pool, _) => {
                pool.permits.close();
                while let Some(connection) = pool.take() {
                    let closed = connection.close().await;
                    closed.map_err(|cause| DbErr::Conn(RuntimeErr::SqlxError(cause.into())))?;
                }
                Ok(())
            }
        }
    }

    async fn rows(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        match &self.source {
            Source::Sqlite(connection) => connection.query_all_raw(statement).await,
            Source::Postgres(pool) => results(pool.ask(&statement).await),
            Source::Replica(replica, primary) => match replica.ask(&statement).await {
                Err(cause) if should_ask_primary(&cause) => results(primary.ask(&statement).await),
                answer => results(answer),
            },
        }
    }
}

#[sea_orm::prelude::async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self.source {
            Source::Sqlite(_) => DbBackend::Sqlite,
            Source::Postgres(_) | Source::Replica(..) => DbBackend::Postgres,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(read_only_error())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(read_only_error())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.rows(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.rows(statement).await
    }
}

fn results(answer: Result<Vec<PgRow>, sqlx::Error>) -> Result<Vec<QueryResult>, DbErr> {
    match answer {
        Ok(rows) => Ok(rows.into_iter().map(Into::into).collect()),
        Err(cause) => Err(DbErr::Query(RuntimeErr::SqlxError(cause.into()))),
    }
}

/// Writes go through [`super::Db::write`].
fn read_only_error() -> DbErr {
    DbErr::Custom("write on a read-only connection".to_owned())
}

struct Pool {
    options: PgConnectOptions,
    /// How long to wait for a server that is starting.
    patience: Duration,
    /// Most recently used last; taken from the end.
    idle: Mutex<Vec<(Instant, PgConnection)>>,
    permits: Semaphore,
    /// When the server was last found unreachable.
    unreachable_since: Mutex<Option<Instant>>,
}

impl Pool {
    fn new(options: PgConnectOptions, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            options,
            patience,
            idle: Mutex::default(),
            permits: Semaphore::new(CONNECTIONS as usize),
            unreachable_since: Mutex::default(),
        })
    }

    async fn ask(&self, statement: &Statement) -> Result<Vec<PgRow>, sqlx::Error> {
        let deadline = tokio::time::Instant::now() + ACQUIRE;
        let permit = timeout_at(deadline, self.permits.acquire());
        let _permit = permit
            .await
            .map_err(|_| sqlx::Error::PoolTimedOut)?
            .map_err(|_| sqlx::Error::PoolClosed)?;
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let patient_until = tokio::time::Instant::now() + self.patience;
        loop {
            let (mut connection, fresh) = match self.take() {
                Some(connection) => (connection, false),
                None => (self.connect(patient_until).await?, true),
            };
            let query = sqlx::query_with(
                sqlx::AssertSqlSafe(statement.sql.as_str()),
                SqlxValues(values.clone()),
            );
            // A cancelled caller drops the connection with this future: it returns to the pool only from here.
            match query.fetch_all(&mut connection).await {
                Err(cause) if is_connection_lost(&cause) && !fresh => {}
                Err(cause) if is_connection_lost(&cause) => return Err(cause),
                // The state of the protocol is unknown, so this connection is dropped.
                Err(cause @ sqlx::Error::Protocol(_)) => return Err(cause),
                answer => {
                    self.give_back(connection);
                    return answer;
                }
            }
        }
    }

    /// Connects, and waits for a server that is starting.
    async fn connect(&self, deadline: tokio::time::Instant) -> Result<PgConnection, sqlx::Error> {
        if self
            .unreachable_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some_and(|since| since.elapsed() < UNREACHABLE_BACKOFF)
        {
            return Err(unreachable_error());
        }
        let connected = loop {
            let connected = timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&self.options)).await;
            match connected.unwrap_or_else(|_| Err(unreachable_error())) {
                // Closed before the first message, so this is not a protocol error.
                Err(sqlx::Error::Protocol(_)) => break Err(unreachable_error()),
                Err(cause) if is_starting(&cause) && tokio::time::Instant::now() + RETRY_DELAY < deadline => {
                    tokio::time::sleep(RETRY_DELAY).await;
                }
                connected => break connected,
            }
        };
        let mut unreachable_since = self
            .unreachable_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *unreachable_since = matches!(&connected, Err(cause) if is_connection_lost(cause)).then(Instant::now);
        connected
    }

    fn connections(&self) -> (u32, u32) {
        let used = CONNECTIONS as usize - self.permits.available_permits().min(CONNECTIONS as usize);
        (used as u32, self.lock().len() as u32)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(Instant, PgConnection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<PgConnection> {
        self.lock().pop().map(|(_, connection)| connection)
    }

    fn give_back(&self, connection: PgConnection) {
        let now = Instant::now();
        let mut idle = self.lock();
        let unused = idle
            .iter()
            .take_while(|(since, _)| now - *since > IDLE_TIMEOUT)
            .count();
        idle.drain(..unused);
        idle.push((now, connection));
    }
}

/// Returns how many connections of a pool are in use, and how many are open and unused.
pub(super) fn counts<D: sqlx::Database>(pool: &sqlx::Pool<D>) -> (u32, u32) {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    (pool.size().saturating_sub(idle), idle)
}

fn unreachable_error() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        ErrorKind::TimedOut,
        "the server does not respond",
    ))
}

/// Returns whether the primary may be able to answer instead of the replica: it is gone, or the query conflicted with
/// replay.
fn should_ask_primary(cause: &sqlx::Error) -> bool {
    let conflict = match cause {
        sqlx::Error::Database(cause) => cause.code().as_deref() == Some("40001"),
        sqlx::Error::PoolTimedOut => true,
        _ => false,
    };
    conflict || is_connection_lost(cause)
}

/// Returns whether a server that refuses connections may accept them soon.
fn is_starting(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(cause) => matches!(
            cause.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::NotFound
        ),
        _ => is_connection_lost(cause),
    }
}
