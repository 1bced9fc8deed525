//! The two kinds of failure: refused (typed, for the person who asked) and broken (opaque, for us).
//!
//! A [`Refusal`] is an answer that the caller can act on; it reaches them as a `UserError` in the payload.
//! An [`Error`] reaches them as a GraphQL error with a code, and never tells more than its fixed text:
//! the cause goes to the log.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Seconds after which a database that can't be reached may be tried again.
const RETRY_UNAVAILABLE: u32 = 2;

/// What an operation answers: its result, a refusal, or a failure.
pub type Outcome<T> = Result<T, Failure>;

/// Why an operation did not do what was asked; nothing of it has been written.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A rule says no; at least one reason.
    Refused(Vec<Refusal>),
    /// The request can't be answered.
    Broken(Error),
}

/// One reason why a rule says no.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason, for programs.
    pub code: Code,
    /// The reason, for people.
    pub message: String,
    /// The path of the input field that it is about, `["handover", "0", "to", "userId"]` for instance.
    pub field: Vec<String>,
}

impl Refusal {
    /// A refusal about the field at `path`, its names joined by dots; an empty path is about the whole input.
    pub fn new(code: Code, path: &str, message: impl Into<String>) -> Self {
        let field = path
            .split('.')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        Self {
            code,
            message: message.into(),
            field,
        }
    }
}

/// The reasons that a rule can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The value is not acceptable; the message says why.
    Invalid,
    /// No such object, or not one that the caller may see.
    NotFound,
    /// Nobody dismisses themselves.
    CannotDismissYourself,
    /// Nobody hires themselves.
    CannotHireYourself,
    /// There must always be an active administrator.
    LastAdministrator,
    /// The person is not dismissed.
    NotDismissed,
    /// The person has not accepted the invitation yet.
    InvitationPending,
    /// Work can only go to people who are active.
    RecipientNotActive,
    /// Nobody was named, or nobody could be found, to take the work.
    RecipientMissing,
    /// The caller lacks the CRM permission for these records.
    CrmAccessRequired,
    /// The work is no longer what the preview showed.
    PlanChanged,
    /// A handover of the same work is still running.
    HandoverInProgress,
    /// This handover can't be undone.
    NotUndoable,
    /// The address belongs to someone else.
    EmailTaken,
    /// The name belongs to something else.
    NameTaken,
    /// The moment has passed.
    DateInPast,
    /// The address or the password is wrong.
    WrongCredentials,
    /// The password is too easy to guess.
    PasswordTooWeak,
    /// The token is unknown, used or expired.
    TokenInvalid,
    /// More than the limit.
    TooMany,
}

/// A failure that a payload has no place for. `Display` is what the caller may read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or no longer.
    #[error("sign in first: the token is missing, expired or no longer accepted")]
    Unauthenticated,
    /// Signed in, but not allowed.
    #[error("you are not allowed to do this: it needs {0}")]
    Forbidden(&'static str),
    /// The request itself is wrong; the text names the argument.
    #[error("{0}")]
    BadInput(String),
    /// There is no such object.
    #[error("{0}")]
    NotFound(String),
    /// Asked too often; so many seconds from now it can be tried again.
    #[error("you ask too often: try again in {0} seconds")]
    RateLimited(u32),
    /// Too many others wrote at the same time; it can be tried again.
    #[error("too many changes at the same time: try again")]
    Conflict,
    /// The database can't be reached at the moment; the text is for the log and the command line.
    #[error("the database can't be reached at the moment: try again")]
    Unavailable(String),
    /// The database failed.
    #[error("internal error")]
    Database(#[from] Arc<DbErr>),
    /// Something else failed; the text is for the log.
    #[error("internal error")]
    Internal(String),
}

impl Error {
    /// The value of `extensions.code`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden(_) => "FORBIDDEN",
            Self::BadInput(_) => "BAD_USER_INPUT",
            Self::NotFound(_) => "NOT_FOUND",
            Self::RateLimited(_) => "RATE_LIMITED",
            Self::Conflict => "CONFLICT",
            Self::Unavailable(_) => "UNAVAILABLE",
            Self::Database(_) | Self::Internal(_) => "INTERNAL",
        }
    }

    /// Seconds after which the same request may succeed, where waiting helps.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(RETRY_UNAVAILABLE),
            _ => None,
        }
    }

    /// A failure that only the log explains.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
}

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Self {
        let gone = match &cause {
            DbErr::ConnectionAcquire(_) => true,
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_unreachable(cause),
            _ => false,
        };
        match gone {
            true => Self::Unavailable(cause.to_string()),
            false => Self::Database(Arc::new(cause)),
        }
    }
}

/// Whether the database server, or the way to it, has gone, or nobody gets a connection.
fn is_unreachable(cause: &sqlx::Error) -> bool {
    matches!(cause, sqlx::Error::PoolTimedOut) || has_gone(cause)
}

/// Whether the database server, or the way to it, has gone: the statement has not been answered.
pub fn has_gone(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // The administrator stops the server, it crashed, or it is just starting.
        sqlx::Error::Database(cause) => matches!(cause.code().as_deref(), Some("57P01" | "57P02" | "57P03")),
        _ => false,
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<DbErr> for Failure {
    fn from(cause: DbErr) -> Self {
        Self::Broken(cause.into())
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(vec![refusal])
    }
}

/// Refuses with one reason: `return refuse(Code::NotFound, "userId", "…")`.
pub fn refuse<T>(code: Code, path: &str, message: impl Into<String>) -> Outcome<T> {
    Err(Refusal::new(code, path, message).into())
}

/// The result, if there is one; the reasons of a refusal are put to the others, so that all of them can be told at once.
///
/// # Errors
/// The failure, when it is not a refusal.
pub fn collect<T>(outcome: Outcome<T>, refusals: &mut Vec<Refusal>) -> Result<Option<T>, Error> {
    match outcome {
        Ok(result) => Ok(Some(result)),
        Err(Failure::Refused(reasons)) => {
            refusals.extend(reasons);
            Ok(None)
        }
        Err(Failure::Broken(error)) => Err(error),
    }
}

/// `Ok` when there are no reasons, a refusal with all of them otherwise.
pub fn refuse_if_any(refusals: Vec<Refusal>) -> Outcome<()> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(refusals))
    }
}
