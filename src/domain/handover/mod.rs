//! Handing work over: preview, start, run, cancel, retry, undo.
//!
//! [`plan`] counts, [`start`] queues inside the transaction of whoever asked (a dismissal, or `bulkReassign`),
//! [`run`] moves chunk by chunk until everything is through, [`undo`] queues the way back over the ledger.
//! What can be moved stands in [`kinds`]; which items a part means stands in [`selection`], once, for
//! counting and for moving.

pub mod cancel;
mod chunk;
pub mod kinds;
pub mod list;
pub mod plan;
pub mod progress;
pub mod requester;
mod resolve;
pub mod retry;
pub mod returnable;
pub mod returns;
pub mod rules;
pub mod run;
pub mod selection;
pub mod start;
pub mod undo;
pub mod way;
pub mod work;

use entity::UserId;
use entity::drive_share::ShareAccess;
use entity::handover_part::WorkKind;
use sea_orm::ActiveEnum;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use self::selection::OutOfReach;
use crate::error::{Error, Refusal};

/// Items in one chunk: small enough that others wait for a fraction of a second, large enough that the
/// statements are about sets.
pub const CHUNK: u64 = 5_000;

/// What someone asks to be moved: one kind of work to one recipient or several.
#[derive(Debug, Clone)]
pub struct Move {
    /// Its place in the request, for refusals: those that could not be read are not among the moves.
    pub place: usize,
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

/// What is requested as it is kept until the day on which it is done: the moves, and who gets the rest.
pub fn to_json(moves: Option<&[Move]>, rest: Option<&Recipient>) -> String {
    let one = |wanted: &Move| {
        json!({
            "kind": kinds::name(wanted.kind), "to": wanted.to.to_json(), "ids": wanted.ids,
            "closed": wanted.include_closed, "observer": wanted.keep_as_observer,
            "share": wanted.share.as_ref().map(Share::to_json),
        })
    };
    json!({
        "moves": moves.map(|moves| moves.iter().map(one).collect::<Vec<_>>()),
        "rest": rest.map(Recipient::to_json),
    })
    .to_string()
}

/// Reads what [`to_json`] has written, or the list of moves alone that earlier versions wrote.
///
/// # Errors
/// [`Error::Internal`] when neither has.
pub fn from_json(text: &str) -> Result<(Option<Vec<Move>>, Option<Recipient>), Error> {
    let kept = match serde_json::from_str(text).map_err(Error::internal)? {
        Either::Moves(moves) => Kept {
            moves: Some(moves),
            rest: None,
        },
        Either::All(all) => all,
    };
    let one = |(place, kept): (usize, KeptMove)| {
        Ok(Move {
            place,
            kind: WorkKind::try_from_value(&kept.kind)?,
            to: kept.to.read(),
            ids: kept.ids,
            include_closed: kept.closed,
            keep_as_observer: kept.observer,
            share: kept.share.map(KeptShare::read).transpose()?,
        })
    };
    let moves = kept.moves.map(|moves| {
        moves
            .into_iter()
            .enumerate()
            .map(one)
            .collect::<Result<_, Error>>()
    });
    Ok((moves.transpose()?, kept.rest.map(KeptRecipient::read)))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Either {
    Moves(Vec<KeptMove>),
    All(Kept),
}

#[derive(Deserialize)]
struct Kept {
    moves: Option<Vec<KeptMove>>,
    rest: Option<KeptRecipient>,
}

#[derive(Deserialize)]
struct KeptMove {
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

impl KeptRecipient {
    fn read(self) -> Recipient {
        match self {
            Self { user: Some(id), .. } => Recipient::User(UserId(id)),
            Self {
                evenly: Some(ids), ..
            } => Recipient::EvenlyAmong(ids.into_iter().map(UserId).collect()),
            Self { .. } => Recipient::HeadOfDepartment,
        }
    }
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

impl Recipient {
    /// The people whom it names.
    pub fn people(&self) -> &[UserId] {
        match self {
            Self::User(person) => std::slice::from_ref(person),
            Self::EvenlyAmong(people) => people,
            Self::HeadOfDepartment => &[],
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::User(person) => json!({ "user": person.0 }),
            Self::HeadOfDepartment => json!({ "head": true }),
            Self::EvenlyAmong(people) => {
                json!({ "evenly": people.iter().map(|id| id.0).collect::<Vec<_>>() })
            }
        }
    }
}

/// What is requested as a whole.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whose work; `None` where every move lists its items.
    pub from: Option<UserId>,
    /// Whether that person is being dismissed by the same operation.
    pub leaving: bool,
    /// Whether it is to be done at a later time: what runs now has ended by then.
    pub later: bool,
    /// The moves.
    pub moves: Vec<Move>,
    /// Who gets everything open that no move names.
    pub rest: Option<Recipient>,
    /// Kinds that the rest leaves alone, because a move that named them is not carried out.
    pub spared: Vec<WorkKind>,
    /// The name of the input field that holds the moves, for refusals.
    pub field: &'static str,
    /// What was wrong with moves that could not be read.
    pub refused: Vec<Refusal>,
}

impl Request {
    /// The items of a kind that moves list.
    pub fn listed(&self, kind: WorkKind) -> impl Iterator<Item = Uuid> {
        let of_kind = self.moves.iter().filter(move |wanted| wanted.kind == kind);
        of_kind.flat_map(|wanted| wanted.ids.iter().flatten().copied())
    }
}

/// The name of the input field that says who gets what no move names.
pub const REST: &str = "restTo";

/// A move whose recipients have been found.
#[derive(Debug, Clone)]
pub struct Part {
    /// What.
    pub kind: WorkKind,
    /// The people who take turns.
    pub recipients: Vec<UserId>,
    /// Only these.
    pub ids: Option<Vec<Uuid>>,
    /// All but these, which other parts list.
    pub except: Vec<Uuid>,
    /// Closed items too.
    pub include_closed: bool,
    /// The one before stays an observer.
    pub keep_as_observer: bool,
    /// Of a drive: how the folder that everything goes into is called and shared.
    pub share: Option<Share>,
    /// Which of the items are about CRM records that the one who asks may not update.
    pub out_of_reach: Vec<OutOfReach>,
}

impl Part {
    /// How many of the items are about CRM records that the one who asks may not update.
    pub fn unreachable(&self) -> i64 {
        self.out_of_reach.iter().map(|some| some.count).sum()
    }
}
