//! The database: SQLite with one writer and several readers, or PostgreSQL with separate pools for queries and
//! transactions, and optionally a replica.
//!
//! There are two ways in: [`Db::read`] for queries and [`Db::write`] for the only kind of transaction in the program. A
//! write is retried after a conflict with another one, so its closure may run more than once.

pub mod address;
mod batch;
mod connect;
mod errors;
mod reader;
pub mod replica;
mod sql;
mod tx;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use migration::Migrator;
use migration::sea_orm_migration::MigratorTrait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;
use tokio::time::timeout;

use self::address::Address;
use self::connect::connect;
use self::errors::is_contention;
use self::replica::Replica;
use crate::clock::Clock;
use crate::error::{Error, Failure, Outcome};

pub use self::batch::{by_asker, by_ids, ids_where, pairs_where};
pub use self::errors::{innermost, is_duplicate};
pub use self::reader::Reader;
pub use self::sql::{execute, insert_all, placeholders, query, sql_condition};
pub use self::tx::Tx;

/// Attempts of a write before it fails with a conflict.
const ATTEMPTS: u32 = 8;
/// Maximum number of connections for queries.
const CONNECTIONS: u32 = 16;
/// Timeout for acquiring a connection.
const ACQUIRE: Duration = Duration::from_secs(20);
/// Wait for a transaction after which the server is checked for being reachable at all.
const REACHABILITY_CHECK: Duration = Duration::from_secs(1);
/// Timeout of a ping.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// A handle to the database; clones share their connections.
#[derive(Clone)]
pub struct Db {
    read: Reader,
    replica: Option<Arc<Replica>>,
    write: DatabaseConnection,
    /// Set when SQLite's writer may still have a transaction open (disk full, file unreadable): the next write would
    /// join it and never commit. The connection is then closed and another opened.
    writer_failed: Arc<AtomicBool>,
    clock: Clock,
    committed: Arc<Notify>,
    events: Arc<Notify>,
    /// Whether writes are rolled back.
    rehearsing: bool,
}

impl Db {
    /// Connects. Creates a SQLite file that doesn't exist if `mode=rwc` is given.
    ///
    /// # Errors
    /// [`Error::BadInput`] if `url` is not an [`Address`], [`Error::Unavailable`] if the database can't be opened or
    /// refuses the connection.
    pub async fn connect(url: &str, clock: Clock) -> Result<Self, Error> {
        Self::connect_with(url, None, clock).await
    }

    /// As [`connect`](Self::connect), with a replica for queries that tolerate stale reads.
    ///
    /// # Errors
    /// As [`connect`](Self::connect), and if a replica is given for a database other than PostgreSQL.
    pub async fn connect_with(url: &str, replica: Option<&str>, clock: Clock) -> Result<Self, Error> {
        let parse = |flag: &str, url: &str| {
            Address::parse(url).map_err(|cause| Error::BadInput(format!("{flag}: {cause}")))
        };
        let address = parse("--database-url", url)?;
        let replica = replica.map(|url| parse("--database-read-url", url)).transpose()?;
        address.try_out().await?;
        let writer_failed = Arc::<AtomicBool>::default();
        let (read, write) = connect(&address, &writer_failed)
            .await
            .map_err(|cause| address.unavailable(&innermost(&cause)))?;
        let replica = match replica {
            None => None,
            Some(Address::Postgres(options)) if read.get_database_backend() == DbBackend::Postgres => {
                Some(Replica::new(read.with_replica(options)?))
            }
            Some(_) => {
                return Err(Error::BadInput(
                    "--database-read-url: a replica needs postgres:// in --database-url too".to_owned(),
                ));
            }
        };
        Ok(Self {
            read,
            replica,
            write,
            clock,
            writer_failed,
            committed: Arc::default(),
            events: Arc::default(),
            rehearsing: false,
        })
    }

    /// Applies pending migrations. Concurrent calls of several processes are serialized.
    ///
    /// # Errors
    /// When a migration fails; it has then changed nothing.
    pub async fn migrate(&self) -> Result<(), Error> {
        if self.backend() == DbBackend::Postgres {
            // Held until the commit below returns the connection to its pool.
            let turn = self.begin(None).await?;
            turn.execute_unprepared("SELECT pg_advisory_xact_lock(7203311846250119)")
                .await?;
            Migrator::up(&self.write, None).await?;
            turn.commit().await?;
        } else {
            Migrator::up(&self.write, None).await?;
        }
        Ok(())
    }

