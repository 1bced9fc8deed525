//! Why a command stops, and with which exit code.

use std::process::ExitCode;

use crate::error::{Error, Failure, Refusal};

/// What `--help` says of the exit codes.
pub const HELP: &str = "\
Exit codes: 0 done, 1 refused or failed, 2 a setting is wrong, 3 rows of an import were rejected,
4 check found something, 5 the database can't be reached or used, 6 the database is of another version.";

/// A setting can't be read, or names nothing that can be used.
const SETTING: u8 = 2;
/// An import has left rows behind.
pub const REJECTED: u8 = 3;
/// A check has found something.
pub const BROKEN: u8 = 4;
/// The database can't be reached, or does not do what it is asked.
const DATABASE: u8 = 5;
/// The database was made by a newer version, or has to be brought up to date first.
const VERSION: u8 = 6;

/// Why a command can't go on: one line for the person at the terminal, who may know more than a client.
#[derive(Debug)]
pub struct Stop {
    code: u8,
    message: String,
}

impl Stop {
    /// A setting is wrong.
    pub fn of_setting(message: String) -> Self {
        Self {
            code: SETTING,
            message,
        }
    }

    /// What a setting names can't be used.
    pub fn setting(error: Error) -> Self {
        match error {
            Error::BadInput(message) => Self::of_setting(message),
            other => other.into(),
        }
    }

    /// The database is of another version.
    pub fn version(message: String) -> Self {
        Self {
            code: VERSION,
            message,
        }
    }

    /// Prints the reason; answers the exit code.
    pub fn report(self) -> ExitCode {
        eprintln!("handover: {}", self.message.replace('\n', " "));
        ExitCode::from(self.code)
    }
}

impl From<String> for Stop {
    fn from(message: String) -> Self {
        Self { code: 1, message }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(cause) => Self {
                code: DATABASE,
                message: format!("the database can't be reached: {cause}"),
            },
            Error::Database(cause) => Self {
                code: DATABASE,
                message: format!("the database: {}", crate::store::db::innermost(&cause)),
            },
            Error::Internal(cause) => Self::from(cause),
            other => Self::from(other.to_string()),
        }
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(reasons) => {
                let tell = |reason: &Refusal| match reason.field.as_slice() {
                    [] => reason.message.clone(),
                    field => format!("{}: {}", field.join("."), reason.message),
                };
                Self::from(reasons.iter().map(tell).collect::<Vec<_>>().join("; "))
            }
            Failure::Broken(error) => error.into(),
        }
    }
}
