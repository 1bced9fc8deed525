//! Handing work over: preview, start, run, cancel, retry, undo.
//!
//! [`plan`] counts, [`start`] queues inside the caller's transaction (a dismissal, or `bulkReassign`), [`run`] moves
//! chunk by chunk until everything is done, [`undo`] queues the return of what the ledger says was moved. [`kinds`]
//! defines what can be moved; [`selection`] defines the items of a part, once, for counting and for moving.

pub mod allowed;
pub mod cancel;
mod chunk;
pub mod kinds;
pub mod list;
pub mod matching;
pub mod plan;
pub mod progress;
pub mod replay;
pub mod requester;
mod resolve;
pub mod retry;
pub mod returnable;
pub mod returns;
pub mod rules;
pub mod run;
pub mod selection;
pub mod start;
pub mod stored;
pub mod undo;
pub mod work;

use entity::UserId;
use entity::drive_share::ShareAccess;
use entity::handover_part::WorkKind;
use uuid::Uuid;

use self::matching::Matching;
use self::selection::OutOfReach;
use crate::error::Refusal;

/// Items per chunk: few enough that others wait for a fraction of a second, many enough for set-based statements.
pub const CHUNK: u64 = 5_000;

/// A requested move: one kind of work to one or several recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Index in the request, for refusals: moves that could not be parsed are missing from the list.
    pub place: usize,
    /// Kind of work.
    pub kind: WorkKind,
    /// Recipient.
    pub to: Recipient,
    /// Only these items.
    pub ids: Option<Vec<Uuid>>,
    /// Or only the items that a list shows.
    pub matching: Option<Matching>,
    /// Includes closed items.
    pub include_closed: bool,
    /// Keeps the previous holder as an observer.
    pub keep_as_observer: bool,
    /// For drives: name and shares of the target folder.
    pub share: Option<Share>,
}

impl Move {
    /// Returns whether it covers everything of its kind that the person holds.
    pub fn is_whole(&self) -> bool {
        self.ids.is_none() && self.matching.is_none()
    }
}

/// Name and shares of the target folder for a drive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Folder name; by default derived from the leaver's name.
    pub folder_name: Option<String>,
    /// People who also get access.
    pub with: Vec<UserId>,
    /// Their access level.
    pub access: ShareAccess,
}

/// Recipient of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// One person.
    User(UserId),
    /// The nearest active head above the holder of the work.
    HeadOfDepartment,
    /// Distributes the items evenly: each person gets every n-th.
    EvenlyAmong(Vec<UserId>),
}

impl Recipient {
    /// Returns the people it names.
    pub fn people(&self) -> &[UserId] {
        match self {
            Self::User(person) => std::slice::from_ref(person),
            Self::EvenlyAmong(people) => people,
            Self::HeadOfDepartment => &[],
        }
    }
}

/// A requested handover.
#[derive(Debug, Clone)]
pub struct Request {
    /// Person whose work is moved; `None` if every move selects its items.
    pub from: Option<UserId>,
    /// Whether the same operation dismisses that person.
    pub leaving: bool,
    /// Whether it is scheduled: handovers running now will have finished by then.
    pub later: bool,
    /// Moves.
    pub moves: Vec<Move>,
    /// Recipient of all open work that no move covers.
    pub rest: Option<Recipient>,
    /// Kinds excluded from the rest, because a move that named them was refused.
    pub excluded_kinds: Vec<WorkKind>,
    /// Name of the input field with the moves, for refusals.
    pub field: &'static str,
    /// Errors in moves that could not be parsed.
    pub refused: Vec<Refusal>,
}

/// Name of the input field with the recipient of the rest.
pub const REST: &str = "restTo";

/// A move with its recipients resolved.
#[derive(Debug, Clone)]
pub struct Part {
    /// Kind of work.
    pub kind: WorkKind,
    /// Recipients, in turn.
    pub recipients: Vec<UserId>,
    /// Only these items.
    pub ids: Option<Vec<Uuid>>,
    /// All but these items, which other parts list.
    pub except: Vec<Uuid>,
    /// Includes closed items.
    pub include_closed: bool,
    /// Keeps the previous holder as an observer.
    pub keep_as_observer: bool,
    /// For drives: name and shares of the target folder.
    pub share: Option<Share>,
    /// Items about CRM records that the requester may not update.
    pub out_of_reach: Vec<OutOfReach>,
}

impl Part {
    /// Returns the number of items about CRM records that the requester may not update.
    pub fn unreachable(&self) -> i64 {
        self.out_of_reach.iter().map(|some| some.count).sum()
    }
}