    /// Returns the names of the pending migrations.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, Error> {
        let pending = Migrator::get_pending_migrations(&self.write).await?;
        Ok(pending
            .iter()
            .map(|migration| migration.name().to_owned())
            .collect())
    }

    /// Returns the names of applied migrations that this program doesn't know: a newer version has applied them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn unknown_migrations(&self) -> Result<Vec<String>, Error> {
        let known = Migrator::get_migration_files();
        let applied = Migrator::get_migration_models(&self.write).await?;
        let unknown = |name: &String| !known.iter().any(|migration| migration.name() == name);
        Ok(applied
            .into_iter()
            .map(|applied| applied.version)
            .filter(unknown)
            .collect())
    }

    /// Checks that the database responds.
    ///
    /// # Errors
    /// When it hasn't answered within two seconds.
    pub async fn ping(&self) -> Result<(), Error> {
        let answer = timeout(PING_TIMEOUT, query(&self.read, "SELECT 1", []));
        answer
            .await
            .map_err(|_| Error::internal("the database does not respond"))??;
        Ok(())
    }

    /// Returns whether a replica is configured.
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// Returns a handle whose queries go to the replica while its lag is small; reads may be a few seconds stale.
    pub fn for_queries(&self) -> Self {
        let near = self.replica.as_ref().and_then(|replica| replica.reader());
        Self {
            read: near.unwrap_or(&self.read).clone(),
            ..self.clone()
        }
    }

    /// Closes all connections; clones of this handle fail from now on.
    ///
    /// # Errors
    /// When a connection can't be closed.
    pub async fn close(&self) -> Result<(), Error> {
        self.read.close().await?;
        Ok(self.write.close_by_ref().await?)
    }

    /// Returns the connections for queries.
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// Returns which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// Returns the clock of this database.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Returns how many connections are in use, and how many are open and unused.
    pub fn connections(&self) -> (u32, u32) {
        let writers = match self.backend() {
            DbBackend::Postgres => reader::counts(self.write.get_postgres_connection_pool()),
            _ => reader::counts(self.write.get_sqlite_connection_pool()),
        };
        let replica = self
            .replica
            .as_ref()
            .map_or((0, 0), |replica| replica.connections());
        let all = [self.read.connections(), replica, writers];
        all.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Returns how many statements the query connections have run; tests of batching count them.
    pub fn statements(&self) -> u64 {
        self.read.statements()
    }

    /// Notified when a write that enqueued a message has committed.
    pub fn outbox_changed(&self) -> &Notify {
        &self.committed
    }

    /// Notified when a write that recorded a change for webhooks, or changed what webhooks have to send, has committed.
    pub fn event_recorded(&self) -> &Notify {
        &self.events
    }

    /// Runs `work` in a transaction and commits it; a refusal or an error rolls it back.
    ///
    /// `work` is retried a bounded number of times after a conflict with another transaction.
    ///
    /// # Errors
    /// The failure of `work`, or [`Error::Conflict`] if every attempt conflicted.
    pub async fn write<T, F: Future<Output = Outcome<T>>>(&self, work: impl Fn(Arc<Tx>) -> F) -> Outcome<T> {
        self.write_with(None, work).await
    }

    /// As [`write`](Self::write), with snapshot isolation: for work that reads a set and then changes exactly that set.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_snapshot<T, F: Future<Output = Outcome<T>>>(
        &self,
        work: impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        self.write_with(Some(IsolationLevel::RepeatableRead), work).await
    }

    /// Returns a handle whose writes are carried out and rolled back: they return what they would have returned.
    pub fn rehearsing(&self) -> Self {
        Self {
            rehearsing: true,
            ..self.clone()
        }
    }

    /// Begins a transaction that is always rolled back.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dry_run(&self) -> Result<Tx, Error> {
        Ok(self.tx(None).await?)
    }

    async fn tx(&self, isolation: Option<IsolationLevel>) -> Result<Tx, DbErr> {
        Ok(Tx::new(self.begin(isolation).await?, &self.clock))
    }

    async fn write_with<T, F: Future<Output = Outcome<T>>>(
        &self,
        isolation: Option<IsolationLevel>,
        work: impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        let began = Instant::now();
        for attempt in 1..=ATTEMPTS {
            // Boxed: the state that an operation holds across awaits is large, and would be on the stack of every
            // caller.
            match Box::pin(self.attempt(isolation, began, &work)).await {
                Err(Failure::Broken(Error::Database(cause))) if is_contention(&cause) => {
                    tracing::debug!(attempt, "retrying a write after a conflict");
                    tokio::time::sleep(Duration::from_millis(1 << attempt)).await;
                }
                answer => return answer,
            }
        }
        Err(Error::Conflict.into())
    }

    async fn attempt<T, F: Future<Output = Outcome<T>>>(
        &self,
        isolation: Option<IsolationLevel>,
        began: Instant,
        work: &impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        let tx = Arc::new(self.tx(isolation).await?);
        let answer = work(Arc::clone(&tx)).await;
        let tx = Arc::into_inner(tx).ok_or_else(|| Error::internal("a transaction outlived its closure"))?;
        match &answer {
            Err(Failure::Broken(Error::Database(cause))) if is_contention(cause) => {}
            Err(Failure::Broken(Error::Database(_) | Error::Unavailable(_))) => {
                self.writer_failed.store(true, Ordering::Release);
            }
            _ => {}
        }
        if answer.is_ok() && !self.rehearsing {
            match tx.commit().await {
                Ok(committed) => {
                    if committed.outbox_changed {
                        self.committed.notify_waiters();
                    }
                    if committed.event_recorded {
                        self.events.notify_waiters();
                    }
                    committed.then.into_iter().for_each(|work| work(began.elapsed()));
                }
                Err(cause) => {
                    self.writer_failed.store(true, Ordering::Release);
                    return Err(cause.into());
                }
            }
        } else if let Err(cause) = tx.conn.rollback().await {
            tracing::warn!(%cause, "failed to roll back a transaction; its connection is closed");
            self.writer_failed.store(true, Ordering::Release);
        }
        answer
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that begins transactions"
    )]
    async fn begin(&self, isolation: Option<IsolationLevel>) -> Result<DatabaseTransaction, DbErr> {
        let options = match self.backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            },
            _ => TransactionOptions {
                isolation_level: isolation,
                ..Default::default()
            },
        };
        let mut transaction = pin!(self.write.begin_with_options(options));
        if let Ok(transaction) = timeout(REACHABILITY_CHECK, &mut transaction).await {
            return transaction;
        }
        // The pool may just be busy, but it also keeps trying to connect to a server that is gone.
        self.read.reach().await?;
        transaction.await
    }
}
