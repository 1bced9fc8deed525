//! The two kinds of failure: refusals (typed, for the caller) and errors (opaque, for the log).
//!
//! A [`Refusal`] is something the caller can act on; it reaches them as a `UserError` in the payload. An [`Error`]
//! reaches them as a GraphQL error with a code and a fixed text; its cause is only logged.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, sqlx};

/// Seconds after which a client may retry when the database is unreachable.
const RETRY_UNAVAILABLE: u32 = 2;

/// Result of an operation: a value, a refusal, or an error.
pub type Outcome<T> = Result<T, Failure>;

/// Why an operation did not do what was requested; nothing has been written.
#[derive(Debug, Clone)]
pub enum Failure {
    /// A business rule was violated; at least one reason.
    Refused(Vec<Refusal>),
    /// The request could not be processed.
    Broken(Error),
}

/// One reason for a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Reason, for programs.
    pub code: Code,
    /// Reason, for people.
    pub message: String,
    /// Path of the input field it refers to, for example `["handover", "0", "to", "userId"]`.
    pub field: Vec<String>,
}

impl Refusal {
    /// Creates a refusal for the field at the dotted `path`; an empty path means the whole input.
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

/// Reasons for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The value is invalid; the message says why.
    Invalid,
    /// No such object, or none that the caller may see.
    NotFound,
    /// Callers can't dismiss themselves.
    CannotDismissYourself,
    /// Callers can't hire themselves.
    CannotHireYourself,
    /// At least one active administrator must remain.
    LastAdministrator,
    /// The person is not dismissed.
    NotDismissed,
    /// The person has not accepted the invitation yet.
    InvitationPending,
    /// Recipients of work must be active.
    RecipientNotActive,
    /// No recipient was named, or none could be found.
    RecipientMissing,
    /// The caller lacks the CRM permission for these records.
    CrmAccessRequired,
    /// The work has changed since the preview.
    PlanChanged,
    /// The object has been changed since the caller read it.
    ChangedMeanwhile,
    /// Another handover of the same work is still running.
    HandoverInProgress,
    /// This handover can't be undone.
    NotUndoable,
    /// The e-mail address is already in use.
    EmailTaken,
    /// The name is already in use.
    NameTaken,
    /// The date is in the past.
    DateInPast,
    /// Wrong e-mail address or password.
    WrongCredentials,
    /// The password is too easy to guess.
    PasswordTooWeak,
    /// The token is unknown, used or expired.
    TokenInvalid,
    /// A limit is exceeded.
    TooMany,
    /// A directory decides this.
    ManagedByDirectory,
    /// Requests may not be sent to this address.
    AddressNotAllowed,
    /// Signing in was not possible, for a reason that is not told.
    SignInFailed,
    /// Nobody could sign in any more if the identity provider failed.
    BreakGlassNeeded,
}

/// A failure outside of the payload. `Display` is safe to show to the caller.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No valid access token.
    #[error("authentication required: the access token is missing, expired or revoked")]
    Unauthenticated,
    /// Authenticated, but not permitted; names the missing permission.
    #[error("permission denied: requires {0}")]
    Forbidden(&'static str),
    /// The request is malformed; the text names the argument.
    #[error("{0}")]
    BadInput(String),
    /// No such object.
    #[error("{0}")]
    NotFound(String),
    /// Rate limit exceeded; seconds until the next attempt is allowed.
    #[error("rate limit exceeded: retry in {0} seconds")]
    RateLimited(u32),
    /// Retries were exhausted because of concurrent writes; the caller may retry.
    #[error("too many concurrent changes: try again")]
    Conflict,
    /// The database is unreachable; the cause is for the log and the command line.
    #[error("the database is unreachable: try again")]
    Unavailable(String),
    /// The database returned an error.
    #[error("internal error")]
    Database(#[from] Arc<DbErr>),
    /// Any other failure; the cause is for the log.
    #[error("internal error")]
    Internal(String),
}

impl Error {
    /// Returns the value of `extensions.code`.
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

    /// Returns the seconds after which a retry may succeed, where waiting helps.
    pub fn retry_after(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Unavailable(_) => Some(RETRY_UNAVAILABLE),
            _ => None,
        }
    }

    /// Creates an internal error; the cause is only logged.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }
}

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Self {
        let unreachable = match &cause {
            DbErr::ConnectionAcquire(_) => true,
            DbErr::Conn(RuntimeErr::SqlxError(cause))
            | DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => is_unreachable(cause),
            _ => false,
        };
        match unreachable {
            true => Self::Unavailable(cause.to_string()),
            false => Self::Database(Arc::new(cause)),
        }
    }
}

/// Returns whether the database server is unreachable, or the pool timed out.
fn is_unreachable(cause: &sqlx::Error) -> bool {
    matches!(cause, sqlx::Error::PoolTimedOut) || is_connection_lost(cause)
}

/// Returns whether the connection to the database server was lost: the statement was not answered.
pub fn is_connection_lost(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) => true,
        // Shutdown by the administrator, a crash, or the server is still starting.
        sqlx::Error::Database(cause) => matches!(cause.code().as_deref(), Some("57P01" | "57P02" | "57P03")),
        _ => false,
    }
}

impl Failure {
    /// Returns the error where there is nobody to be told of a refusal: one would be a mistake of the program.
    pub fn into_error(self) -> Error {
        match self {
            Self::Broken(error) => error,
            Self::Refused(reasons) => Error::Internal(format!("unexpected refusal: {reasons:?}")),
        }
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

/// Refuses for one reason: `return refuse(Code::NotFound, "userId", "…")`.
pub fn refuse<T>(code: Code, path: &str, message: impl Into<String>) -> Outcome<T> {
    Err(Refusal::new(code, path, message).into())
}

/// Unwraps the result, or adds the reasons of a refusal to `refusals`, so that all of them are reported at once.
///
/// # Errors
/// Any failure that is not a refusal.
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

/// Returns `Ok` if there are no reasons, otherwise a refusal with all of them.
pub fn refuse_if_any(refusals: Vec<Refusal>) -> Outcome<()> {
    if refusals.is_empty() {
        Ok(())
    } else {
        Err(Failure::Refused(refusals))
    }
}
