//! Refusals as payloads carry them.

use async_graphql::{Enum, ID, MaybeUndefined, SimpleObject};
use async_graphql::{ServerError, resolver_utils::EnumType};
use std::sync::Arc;

use crate::error::{Code, Error, Failure, Outcome, Refusal};
use crate::store::input;
use crate::store::input::Change;

/// Why a mutation did not do what was asked, for programs. A refusal changes nothing.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(name = "UserErrorCode", remote = "Code")]
pub enum UserErrorCode {
    /// The value is not acceptable; the message says why.
    Invalid,
    /// There is no such object, or not one that you may see.
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
    /// Work can only be given to people who are active.
    RecipientNotActive,
    /// Nobody was named, or nobody could be found, to take the work.
    RecipientMissing,
    /// You lack the CRM permission to update these records.
    CrmAccessRequired,
    /// The work is no longer what the preview showed: look at a new one.
    PlanChanged,
    /// A handover of the same work is still running.
    HandoverInProgress,
    /// This handover can't be undone.
    NotUndoable,
    /// Somebody else has this e-mail address.
    EmailTaken,
    /// Something beside it has this name.
    NameTaken,
    /// The moment has passed.
    DateInPast,
    /// The e-mail address or the password is wrong.
    WrongCredentials,
    /// The password is too easy to guess.
    PasswordTooWeak,
    /// The token is unknown, used or expired.
    TokenInvalid,
    /// More than the limit that the message names.
    TooMany,
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

/// A refusal that the caller can act on. Everything else is a GraphQL error with `extensions.code`.
#[derive(SimpleObject, Clone)]
pub struct UserError {
    /// The reason, for programs.
    code: UserErrorCode,
    /// The reason, in English, for people.
    message: String,
    /// The path of the input field that it is about, list places as numbers; null for the whole input.
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

/// Splits an outcome into what a payload holds: the result or the refusals.
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

/// A list of refusals as payloads carry them.
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

/// A typed id of a query's argument: there, a wrong one is an error of the request.
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

/// The typed ids of a list in a query's argument: [`input::VALUES`] at most.
///
/// # Errors
/// As [`argument_id`], with the place in the list.
pub fn argument_ids<T: std::str::FromStr<Err = entity::id::InvalidId>>(
    ids: &[ID],
    argument: &str,
) -> Result<Vec<T>, Error> {
    if ids.len() > input::VALUES {
        return Err(Error::BadInput(format!(
            "{argument}: at most {} values",
            input::VALUES
        )));
    }
    ids.iter()
        .enumerate()
        .map(|(place, id)| argument_id(id, &format!("{argument}.{place}")))
        .collect()
}

/// An error with a code that programs know.
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
