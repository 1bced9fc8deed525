//! User errors in payloads.

use std::sync::Arc;

use async_graphql::{Enum, ID, MaybeUndefined, SimpleObject};
use async_graphql::{ServerError, resolver_utils::EnumType};
use uuid::Uuid;

use crate::error::{Code, Error, Failure, Outcome, Refusal};
use crate::store::input;
use crate::store::input::Change;

/// Machine-readable code of a user error. A mutation that returns user errors changes nothing.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(name = "UserErrorCode", remote = "Code")]
pub enum UserErrorCode {
    /// The value is invalid; see the message.
    Invalid,
    /// The object does not exist, or you can't see it.
    NotFound,
    /// You can't dismiss yourself.
    CannotDismissYourself,
    /// You can't rehire yourself.
    CannotHireYourself,
    /// There must always be at least one active administrator.
    LastAdministrator,
    /// The person is not dismissed.
    NotDismissed,
    /// The person has not accepted the invitation yet.
    InvitationPending,
    /// The recipient of the work must be active.
    RecipientNotActive,
    /// No recipient was given, or none could be found.
    RecipientMissing,
    /// You lack the CRM permission to update these records.
    CrmAccessRequired,
    /// The work has changed since the preview; request a new one.
    PlanChanged,
    /// The object has been changed since you read it; read it again.
    ChangedMeanwhile,
    /// A handover of the same work is still in progress.
    HandoverInProgress,
    /// This handover can't be undone.
    NotUndoable,
    /// Another person has this e-mail address.
    EmailTaken,
    /// The name is already taken in the same place.
    NameTaken,
    /// The time is in the past.
    DateInPast,
    /// The e-mail address or the password is wrong.
    WrongCredentials,
    /// The password is too easy to guess.
    PasswordTooWeak,
    /// The token is unknown, used or expired.
    TokenInvalid,
    /// A limit is exceeded; see the message.
    TooMany,
    /// The company's directory decides this; change it there.
    ManagedByDirectory,
    /// Requests may not be sent to this address: it is not public, or not https.
    AddressNotAllowed,
    /// Signing in was not possible. The audit log knows why.
    SignInFailed,
    /// Two break-glass accounts, and an administrator who can sign in with an identity provider, are needed first.
    BreakGlassNeeded,
}

impl UserErrorCode {
    /// The name in the API.
    pub fn name(self) -> &'static str {
        let names = <Self as EnumType>::items();
        names
            .iter()
            .find(|item| item.value == self)
            .map_or("INVALID", |item| item.name)
    }
}

/// An error that the client can act on. All other errors are GraphQL errors with `extensions.code`.
#[derive(SimpleObject, Clone)]
pub struct UserError {
    /// Machine-readable code.
    code: UserErrorCode,
    /// Message in English.
    message: String,
    /// Path of the input field, with list positions as numbers; null when the error is about the whole input.
    field: Option<Vec<String>>,
}

impl From<Refusal> for UserError {
    fn from(refusal: Refusal) -> Self {
        let field = (!refusal.field.is_empty()).then_some(refusal.field);
        Self {
            code: refusal.code.into(),
            message: refusal.message,
            field,
        }
    }
}

/// Splits an outcome into the parts of a payload: the result or the user errors.
///
/// # Errors
/// The failure, when it is not a refusal.
pub fn split<T>(outcome: Outcome<T>) -> Result<(Option<T>, Vec<UserError>), Error> {
    match outcome {
        Ok(result) => Ok((Some(result), Vec::new())),
        Err(Failure::Refused(refusals)) => Ok((None, refusals.into_iter().map(UserError::from).collect())),
        Err(Failure::Broken(error)) => Err(error),
    }
}

/// Converts refusals to user errors.
pub fn user_errors(refusals: Vec<Refusal>) -> Vec<UserError> {
    refusals.into_iter().map(UserError::from).collect()
}

impl<T> From<MaybeUndefined<T>> for Change<T> {
    fn from(value: MaybeUndefined<T>) -> Self {
        match value {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Set(None),
            MaybeUndefined::Value(value) => Self::Set(Some(value)),
        }
    }
}

/// A typed id in an argument of a query, where an invalid id is an error of the request.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn argument_id<T: std::str::FromStr<Err = entity::id::InvalidId>>(
    id: &ID,
    argument: &str,
) -> Result<T, Error> {
    id.parse()
        .map_err(|wrong: entity::id::InvalidId| Error::BadInput(format!("{argument}: {wrong}")))
}

/// As [`argument_id`], for an argument that may be left out.
///
/// # Errors
/// As [`argument_id`].
pub fn argument_id_option<T: std::str::FromStr<Err = entity::id::InvalidId>>(
    id: Option<&ID>,
    argument: &str,
) -> Result<Option<T>, Error> {
    id.map(|id| argument_id(id, argument)).transpose()
}

/// The typed ids of a list in an argument of a query: [`input::MAX_VALUES`] at most.
///
/// # Errors
/// As [`argument_id`], with the place in the list.
pub fn argument_ids<T: std::str::FromStr<Err = entity::id::InvalidId>>(
    ids: &[ID],
    argument: &str,
) -> Result<Vec<T>, Error> {
    if ids.len() > input::MAX_VALUES {
        return Err(Error::BadInput(format!(
            "{argument}: at most {} values",
            input::MAX_VALUES
        )));
    }
    ids.iter()
        .enumerate()
        .map(|(place, id)| argument_id(id, &format!("{argument}.{place}")))
        .collect()
}

/// Splits an id into its prefix and its UUID.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn read_id(id: &str, argument: &str) -> Result<(String, Uuid), Error> {
    let read = entity::id::split(id).map(|(prefix, id)| (prefix.to_owned(), id));
    read.ok_or_else(|| Error::BadInput(format!("{argument}: this is not an id")))
}

/// An error with a machine-readable code.
pub fn coded(message: &str, code: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    error
        .extensions
        .get_or_insert_with(Default::default)
        .set("code", code);
    error
}

/// The error of a request that is not executed.
pub fn refused(error: Error) -> ServerError {
    let mut refused = ServerError::new(error.to_string(), None);
    refused.source = Some(Arc::new(error));
    refused
}
