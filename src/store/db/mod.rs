//! The database: SQLite with one writer and several readers, or PostgreSQL with connections for queries and others for
//! transactions, and a replica perhaps.
//!
//! There are two ways in: [`Db::read`] for queries and [`Db::write`] for the only kind of transaction in the
//! program. A write is retried when another one got in its way, so its closure may run more than once.

pub mod address;
mod reader;
pub mod replica;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entity::Timestamp;
use migration::Migrator;
use migration::sea_orm_migration::MigratorTrait;
use sea_orm::sea_query::Expr;
use sea_orm::sqlx::ConnectOptions as _;
use sea_orm::sqlx::sqlite::SqliteJournalMode;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, Condition, ConnectOptions, ConnectionTrait, Database,
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, EntityTrait, ExecResult, IsolationLevel,
    QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value,
    sqlx,
};
use tokio::sync::Notify;
use tokio::time::timeout;

use self::address::Address;

pub use self::reader::Reader;
use self::replica::Replica;
use crate::clock::Clock;
use crate::error::{Error, Failure, Outcome};

/// How often a write is tried before the caller is told that others are in the way.
const ATTEMPTS: u32 = 8;
/// Rows in one INSERT: SQLite binds 32,766 values at most.
const ROWS: usize = 1_000;
/// Connections for queries.
const CONNECTIONS: u32 = 16;
/// Connections for transactions, on PostgreSQL; SQLite has one.
const WRITERS: u32 = 8;
/// How long somebody waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(20);

/// How long somebody waits for a transaction before it is found out whether the server is there at all.
const REACH: Duration = Duration::from_secs(1);
/// How long whoever asks whether the database is there waits for it.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long after its last use a connection is taken without asking whether it still stands: asking takes a round trip.
const TRUSTED: Duration = Duration::from_secs(1);

/// A handle to the database; clones share their connections.
#[derive(Clone)]
pub struct Db {
    read: Reader,
    replica: Option<Arc<Replica>>,
    write: DatabaseConnection,
    /// Set when it is not known whether SQLite's writer still has a transaction open (the disk was full, the file could not
    /// be read): what is written next would be part of it and never commit. The connection is then closed and another opened.
    writer_failed: Arc<AtomicBool>,
    clock: Clock,
    committed: Arc<Notify>,
}

impl Db {
    /// Connects. A SQLite file is made where there is none and `mode=rwc` asks for it.
    ///
    /// # Errors
    /// [`Error::BadInput`] when `url` is not an [`Address`], [`Error::Unavailable`] when the database can't be opened or
    /// does not let us in.
    pub async fn connect(url: &str, clock: Clock) -> Result<Self, Error> {
        Self::connect_with(url, None, clock).await
    }

