//! The commands: each calls the same functions as the API does.

use std::io::{ErrorKind, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};
use entity::user;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::app::{App, Options};
use crate::clock::Clock;
use crate::config::{Data, LogFormat, Serving};
use crate::db::Db;
use crate::drive::archive;
use crate::drive::blobs::Blobs;
use crate::error::{Error, Failure, Outcome};
use crate::limits::address::ProxyHeader;
use crate::{auth, check, demo, graphql, http, import, people, process, server};

/// Locks leavers out at once, hands their work over in one move, and brings them back.
#[derive(Parser, Debug)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a demo company in a fresh SQLite file, and serve it.
    Demo {
        /// The folder of the file [default: a new temporary one]
        #[arg(long, env = "HANDOVER_DIR")]
        dir: Option<PathBuf>,
        /// Equal seeds make equal companies.
        #[arg(long, env = "HANDOVER_SEED", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        serving: Serving,
    },
    /// Serve the API.
    Serve {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        serving: Serving,
        /// Do not bring the database up to date first.
        #[arg(long, env = "HANDOVER_NO_MIGRATE")]
        no_migrate: bool,
    },
    /// Bring the database up to date, or say how far it is.
    Migrate {
        /// What to do.
        #[arg(value_enum)]
        action: MigrateAction,
        #[command(flatten)]
        data: Data,
    },
    /// Import the CSV files of a folder, or a mended rejects file. Exits with 3 when rows were rejected or came
    /// in incomplete.
    Import {
        /// The folder, or the rejects file.
        path: PathBuf,
        /// Check everything, write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Where to write the rows that could not be taken as they are, with the reasons; a new file.
        #[arg(long, env = "HANDOVER_REJECTS")]
        rejects: Option<PathBuf>,
        /// How dates are written that are not ISO 8601.
        #[arg(long, env = "HANDOVER_DATE_FORMAT", value_enum, default_value_t)]
        date_format: import::date::DateFormat,
        #[command(flatten)]
        data: Data,
    },
    /// People, from the command line.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// The keys that sign access tokens.
    Keys {
        /// What to do.
        #[arg(value_enum)]
        action: KeysAction,
        #[command(flatten)]
        data: Data,
    },
    /// Write a person's drive to a file, as one archive.
    Export {
        /// The address.
        email: String,
        /// The archive; a new file.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        data: Data,
    },
    /// Print the schema of the API.
    Schema,
    /// Prove the database: every rule that must always hold. Exits with 4 when one does not.
    Check {
        #[command(flatten)]
        data: Data,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum MigrateAction {
    /// Apply what is missing.
    Up,
    /// Say what is applied.
    Status,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum KeysAction {
    /// Make a new key, which signs from a minute later on; the old one still verifies until its tokens are over.
    Rotate,
}

#[derive(Subcommand, Debug)]
enum UserAction {
    /// Make an active person with a password: the first administrator.
    Create {
        /// The address.
        email: String,
        /// What they may do.
        #[arg(long, value_enum)]
        role: RoleArgument,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Set somebody's password and end their sessions.
    SetPassword {
        /// The address.
        email: String,
        /// Read the password from standard input.
        #[arg(long, required = true)]
        password_stdin: bool,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum RoleArgument {
    Administrator,
    Employee,
}

/// Exit code when an import has left rows behind.
const REJECTED: u8 = 3;
/// Exit code when a check has found something.
const BROKEN: u8 = 4;

/// How long background work may take to end, after the last request.
const BACKGROUND: Duration = Duration::from_secs(5);

/// Runs a command; what goes wrong is told on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    process::keep_files_private();
    match carry_out(cli.command).await {
        Ok(code) => code,
        Err(message) => {
            eprintln!("handover: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Demo { dir, seed, serving } => run_demo(dir, seed, serving).await?,
        Command::Serve {
            data,
            serving,
            no_migrate,
        } => {
            let metrics = start_logging(&serving)?;
            let listener = listen(&serving).await?;
            let app = App::new(&options(&data, &serving, &listener)?, Clock::system())
                .await
                .map_err(told)?;
            if no_migrate {
                require_current(&app.db).await?;
            } else {
                app.db.migrate().await.map_err(told)?;
            }
            warn_about_readable(&data);
            serve(app, listener, metrics, &serving).await?;
        }
        Command::Migrate { action, data } => {
            let db = connect(&data).await?;
            if let MigrateAction::Up = action {
                db.migrate().await.map_err(told)?;
            }
            let pending = db.pending_migrations().await.map_err(told)?;
            say(&if pending.is_empty() {
                "up to date".into()
            } else {
                format!("pending: {}", pending.join(", "))
            });
        }
        Command::Import {
            path,
            dry_run,
            rejects,
            date_format,
            data,
        } => {
            let db = connect_migrated(&data).await?;
            let options = import::Options {
                dry_run,
                rejects,
                dates: date_format,
                progress: std::io::stderr().is_terminal(),
            };
            let summary = import::import(&db, &path, &options).await.map_err(told)?;
            say(&summary.to_string());
            if summary.rejects() > 0 {
                return Ok(ExitCode::from(REJECTED));
            }
        }
        Command::User { action } => change_user(action).await?,
        Command::Keys {
            action: KeysAction::Rotate,
            data,
        } => {
            let kid = refused(auth::keys::rotate(&connect_migrated(&data).await?).await)?;
            say(&format!("new signing key {kid}"));
        }
        Command::Export { email, out, data } => {
            let db = connect_migrated(&data).await?;
            let blobs = Blobs::open(&data.blob_url).map_err(told)?;
            let count = archive::export(&db, &blobs, &email, &out).await.map_err(told)?;
            say(&format!("{}: {count} folders and files", out.display()));
        }
        Command::Schema => say(graphql::sdl().trim_end()),
        Command::Check { data } => {
            let db = connect(&data).await?;
            require_current(&db).await?;
            let findings = check::check(&db).await.map_err(told)?;
            for finding in &findings {
                say(&finding.to_string());
            }
            if !findings.is_empty() {
                return Ok(ExitCode::from(BROKEN));
            }
            say("every rule holds");
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn change_user(action: UserAction) -> Result<(), String> {
    match action {
        UserAction::Create {
            email,
            role,
            password_stdin: _,
            data,
        } => {
            let password = read_password()?;
            let role = match role {
                RoleArgument::Administrator => user::Role::Administrator,
                RoleArgument::Employee => user::Role::Employee,
            };
            let app = open(&data).await?;
            let user = refused(people::create::create_user(&app, &email, role, password).await)?;
            say(&format!("{} {}", user.id, user.email));
        }
        UserAction::SetPassword {
            email,
            password_stdin: _,
            data,
        } => {
            let password = read_password()?;
            let app = open(&data).await?;
            refused(auth::change_password::set_password(&app, &email, password).await)?;
            say("done");
        }
    }
    Ok(())
}

async fn run_demo(dir: Option<PathBuf>, seed: u64, serving: Serving) -> Result<(), String> {
    let metrics = start_logging(&serving)?;
    let listener = listen(&serving).await?;
    let folder = demo_folder(dir)?;
    let file = folder.join("handover.db");
    if file.exists() {
        return Err(format!(
            "{} exists already: the demo needs a fresh folder",
            file.display()
        ));
    }
    // In an address these two would mean something else.
    let path = file.display().to_string().replace('%', "%25").replace('?', "%3F");
    let data = Data {
        database_url: format!("sqlite://{path}?mode=rwc"),
        database_read_url: None,
        blob_url: format!("file://{}", folder.join("blobs").display()),
    };
    let options = options(&data, &serving, &listener)?;
    let past = App::new(&options, demo::clock(seed)).await.map_err(told)?;
    past.db.migrate().await.map_err(told)?;
    let made = refused(demo::fill(&past, seed).await)?;
    drop(past);
    say(&format!(
        "database       {}\nadministrator  {}\nemployee       {}\npassword       {}",
        file.display(),
        made.administrator,
        made.employee,
        demo::PASSWORD
    ));
    let app = App::new(&options, Clock::system()).await.map_err(told)?;
    serve(app, listener, metrics, &serving).await
}

/// The folder that was asked for, or a new temporary one: never one that somebody else has made or left behind.
fn demo_folder(asked: Option<PathBuf>) -> Result<PathBuf, String> {
    if let Some(dir) = asked {
        std::fs::create_dir_all(&dir).map_err(|error| format!("{}: {error}", dir.display()))?;
        return Ok(dir);
    }
    let mut number = 0_u32;
    loop {
        let name = format!("handover-demo-{}-{number}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        match std::fs::create_dir(&dir) {
            Ok(()) => return Ok(dir),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(format!("{}: {error}", dir.display())),
        }
    }
}

async fn listen(serving: &Serving) -> Result<TcpListener, String> {
    TcpListener::bind(serving.listen)
        .await
        .map_err(|error| format!("--listen {}: {error}", serving.listen))
}

fn options(data: &Data, serving: &Serving, listener: &TcpListener) -> Result<Options, String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(Options {
        database_url: data.database_url.clone(),
        database_read_url: data.database_read_url.clone(),
        blob_url: data.blob_url.clone(),
        upload_limit: u64::from(serving.upload_limit) << 20,
        upload_quota: u64::from(serving.upload_quota) << 20,
        keep_free: u64::from(serving.keep_free) << 20,
        issuer: serving
            .public_url
            .clone()
            .unwrap_or_else(|| format!("http://{address}")),
        introspection: serving.introspection,
        rate_limit: serving.rate_limit,
        behind_proxy: serving.behind_proxy,
        cors_origins: serving.cors_origins.clone(),
        chunk: serving.chunk,
    })
}

/// Serves until it is told to stop. Then what has begun has ten seconds, and the chunk of a handover that is under way
/// has [`BACKGROUND`] to end.
async fn serve(
    app: Arc<App>,
    listener: TcpListener,
    metrics: PrometheusHandle,
    serving: &Serving,
) -> Result<(), String> {
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let bounds = server::Bounds::new(
        serving.max_connections.min(process::connections_allowed()),
        serving.behind_proxy != ProxyHeader::None,
    );
    if bounds.connections < serving.max_connections {
        tracing::warn!(
            connections = bounds.connections,
            "the limit of open files (ulimit -n) allows fewer connections than --max-connections"
        );
    }
    let background = app.start();
    say(&format!("listening on http://{address}"));
    let stopping = Arc::clone(&app);
    server::serve(listener, http::router(app, Some(metrics)), bounds, async move {
        told_to_stop().await;
        stopping.stop.send_replace(true);
    })
    .await;
    match tokio::time::timeout(BACKGROUND, background).await {
        Ok(ended) => ended.map_err(|error| error.to_string()),
        Err(_) => {
            Err("background work did not end in time; it is taken up again at the next start".to_owned())
        }
    }
}

async fn told_to_stop() {
    let interrupted = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "interrupts can't be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "SIGTERM can't be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

fn start_logging(serving: &Serving) -> Result<PrometheusHandle, String> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,sqlx=warn,sea_orm=warn,sea_orm_migration=warn")
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match serving.log_format {
        LogFormat::Text => log.try_init(),
        LogFormat::Json => log.json().try_init(),
    };
    started.map_err(|error| error.to_string())?;
    PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| error.to_string())
}

async fn connect(data: &Data) -> Result<Db, String> {
    Db::connect(&data.database_url, Clock::system())
        .await
        .map_err(told)
}

async fn connect_migrated(data: &Data) -> Result<Db, String> {
    let db = connect(data).await?;
    db.migrate().await.map_err(told)?;
    Ok(db)
}

/// Goes on only with a database that is exactly as this version of the program wants it.
async fn require_current(db: &Db) -> Result<(), String> {
    // An unknown migration is an error.
    let pending = db.pending_migrations().await.map_err(|error| {
        format!(
            "this database was made by a newer version of handover, or can't be read: {}",
            told(error)
        )
    })?;
    match pending.len() {
        0 => Ok(()),
        missing => Err(format!(
            "this database is not up to date ({missing} migrations are missing): handover migrate up"
        )),
    }
}

/// Says which files of an earlier time others on this machine can read. They may be meant to, so they stay as they are.
fn warn_about_readable(data: &Data) {
    let database = data.database_url.strip_prefix("sqlite://").map(|rest| {
        let file = rest.split('?').next().unwrap_or_default();
        percent_encoding::percent_decode_str(file)
            .decode_utf8_lossy()
            .into_owned()
    });
    let blobs = data.blob_url.strip_prefix("file://").map(str::to_owned);
    for path in database.into_iter().chain(blobs) {
        if process::can_be_read_by_others(Path::new(&path)) {
            tracing::warn!(
                path,
                "other users of this machine can read this: chmod go= what is there"
            );
        }
    }
}

async fn open(data: &Data) -> Result<Arc<App>, String> {
    let app = App::new(&Options::new(&data.database_url, &data.blob_url), Clock::system())
        .await
        .map_err(told)?;
    app.db.migrate().await.map_err(told)?;
    Ok(app)
}

fn read_password() -> Result<SecretString, String> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// What a person at a terminal may know: more than a client, so the cause is there.
fn told(error: Error) -> String {
    match error {
        Error::Database(cause) => format!("the database: {cause}"),
        Error::Internal(cause) => cause,
        other => other.to_string(),
    }
}

fn refused<T>(outcome: Outcome<T>) -> Result<T, String> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(reasons) => {
            let tell = |reason: &crate::error::Refusal| match reason.field.as_slice() {
                [] => reason.message.clone(),
                field => format!("{}: {}", field.join("."), reason.message),
            };
            reasons.iter().map(tell).collect::<Vec<_>>().join("; ")
        }
        Failure::Broken(error) => told(error),
    })
}

/// Prints a line; a reader who has gone away is no reason to fail.
fn say(text: &str) {
    let _reader_gone = writeln!(std::io::stdout(), "{text}");
}
