//! The command line. Commands call the same operations as the API.

mod exit;
mod serve;

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::builder::BoolishValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use entity::user;
use secrecy::SecretString;

use self::exit::{CommandError, REJECTED, VIOLATIONS};
use crate::clock::Clock;
use crate::config::{ServeArgs, StorageArgs};
use crate::domain::drive::archive;
use crate::domain::drive::blobs::Blobs;
use crate::domain::{auth, people};
use crate::http::app::App;
use crate::runtime::process;
use crate::server::{self, Options};
use crate::store::db::Db;
use crate::{check, graphql, import};

/// GraphQL server for offboarding: locks leavers out at once, hands over their work, and reinstates them.
#[derive(Parser, Debug)]
#[command(version, arg_required_else_help = true, after_help = exit::HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Create a sample company in a new SQLite file and serve it.
    Demo {
        /// Data directory [default: a new temporary one]
        #[arg(long, env = "HANDOVER_DIR")]
        dir: Option<PathBuf>,
        /// Random seed; the same seed creates the same company.
        #[arg(long, env = "HANDOVER_SEED", default_value_t = 1)]
        seed: u64,
        #[command(flatten)]
        serving: ServeArgs,
    },
    /// Serve the API.
    Serve {
        #[command(flatten)]
        data: StorageArgs,
        #[command(flatten)]
        serving: ServeArgs,
        /// Don't apply pending migrations at start.
        #[arg(long, env = "HANDOVER_NO_MIGRATE", value_parser = BoolishValueParser::new())]
        no_migrate: bool,
    },
    /// Apply pending migrations, or list them.
    Migrate {
        /// Action.
        #[arg(value_enum)]
        action: MigrateAction,
        #[command(flatten)]
        data: StorageArgs,
    },
    /// Import the CSV files of a folder, or a corrected rejects file. Exits with 3 if rows were rejected or
    /// incomplete.
    Import {
        /// Folder or rejects file.
        path: PathBuf,
        /// Validate everything, write nothing.
        #[arg(long, env = "HANDOVER_DRY_RUN", value_parser = BoolishValueParser::new())]
        dry_run: bool,
        /// New file for rejected and incomplete rows, with reasons.
        #[arg(long, env = "HANDOVER_REJECTS")]
        rejects: Option<PathBuf>,
        /// Format of dates that are not ISO 8601.
        #[arg(long, env = "HANDOVER_DATE_FORMAT", value_enum, default_value_t)]
        date_format: import::date::DateFormat,
        #[command(flatten)]
        data: StorageArgs,
    },
    /// Create people and set passwords.
    User {
        #[command(subcommand)]
        action: UserAction,
    },
    /// Manage the signing keys of access tokens.
    Keys {
        /// Action.
        #[arg(value_enum)]
        action: KeysAction,
        #[command(flatten)]
        data: StorageArgs,
    },
    /// Export a person's drive as a ZIP archive.
    Export {
        /// E-mail address.
        email: String,
        /// New file for the archive.
        #[arg(long, env = "HANDOVER_OUT")]
        out: PathBuf,
        #[command(flatten)]
        data: StorageArgs,
    },
    /// Print the GraphQL schema.
    Schema,
    /// Verify the invariants of the database. Exits with 4 if any is violated.
    Check {
        #[command(flatten)]
        data: StorageArgs,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum MigrateAction {
    /// Apply pending migrations.
    Up,
    /// List pending migrations.
    Status,
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum KeysAction {
    /// Create a new key, used for signing after one minute; the old one verifies tokens until they expire.
    Rotate,
}

#[derive(Subcommand, Debug)]
enum UserAction {
    /// Create an active person with a password, such as the first administrator.
    Create {
        /// E-mail address.
        email: String,
        /// Role.
        #[arg(long, value_enum)]
        role: RoleArgument,
        /// Read the password from standard input.
        #[arg(long, required = true, env = "HANDOVER_PASSWORD_STDIN", value_parser = BoolishValueParser::new())]
        password_stdin: bool,
        #[command(flatten)]
        data: StorageArgs,
    },
    /// Set a person's password and end their sessions.
    SetPassword {
        /// E-mail address.
        email: String,
        /// Read the password from standard input.
        #[arg(long, required = true, env = "HANDOVER_PASSWORD_STDIN", value_parser = BoolishValueParser::new())]
        password_stdin: bool,
        #[command(flatten)]
        data: StorageArgs,
    },
}

#[derive(ValueEnum, Debug, Clone, Copy)]
enum RoleArgument {
    Administrator,
    Employee,
}

/// Grace period for blocking threads, such as file reads, when the process exits.
const LEFTOVERS: Duration = Duration::from_secs(2);

/// Runs the command line of this process. The runtime is started here and not in the binary, which would compile all
/// that it runs once more.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(cause) => {
            eprintln!("handover: {cause}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(run(cli));
    runtime.shutdown_timeout(LEFTOVERS);
    code
}

/// Runs a command; failures are reported on standard error.
async fn run(cli: Cli) -> ExitCode {
    process::keep_files_private();
    match carry_out(cli.command).await {
        Ok(code) => code,
        Err(stop) => stop.report(),
    }
}

async fn carry_out(command: Command) -> Result<ExitCode, CommandError> {
    match command {
        Command::Demo { dir, seed, serving } => serve::demo(dir, seed, serving).await?,
        Command::Serve {
            data,
            serving,
            no_migrate,
        } => serve::run(&data, &serving, no_migrate).await?,
        Command::Migrate { action, data } => migrate(action, &data).await?,
        Command::Import {
            path,
            dry_run,
            rejects,
            date_format,
            data,
        } => {
            let options = import::Options {
                dry_run,
                rejects,
                dates: date_format,
                progress: std::io::stderr().is_terminal(),
            };
            return import_files(&data, &path, &options).await;
        }
        Command::User { action } => change_user(action).await?,
        Command::Keys {
            action: KeysAction::Rotate,
            data,
        } => {
            let kid = auth::keys::rotate(&connect_migrated(&data).await?).await?;
            say(&format!("new signing key {kid}"));
        }
        Command::Export { email, out, data } => {
            let db = connect_migrated(&data).await?;
            let blobs = Blobs::open(&data.blob_url).map_err(CommandError::setting)?;
            let count = archive::export(&db, &blobs, &email, &out).await?;
            say(&format!("{}: {count} folders and files", out.display()));
        }
        Command::Schema => say(graphql::schema::sdl().trim_end()),
        Command::Check { data } => return check_database(&data).await,
    }
    Ok(ExitCode::SUCCESS)
}

async fn migrate(action: MigrateAction, data: &StorageArgs) -> Result<(), CommandError> {
    let db = connect(data).await?;
    if let MigrateAction::Up = action {
        migrate_if_behind(&db).await?;
    }
    let pending = db.pending_migrations().await?;
    say(&if pending.is_empty() {
        "up to date".into()
    } else {
        format!("pending: {}", pending.join(", "))
    });
    Ok(())
}

async fn import_files(
    data: &StorageArgs,
    path: &Path,
    options: &import::Options,
) -> Result<ExitCode, CommandError> {
    let db = connect_migrated(data).await?;
    let summary = import::import(&db, path, options).await?;
    say(&summary.to_string());
    Ok(match summary.rejects() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(REJECTED),
    })
}

async fn check_database(data: &StorageArgs) -> Result<ExitCode, CommandError> {
    let db = connect(data).await?;
    require_current(&db).await?;
    let findings = check::check(&db).await?;
    if findings.is_empty() {
        say("no violations found");
        return Ok(ExitCode::SUCCESS);
    }
    for finding in &findings {
        say(&finding.to_string());
    }
    Ok(ExitCode::from(VIOLATIONS))
}

async fn change_user(action: UserAction) -> Result<(), CommandError> {
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
            let user = people::create::create_user(app.auth(), &email, role, password).await?;
            say(&format!("{} {}", user.id, user.email));
        }
        UserAction::SetPassword {
            email,
            password_stdin: _,
            data,
        } => {
            let password = read_password()?;
            let app = open(&data).await?;
            auth::change_password::set_password(app.auth(), &email, password).await?;
            say("done");
        }
    }
    Ok(())
}