    /// As [`connect`](Self::connect), with a replica for those queries that may be answered a little late.
    ///
    /// # Errors
    /// As [`connect`](Self::connect); when there is a replica of what is no PostgreSQL.
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
        })
    }

    /// Brings the tables up to date. Several processes may do so at once: they take turns.
    ///
    /// # Errors
    /// When a migration fails; it has then changed nothing.
    pub async fn migrate(&self) -> Result<(), Error> {
        if self.backend() == DbBackend::Postgres {
            // Held until the connection goes back to its pool with the commit below.
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

    /// The names of the migrations that this database lacks.
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

    /// The names of the migrations that this program does not know: a newer version has applied them.
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

    /// Asks the database whether it is there.
    ///
    /// # Errors
    /// When it has not answered within two seconds.
    pub async fn ping(&self) -> Result<(), Error> {
        let asked = timeout(PATIENCE, query(&self.read, "SELECT 1", []));
        asked
            .await
            .map_err(|_| Error::internal("the database does not answer"))??;
        Ok(())
    }

    /// Whether there is a replica at all.
    pub fn has_replica(&self) -> bool {
        self.replica.is_some()
    }

    /// The same database, with queries that go to the replica while it is near enough. What is read there may be a few
    /// seconds old.
    pub fn for_queries(&self) -> Self {
        let near = self.replica.as_ref().and_then(|replica| replica.reader());
        Self {
            read: near.unwrap_or(&self.read).clone(),
            ..self.clone()
        }
    }

    /// Closes all connections; whoever still holds a clone gets errors from now on.
    ///
    /// # Errors
    /// When a connection does not let itself be closed.
    pub async fn close(&self) -> Result<(), Error> {
        self.read.close().await?;
        Ok(self.write.close_by_ref().await?)
    }

    /// The connections for queries.
    pub fn read(&self) -> &Reader {
        &self.read
    }

    /// Which of the two databases this is.
    pub fn backend(&self) -> DbBackend {
        self.read.get_database_backend()
    }

    /// The clock that everything here goes by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How many statements the query connections have run: what a test of batching counts.
    pub fn statements(&self) -> u64 {
        self.read.statements()
    }

    /// Wakes when a write that left something to be done has committed.
    pub fn work_committed(&self) -> &Notify {
        &self.committed
    }

    /// Runs `work` in a transaction and commits it; a refusal or a failure leaves nothing behind.
    ///
    /// `work` is run again, a bounded number of times, when the database says that another transaction was in
    /// its way.
    ///
    /// # Errors
    /// What `work` answered, or [`Error::Conflict`] when others were in the way each time.
    pub async fn write<T, F: Future<Output = Outcome<T>>>(&self, work: impl Fn(Arc<Tx>) -> F) -> Outcome<T> {
        self.write_with(None, work).await
    }

    /// As [`write`](Self::write), but every statement sees the same state of the database: for work that reads
    /// a set and then changes exactly that set.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_snapshot<T, F: Future<Output = Outcome<T>>>(
        &self,
        work: impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        self.write_with(Some(IsolationLevel::RepeatableRead), work).await
    }

    /// A transaction that is only tried: nothing of it stays.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dry_run(&self) -> Result<Tx, Error> {
        Ok(self.tx(None).await?)
    }

    async fn tx(&self, isolation: Option<IsolationLevel>) -> Result<Tx, DbErr> {
        Ok(Tx {
            conn: self.begin(isolation).await?,
            now: self.clock.now(),
            clock: self.clock.clone(),
            leaves_work: AtomicBool::new(false),
        })
    }

    async fn write_with<T, F: Future<Output = Outcome<T>>>(
        &self,
        isolation: Option<IsolationLevel>,
        work: impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        for attempt in 1..=ATTEMPTS {
            // In a box: what an operation holds across its awaits is large, and would lie on the stack of every caller.
            match Box::pin(self.attempt(isolation, &work)).await {
                Err(Failure::Broken(Error::Database(cause))) if is_contention(&cause) => {
                    tracing::debug!(attempt, "a write met another one");
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
        work: &impl Fn(Arc<Tx>) -> F,
    ) -> Outcome<T> {
        let tx = Arc::new(self.tx(isolation).await?);
        let answer = work(Arc::clone(&tx)).await;
        let tx =
            Arc::into_inner(tx).ok_or_else(|| Error::internal("a transaction was kept beyond its end"))?;
        match &answer {
            Err(Failure::Broken(Error::Database(cause))) if is_contention(cause) => {}
            Err(Failure::Broken(Error::Database(_) | Error::Unavailable(_))) => {
                self.writer_failed.store(true, Ordering::Release);
            }
            _ => {}
        }
        if answer.is_ok() {
            if let Err(cause) = tx.conn.commit().await {
                self.writer_failed.store(true, Ordering::Release);
                return Err(cause.into());
            }
            if tx.leaves_work.into_inner() {
                self.committed.notify_waiters();
            }
        } else if let Err(cause) = tx.conn.rollback().await {
            tracing::warn!(%cause, "a transaction could not be rolled back; its connection is closed");
            self.writer_failed.store(true, Ordering::Release);
        }
        answer
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that begins transactions")]
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
        let mut begun = pin!(self.write.begin_with_options(options));
        if let Ok(begun) = timeout(REACH, &mut begun).await {
            return begun;
        }
        // Others may be before us; but a pool goes on trying to connect to a server that has gone, too.
        self.read.reach().await?;
        begun.await
    }
}

/// Opens the connections for queries and the ones for transactions.
async fn connect(
    address: &Address,
    writer_failed: &Arc<AtomicBool>,
) -> Result<(Reader, DatabaseConnection), DbErr> {
    // What to connect to stands in the options that replace those of the text.
    let options = |kind: &str, max: u32| {
        let mut options = ConnectOptions::new(format!("{kind}://localhost"));
        options
            .max_connections(max)
            .sqlx_logging(false)
            .record_stmt_in_spans(false)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire_if_idle_for(TRUSTED);
        options
    };
    match address {
        Address::Sqlite(file, synchronous) => {
            let file = file
                .clone()
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(*synchronous)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10))
                .pragma("cache_size", "-32000")
                .disable_statement_logging();
            let options = |max| {
                let file = file.clone();
                let mut options = options("sqlite", max);
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
        Address::Postgres(server) => {
            let there = server.clone();
            let mut writers = options("postgres", WRITERS);
            writers.map_sqlx_postgres_opts(move |_| there.clone());
            let write = Database::connect(writers).await?;
            Ok((Reader::postgres(server.clone()), write))
        }
    }
}

/// What a database says of a failure, without the layers that wrap it.
pub fn innermost(cause: &DbErr) -> String {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(cause))
        | DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause)) => address::reason(cause),
        other => other.to_string(),
    }
}

