//! What is asked for when work is handed over.

use async_graphql::{ID, InputObject, OneofObject};
use entity::handover_part;
use uuid::Uuid;

use super::graphql::WorkKind;
use super::{Move, Recipient, Request, Share, kinds, rules};
use crate::drive::graphql::ShareAccess;
use crate::drive::{MAX_SHARES, name};
use crate::error::{Code, Outcome, refuse};
use crate::input;

/// What is handed over.
#[derive(InputObject)]
pub struct BulkReassignInput {
    /// Whose work; may be left out only where every move lists its `ids`.
    from_user_id: Option<ID>,
    /// What goes to whom.
    moves: Vec<MoveInput>,
    /// The revision of the `handoverPlan` that was agreed to.
    expected_revision: Option<String>,
}

/// One kind of work, and who gets it.
#[derive(InputObject)]
pub struct MoveInput {
    /// The kind.
    kind: WorkKind,
    /// Who gets it.
    to: RecipientInput,
    /// Only these items: the group action on selected rows. At most 5,000.
    ids: Option<Vec<ID>>,
    /// Closed items too.
    #[graphql(default_with = "Some(false)")]
    include_closed: Option<bool>,
    /// For tasks: the one before stays informed as an observer, if they are active.
    #[graphql(default_with = "Some(false)")]
    keep_as_observer: Option<bool>,
    /// For a drive: how the folder that everything goes into is called, and who else gets access to it.
    share: Option<ShareInput>,
}

/// How the folder that a drive goes into is called, and who else gets access to it.
#[derive(InputObject)]
pub struct ShareInput {
    /// What it is called; "Drive of …" when left out. A name that is taken gets a number.
    folder_name: Option<String>,
    /// Who else gets access: active people.
    with: Vec<ID>,
    /// What they may do.
    access: ShareAccess,
}

/// Who gets the work: exactly one of these.
#[derive(OneofObject)]
pub enum RecipientInput {
    /// This person.
    UserId(ID),
    /// The nearest active head above the one whose work it is. Always true.
    HeadOfDepartment(bool),
    /// Each of these people every n-th item, in the order of the items.
    EvenlyAmong(Vec<ID>),
}

impl BulkReassignInput {
    pub(super) fn check(self) -> Outcome<(Request, Option<String>)> {
        let from = self
            .from_user_id
            .map(|id| input::id(&id, "fromUserId"))
            .transpose()?;
        let moves = moves(self.moves, "moves")?;
        Ok((
            Request {
                from,
                leaving: false,
                moves,
                field: "moves",
            },
            self.expected_revision,
        ))
    }
}

/// Reads a list of moves.
///
/// # Errors
/// Refusals of ids that are not of the type they have to be.
pub fn moves(list: Vec<MoveInput>, field: &str) -> Outcome<Vec<Move>> {
    list.into_iter()
        .enumerate()
        .map(|(place, one)| one.check(&format!("{field}.{place}")))
        .collect()
}

impl MoveInput {
    fn check(self, at: &str) -> Outcome<Move> {
        let kind: handover_part::WorkKind = self.kind.into();
        let to = match self.to {
            RecipientInput::UserId(id) => Recipient::User(input::id(&id, &format!("{at}.to.userId"))?),
            RecipientInput::HeadOfDepartment(true) => Recipient::HeadOfDepartment,
            RecipientInput::HeadOfDepartment(false) => {
                return refuse(
                    Code::RecipientMissing,
                    &format!("{at}.to.headOfDepartment"),
                    "only true makes sense",
                );
            }
            RecipientInput::EvenlyAmong(ids) => {
                let path = format!("{at}.to.evenlyAmong");
                Recipient::EvenlyAmong(input::ids(&ids, rules::MAX_RECIPIENTS, &path)?)
            }
        };
        let ids = self
            .ids
            .map(|ids| subject_ids(&ids, kind, &format!("{at}.ids")))
            .transpose()?;
        Ok(Move {
            kind,
            to,
            ids,
            include_closed: self.include_closed.unwrap_or(false),
            keep_as_observer: self.keep_as_observer.unwrap_or(false),
            share: self
                .share
                .map(|share| share.check(&format!("{at}.share")))
                .transpose()?,
        })
    }
}

impl ShareInput {
    fn check(self, at: &str) -> Outcome<Share> {
        let named = |text: String| name::check(&text, &format!("{at}.folderName"));
        let mut with: Vec<entity::UserId> = input::ids(&self.with, MAX_SHARES, &format!("{at}.with"))?;
        let mut seen = std::collections::HashSet::new();
        with.retain(|person| seen.insert(*person));
        Ok(Share {
            folder_name: self.folder_name.map(named).transpose()?,
            with,
            access: self.access.into(),
        })
    }
}

fn subject_ids(ids: &[ID], kind: handover_part::WorkKind, field: &str) -> Outcome<Vec<Uuid>> {
    if ids.len() > rules::MAX_IDS {
        return refuse(
            Code::TooMany,
            field,
            format!("at most {} items in one move", rules::MAX_IDS),
        );
    }
    let kind = kinds::of(kind);
    let read = |(place, id): (usize, &ID)| {
        let suffix = id.rsplit_once('_').filter(|(prefix, _)| kind.takes(prefix));
        match suffix.and_then(|(_, suffix)| entity::id::decode_suffix(suffix)) {
            Some(uuid) => Ok(uuid),
            None => refuse(
                Code::Invalid,
                &format!("{field}.{place}"),
                format!("this is not the id of a {}", kind.subject()),
            ),
        }
    };
    ids.iter().enumerate().map(read).collect()
}