async fn connect(data: &StorageArgs) -> Result<Db, CommandError> {
    Db::connect(&data.database_url, Clock::system())
        .await
        .map_err(CommandError::setting)
}

async fn connect_migrated(data: &StorageArgs) -> Result<Db, CommandError> {
    let db = connect(data).await?;
    migrate_if_behind(&db).await?;
    Ok(db)
}

/// Applies pending migrations.
async fn migrate_if_behind(db: &Db) -> Result<(), CommandError> {
    require_no_newer_version(db).await?;
    Ok(db.migrate().await?)
}

/// Fails if a newer version of the program has migrated the database.
async fn require_no_newer_version(db: &Db) -> Result<(), CommandError> {
    match db.unknown_migrations().await?.as_slice() {
        [] => Ok(()),
        unknown => Err(CommandError::version(format!(
            "the database was migrated by a newer version of handover: unknown migrations {}",
            unknown.join(", ")
        ))),
    }
}

/// Fails unless the database has exactly the migrations of this version.
async fn require_current(db: &Db) -> Result<(), CommandError> {
    require_no_newer_version(db).await?;
    match db.pending_migrations().await?.len() {
        0 => Ok(()),
        missing => Err(CommandError::version(format!(
            "the database is not up to date ({missing} pending migrations): run handover migrate up"
        ))),
    }
}

async fn open(data: &StorageArgs) -> Result<Arc<App>, CommandError> {
    let options = Options::new(&data.database_url, &data.blob_url);
    let app = server::open(&options, Clock::system())
        .await
        .map_err(CommandError::setting)?;
    migrate_if_behind(&app.db).await?;
    Ok(app)
}

fn read_password() -> Result<SecretString, String> {
    if std::io::stdin().is_terminal() {
        eprintln!("enter the password (it is echoed), then press Enter and Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Prints a line; a closed pipe is not an error.
fn say(text: &str) {
    let _reader_gone = writeln!(std::io::stdout(), "{text}");
}
