//! Command failures and exit codes.

use std::process::ExitCode;

use crate::error::{Error, Failure, Refusal};

/// Exit codes for `--help`.
pub const HELP: &str = "\
Exit codes: 0 success, 1 refused or failed, 2 invalid setting, 3 import rows rejected or incomplete,
4 check found violations, 5 database unavailable, 6 database version mismatch.";

/// A setting is invalid or names something unusable.
const SETTING: u8 = 2;
/// An import rejected rows or left them incomplete.
pub const REJECTED: u8 = 3;
/// A check found violations.
pub const VIOLATIONS: u8 = 4;
/// The database can't be reached or fails.
const DATABASE: u8 = 5;
/// The database was created by a newer version, or has pending migrations.
const VERSION: u8 = 6;

/// The failure of a command: one line for the terminal, which may reveal more than an API error.
#[derive(Debug)]
pub struct CommandError {
    code: u8,
    message: String,
}

impl CommandError {
    /// Creates the failure for an invalid setting.
    pub fn invalid_setting(message: String) -> Self {
        Self {
            code: SETTING,
            message,
        }
    }

    /// Converts the failure to use what a setting names.
    pub fn setting(error: Error) -> Self {
        match error {
            Error::BadInput(message) => Self::invalid_setting(message),
            other => other.into(),
        }
    }

    /// Creates the failure for a database of another version.
    pub fn version(message: String) -> Self {
        Self {
            code: VERSION,
            message,
        }
    }

    /// Prints the reason and returns the exit code.
    pub fn report(self) -> ExitCode {
        eprintln!("handover: {}", self.message.replace('\n', " "));
        ExitCode::from(self.code)
    }
}

impl From<String> for CommandError {
    fn from(message: String) -> Self {
        Self { code: 1, message }
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(cause) => Self {
                code: DATABASE,
                message: format!("the database can't be reached: {cause}"),
            },
            Error::Database(cause) => Self {
                code: DATABASE,
                message: format!("database: {}", crate::store::db::innermost(&cause)),
            },
            Error::Internal(cause) => Self::from(cause),
            other => Self::from(other.to_string()),
        }
    }
}

impl From<Failure> for CommandError {
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
