//! Who gets the work of the people whom a directory dismisses.

use entity::UserId;
use entity::handover_part::WorkKind;
use sea_orm::ActiveEnum;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::Error;

/// One kind of work, and who may get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryMove {
    /// Kind of work.
    pub kind: WorkKind,
    /// Recipients in order of preference: the first who is active gets it.
    pub to: Vec<Recipient>,
    /// Includes closed items.
    pub include_closed: bool,
}

/// Somebody who may get work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// The manager whom the directory names.
    Manager,
    /// The nearest active head above the person.
    HeadOfDepartment,
    /// A person.
    User(UserId),
}

#[derive(Serialize, Deserialize)]
struct Stored {
    kind: String,
    to: Vec<StoredRecipient>,
    include_closed: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredRecipient {
    Manager,
    HeadOfDepartment,
    User(Uuid),
}

/// Returns the stored form.
///
/// # Errors
/// [`Error::Internal`] when it can't be written as JSON.
pub fn to_json(moves: &[DirectoryMove]) -> Result<String, Error> {
    let stored: Vec<Stored> = moves
        .iter()
        .map(|one| Stored {
            kind: one.kind.to_value(),
            to: one
                .to
                .iter()
                .map(|recipient| match recipient {
                    Recipient::Manager => StoredRecipient::Manager,
                    Recipient::HeadOfDepartment => StoredRecipient::HeadOfDepartment,
                    Recipient::User(id) => StoredRecipient::User(id.0),
                })
                .collect(),
            include_closed: one.include_closed,
        })
        .collect();
    serde_json::to_string(&stored).map_err(Error::internal)
}

/// Reads the [stored form](to_json).
///
/// # Errors
/// [`Error::Internal`] for anything else.
pub fn parse(text: &str) -> Result<Vec<DirectoryMove>, Error> {
    let stored: Vec<Stored> = serde_json::from_str(text).map_err(Error::internal)?;
    let read = |one: Stored| {
        Ok(DirectoryMove {
            kind: WorkKind::try_from_value(&one.kind).map_err(Error::internal)?,
            to: one
                .to
                .into_iter()
                .map(|recipient| match recipient {
                    StoredRecipient::Manager => Recipient::Manager,
                    StoredRecipient::HeadOfDepartment => Recipient::HeadOfDepartment,
                    StoredRecipient::User(id) => Recipient::User(UserId(id)),
                })
                .collect(),
            include_closed: one.include_closed,
        })
    };
    stored.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_can_be_read() {
        let moves = vec![DirectoryMove {
            kind: WorkKind::TaskResponsible,
            to: vec![
                Recipient::Manager,
                Recipient::HeadOfDepartment,
                Recipient::User(UserId(Uuid::from_u128(7))),
            ],
            include_closed: true,
        }];
        assert_eq!(parse(&to_json(&moves).unwrap()).unwrap(), moves);
        assert_eq!(parse("[]").unwrap(), []);
        assert!(parse("{}").is_err());
    }
}
