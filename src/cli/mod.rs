//! The commands: each calls the same functions as the API does.

mod exit;
mod serve;

use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::BoolishValueParser;
use clap::{Parser, Subcommand, ValueEnum};
use entity::user;
use secrecy::SecretString;

use self::exit::{BROKEN, REJECTED, Stop};
use crate::clock::Clock;
use crate::config::{Data, Serving};
use crate::domain::drive::archive;
use crate::domain::drive::blobs::Blobs;
use crate::domain::{auth, people};
use crate::http::app::App;
use crate::runtime::process;
use crate::server::{self, Options};
use crate::store::db::Db;
use crate::{check, graphql, import};

/// Locks leavers out at once, hands their work over in one move, and brings them back.
#[derive(Parser, Debug)]
#[command(version, arg_required_else_help = true, after_help = exit::HELP)]
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
        #[arg(long, env = "HANDOVER_NO_MIGRATE", value_parser = BoolishValueParser::new())]
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
    /// Import the CSV files of a folder, or a corrected rejects file. Exits with 3 when rows were rejected or came
    /// in incomplete.
    Import {
        /// The folder, or the rejects file.
        path: PathBuf,
        /// Check everything, write nothing.
        #[arg(long, env = "HANDOVER_DRY_RUN", value_parser = BoolishValueParser::new())]
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
        #[arg(long, env = "HANDOVER_OUT")]
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
        #[arg(long, required = true, env = "HANDOVER_PASSWORD_STDIN", value_parser = BoolishValueParser::new())]
        password_stdin: bool,
        #[command(flatten)]
        data: Data,
    },
    /// Set somebody's password and end their sessions.
    SetPassword {
        /// The address.
        email: String,
        /// Read the password from standard input.
        #[arg(long, required = true, env = "HANDOVER_PASSWORD_STDIN", value_parser = BoolishValueParser::new())]
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

/// Runs a command; what goes wrong is told on standard error.
pub async fn run(cli: Cli) -> ExitCode {
    process::keep_files_private();
    match carry_out(cli.command).await {
        Ok(code) => code,
        Err(stop) => stop.report(),
    }
}

async fn carry_out(command: Command) -> Result<ExitCode, Stop> {
    match command {
        Command::Demo { dir, seed, serving } => serve::demo(dir, seed, serving).await?,
        Command::Serve {
            data,
            serving,
            no_migrate,
        } => serve::run(&data, &serving, no_migrate).await?,
        Command::Migrate { action, data } => {
            let db = connect(&data).await?;
            if let MigrateAction::Up = action {
                bring_up_to_date(&db).await?;
            }
            let pending = db.pending_migrations().await?;
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
            let summary = import::import(&db, &path, &options).await?;
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
            let kid = auth::keys::rotate(&connect_migrated(&data).await?).await?;
            say(&format!("new signing key {kid}"));
        }
        Command::Export { email, out, data } => {
            let db = connect_migrated(&data).await?;
            let blobs = Blobs::open(&data.blob_url).map_err(Stop::setting)?;
            let count = archive::export(&db, &blobs, &email, &out).await?;
            say(&format!("{}: {count} folders and files", out.display()));
        }
        Command::Schema => say(graphql::schema::sdl().trim_end()),
        Command::Check { data } => {
            let db = connect(&data).await?;
            require_current(&db).await?;
            let findings = check::check(&db).await?;
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

async fn change_user(action: UserAction) -> Result<(), Stop> {
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

async fn connect(data: &Data) -> Result<Db, Stop> {
    Db::connect(&data.database_url, Clock::system())
        .await
        .map_err(Stop::setting)
}

async fn connect_migrated(data: &Data) -> Result<Db, Stop> {
    let db = connect(data).await?;
    bring_up_to_date(&db).await?;
    Ok(db)
}

/// Applies the migrations that are missing.
async fn bring_up_to_date(db: &Db) -> Result<(), Stop> {
    require_known(db).await?;
    Ok(db.migrate().await?)
}

/// Goes on only with a database that no newer version of the program has changed.
async fn require_known(db: &Db) -> Result<(), Stop> {
    match db.unknown_migrations().await?.as_slice() {
        [] => Ok(()),
        unknown => Err(Stop::version(format!(
            "this database was made by a newer version of handover: this one does not know {}",
            unknown.join(", ")
        ))),
    }
}

/// Goes on only with a database that is exactly as this version of the program wants it.
async fn require_current(db: &Db) -> Result<(), Stop> {
    require_known(db).await?;
    match db.pending_migrations().await?.len() {
        0 => Ok(()),
        missing => Err(Stop::version(format!(
            "this database is not up to date ({missing} migrations are missing): handover migrate up"
        ))),
    }
}

async fn open(data: &Data) -> Result<Arc<App>, Stop> {
    let options = Options::new(&data.database_url, &data.blob_url);
    let app = server::open(&options, Clock::system())
        .await
        .map_err(Stop::setting)?;
    bring_up_to_date(&app.db).await?;
    Ok(app)
}

fn read_password() -> Result<SecretString, String> {
    if std::io::stdin().is_terminal() {
        eprintln!("type the password (it is shown), then Enter and Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| format!("standard input: {error}"))?;
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Prints a line; a reader who has gone away is no reason to fail.
fn say(text: &str) {
    let _reader_gone = writeln!(std::io::stdout(), "{text}");
}