/// A transaction under way.
pub struct Tx {
    /// What sea-orm runs statements on.
    pub conn: DatabaseTransaction,
    /// The moment that everything in this transaction carries.
    pub now: Timestamp,
    clock: Clock,
    leaves_work: AtomicBool,
}

impl Tx {
    /// The time right now, for what has to be later than everything that this transaction has waited for.
    pub fn moment(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new UUIDv7.
    pub fn new_id(&self) -> uuid::Uuid {
        self.clock.new_id()
    }

    /// Says that the outbox has something new once this transaction has committed.
    pub fn leaves_work(&self) {
        self.leaves_work.store(true, Ordering::Relaxed);
    }
}

/// Runs SQL with `$1`, `$2`, … bound to `values`: both databases read placeholders in this form.
///
/// # Errors
/// What the database says.
pub async fn execute(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult, DbErr> {
    conn.execute_raw(Statement::from_sql_and_values(
        conn.get_database_backend(),
        sql,
        values,
    ))
    .await
}

/// As [`execute`], for a query.
///
/// # Errors
/// What the database says.
pub async fn query(
    conn: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    conn.query_all_raw(Statement::from_sql_and_values(
        conn.get_database_backend(),
        sql,
        values,
    ))
    .await
}

/// Inserts rows, however many.
///
/// # Errors
/// When the database fails.
pub async fn insert_all<A>(tx: &Tx, rows: Vec<A>) -> Result<(), Error>
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some = rows.by_ref().take(ROWS);
        <A::Entity as EntityTrait>::insert_many(some)
            .exec_without_returning(&tx.conn)
            .await?;
    }
    Ok(())
}

/// Whether the database says that another transaction was in the way, and that trying again may help.
fn is_contention(cause: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = cause
    else {
        return false;
    };
    let sqlx::Error::Database(cause) = cause.as_ref() else {
        return false;
    };
    match cause.code().as_deref() {
        // PostgreSQL: serialization failure, deadlock.
        Some("40001" | "40P01") => true,
        // SQLite: busy, in its three forms, and a locked table.
        Some(code) => matches!(code, "5" | "261" | "517" | "6"),
        None => false,
    }
}

/// Whether the database refused a row because of a unique index.
pub fn is_duplicate(cause: &DbErr) -> bool {
    matches!(
        cause.sql_err(),
        Some(sea_orm::SqlErr::UniqueConstraintViolation(_))
    )
}

/// `$n, $n+1, …`: placeholders for a list of `count` values.
pub fn placeholders(first: usize, count: usize) -> String {
    (first..first + count)
        .map(|n| format!("${n}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// SQL with `$1`, `$2`, … as a condition of a sea-orm query, in which each placeholder stands for its value again.
pub fn sql_condition(backend: DbBackend, sql: &str, values: &[Value]) -> Condition {
    let sql = sql.to_owned();
    if backend == DbBackend::Postgres {
        return Condition::all().add(Expr::cust_with_values(sql, values.iter().cloned()));
    }
    // sea-query's placeholders for SQLite carry no numbers: one value for each of them, in their order.
    let mut pieces = sql.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut in_order = Vec::new();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let number = piece[..digits].parse::<usize>().unwrap_or_default();
        in_order.extend(values.get(number.wrapping_sub(1)).cloned());
        text.push('?');
        text.push_str(&piece[digits..]);
    }
    Condition::all().add(Expr::cust_with_values(text, in_order))
}
