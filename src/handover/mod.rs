//! Handing work over: preview, start, run, cancel, retry, undo.
//!
//! [`plan`] counts, [`start`] queues inside the transaction of whoever asked (a dismissal, or `bulkReassign`),
//! [`run`] moves chunk by chunk until everything is through, [`undo`] queues the way back over the ledger.
//! What can be moved stands in [`kinds`]; which items a part means stands in [`selection`], once, for
//! counting and for moving.

pub mod cancel;
pub mod graphql;
pub mod input_graphql;
pub mod kinds;
pub mod ledger_graphql;
pub mod list;
pub mod plan;
pub mod progress;
pub mod requester;
pub mod retry;
pub mod rules;
pub mod run;
pub mod selection;
pub mod start;
pub mod undo;
pub mod work;

use entity::UserId;
use entity::drive_share::ShareAccess;
use entity::handover_part::WorkKind;
use sea_orm::ActiveEnum;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::Error;

/// What someone asks to be moved: one kind of work to one recipient or several.
#[derive(Debug, Clone)]
pub struct Move {
    /// What.
    pub kind: WorkKind,
    /// To whom.
    pub to: Recipient,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
    /// Closed items too.
    pub include_closed: bool,
    /// The one before stays an observer.
    pub keep_as_observer: bool,
    /// Of a drive: how the folder that everything goes into is called and shared.
    pub share: Option<Share>,
}

/// How the folder that a drive goes into is called, and who else gets access to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// What it is called; after the leaver where nothing is said.
    pub folder_name: Option<String>,
    /// Who else.
    pub with: Vec<UserId>,
    /// What they may do.
    pub access: ShareAccess,
}

impl Share {
    /// As it is kept until the folder is made.
    pub fn to_json(&self) -> Value {
        json!({
            "name": self.folder_name,
            "with": self.with.iter().map(|id| id.0).collect::<Vec<_>>(),
            "access": self.access.to_value(),
        })
    }

    /// Reads what [`to_json`](Self::to_json) has made.
    ///
    /// # Errors
    /// [`Error::Internal`] when it has not.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        serde_json::from_str::<KeptShare>(text)
            .map_err(Error::internal)?
            .read()
    }
}

#[derive(Deserialize)]
struct KeptShare {
    name: Option<String>,
    with: Vec<Uuid>,
    access: String,
}

impl KeptShare {
    fn read(self) -> Result<Share, Error> {
        Ok(Share {
            folder_name: self.name,
            with: self.with.into_iter().map(UserId).collect(),
            access: ShareAccess::try_from_value(&self.access)?,
        })
    }
}

/// Moves as they are kept until the day on which they are made.
pub fn to_json(moves: &[Move]) -> String {
    let one = |wanted: &Move| {
        let to = match &wanted.to {
            Recipient::User(person) => json!({ "user": person.0 }),
            Recipient::HeadOfDepartment => json!({ "head": true }),
            Recipient::EvenlyAmong(people) => {
                json!({ "evenly": people.iter().map(|id| id.0).collect::<Vec<_>>() })
            }
        };
        json!({
            "kind": kinds::name(wanted.kind), "to": to, "ids": wanted.ids,
            "closed": wanted.include_closed, "observer": wanted.keep_as_observer,
            "share": wanted.share.as_ref().map(Share::to_json),
        })
    };
    Value::from_iter(moves.iter().map(one)).to_string()
}

/// Reads what [`to_json`] has written.
///
/// # Errors
/// [`Error::Internal`] when it has not.
pub fn from_json(text: &str) -> Result<Vec<Move>, Error> {
    let kept: Vec<Kept> = serde_json::from_str(text).map_err(Error::internal)?;
    let one = |kept: Kept| {
        Ok(Move {
            kind: WorkKind::try_from_value(&kept.kind)?,
            to: match kept.to {
                KeptRecipient { user: Some(id), .. } => Recipient::User(UserId(id)),
                KeptRecipient {
                    evenly: Some(ids), ..
                } => Recipient::EvenlyAmong(ids.into_iter().map(UserId).collect()),
                KeptRecipient { .. } => Recipient::HeadOfDepartment,
            },
            ids: kept.ids,
            include_closed: kept.closed,
            keep_as_observer: kept.observer,
            share: kept.share.map(KeptShare::read).transpose()?,
        })
    };
    kept.into_iter().map(one).collect()
}

#[derive(Deserialize)]
struct Kept {
    kind: String,
    to: KeptRecipient,
    ids: Option<Vec<Uuid>>,
    closed: bool,
    observer: bool,
    share: Option<KeptShare>,
}

#[derive(Deserialize)]
struct KeptRecipient {
    user: Option<Uuid>,
    evenly: Option<Vec<Uuid>>,
}

/// Who gets the work.
#[derive(Debug, Clone)]
pub enum Recipient {
    /// One person.
    User(UserId),
    /// The nearest active head above the one whose work it is.
    HeadOfDepartment,
    /// Each of them every n-th item.
    EvenlyAmong(Vec<UserId>),
}

/// What is asked for as a whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose work; `None` where every move lists its items.
    pub from: Option<UserId>,
    /// Whether that person is being dismissed by the same operation.
    pub leaving: bool,
    /// The moves.
    pub moves: Vec<Move>,
    /// The name of the input field that holds the moves, for refusals.
    pub field: &'static str,
}

/// A move whose recipients have been found.
#[derive(Debug, Clone)]
pub struct Part {
    /// What.
    pub kind: WorkKind,
    /// The people who take turns.
    pub recipients: Vec<UserId>,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
    /// Closed items too.
    pub include_closed: bool,
    /// The one before stays an observer.
    pub keep_as_observer: bool,
    /// Of a drive: how the folder that everything goes into is called and shared.
    pub share: Option<Share>,
    /// How many of the items are about CRM records that the one who asks may not update.
    pub unreachable: i64,
}
