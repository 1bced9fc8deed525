//! Connections for queries.
//!
//! On PostgreSQL these are our own: sqlx's pool asks a connection whether it still stands each time it comes back, and
//! that round trip costs half of what a small query does. Here a connection comes back only after a statement that has
//! gone well; one that was idle while the server went away is noticed by its next statement, which a query can simply
//! send again.

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
use crate::error::has_gone;

/// How long a connection is kept that nobody needs.
const KEPT: Duration = Duration::from_secs(300);
/// How long a server may take to let somebody in, one that is just being started included.
const CONNECT: Duration = Duration::from_millis(1_500);
/// The pause before a server that does not answer is asked again.
const PAUSE: Duration = Duration::from_millis(100);
/// How long nobody else tries to connect to a server that could not be reached: all who wait are answered at once.
const AWAY: Duration = Duration::from_millis(500);

/// Answers queries; clones share their connections.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    statements: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Source {
    Sqlite(DatabaseConnection),
    Postgres(Arc<Pool>),
    /// A replica, and the primary, which answers when the replica can't.
    Replica(Arc<Pool>, Arc<Pool>),
}

impl Reader {
    /// Queries go to a SQLite file.
    pub fn sqlite(connection: DatabaseConnection) -> Self {
        Self {
            source: Source::Sqlite(connection),
            statements: Arc::default(),
        }
    }

    /// Queries go to a PostgreSQL server. Nothing is connected yet.
    pub fn postgres(options: PgConnectOptions) -> Self {
        Self {
            source: Source::Postgres(Pool::new(options, CONNECT)),
            statements: Arc::default(),
        }
    }

    /// Queries go to a replica of the PostgreSQL server that this reader asks.
    ///
    /// # Errors
    /// When this is no PostgreSQL.
    pub fn with_replica(&self, options: PgConnectOptions) -> Result<Self, DbErr> {
        let Source::Postgres(primary) = &self.source else {
            return Err(DbErr::Custom("only PostgreSQL has replicas".to_owned()));
        };
        Ok(Self {
            // Nobody waits for a replica that is being started.
            source: Source::Replica(Pool::new(options, Duration::ZERO), Arc::clone(primary)),
            statements: Arc::clone(&self.statements),
        })
    }

    /// How many statements have been run.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Whether the server lets us in; a SQLite file is always there.
    ///
    /// # Errors
    /// When it does not.
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
    /// When one does not let itself be closed.
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
                Err(cause) if can_be_asked_elsewhere(&cause) => results(primary.ask(&statement).await),
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
        Err(writes())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(writes())
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

/// What writes goes through [`super::Db::write`].
fn writes() -> DbErr {
    DbErr::Custom("a connection for queries was asked to write".to_owned())
}

struct Pool {
    options: PgConnectOptions,
    /// How long a server is waited for that is just being started.
    patience: Duration,
    /// The one that was used last at the end, where the next one is taken from.
    idle: Mutex<Vec<(Instant, PgConnection)>>,
    permits: Semaphore,
    /// When the server could not be reached.
    away_since: Mutex<Option<Instant>>,
}

impl Pool {
    fn new(options: PgConnectOptions, patience: Duration) -> Arc<Self> {
        Arc::new(Self {
            options,
            patience,
            idle: Mutex::default(),
            permits: Semaphore::new(CONNECTIONS as usize),
            away_since: Mutex::default(),
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
            // Whoever gives up waiting drops the connection with this future: it comes back only from here.
            match query.fetch_all(&mut connection).await {
                Err(cause) if has_gone(&cause) && !fresh => {}
                Err(cause) if has_gone(&cause) => return Err(cause),
                // Nobody knows what the server will send next on this connection: it alone is dropped.
                Err(cause @ sqlx::Error::Protocol(_)) => return Err(cause),
                answer => {
                    self.give_back(connection);
                    return answer;
                }
            }
        }
    }

    /// Connects, and waits for a server that is just being started.
    async fn connect(&self, deadline: tokio::time::Instant) -> Result<PgConnection, sqlx::Error> {
        if self
            .away_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some_and(|since| since.elapsed() < AWAY)
        {
            return Err(away());
        }
        let connected = loop {
            let connected = timeout(CONNECT, PgConnection::connect_with(&self.options)).await;
            match connected.unwrap_or_else(|_| Err(away())) {
                // It was closed before anything came: no word of the protocol either.
                Err(sqlx::Error::Protocol(_)) => break Err(away()),
                Err(cause) if is_starting(&cause) && tokio::time::Instant::now() + PAUSE < deadline => {
                    tokio::time::sleep(PAUSE).await;
                }
                connected => break connected,
            }
        };
        let mut away_since = self.away_since.lock().unwrap_or_else(PoisonError::into_inner);
        *away_since = matches!(&connected, Err(cause) if has_gone(cause)).then(Instant::now);
        connected
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
        let unused = idle.iter().take_while(|(since, _)| now - *since > KEPT).count();
        idle.drain(..unused);
        idle.push((now, connection));
    }
}

fn away() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        ErrorKind::TimedOut,
        "the server does not answer",
    ))
}

/// Whether the primary may know an answer that a replica does not: it has gone, or had to get on with its log.
fn can_be_asked_elsewhere(cause: &sqlx::Error) -> bool {
    let conflict = match cause {
        sqlx::Error::Database(cause) => cause.code().as_deref() == Some("40001"),
        sqlx::Error::PoolTimedOut => true,
        _ => false,
    };
    conflict || has_gone(cause)
}

/// Whether a server that does not let anybody in may do so soon.
fn is_starting(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(cause) => matches!(
            cause.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::NotFound
        ),
        _ => has_gone(cause),
    }
}
