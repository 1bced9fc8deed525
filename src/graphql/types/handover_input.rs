//! Inputs of handovers.

use async_graphql::{ID, InputObject, OneofObject};
use entity::handover_part;
use uuid::Uuid;

use crate::domain::drive::{MAX_SHARES, name};
use crate::domain::handover::matching::{Matching, WorkFilter};
use crate::domain::handover::{Move, REST, Recipient, Request, Share, kinds, rules};
use crate::error::{Code, Error, Failure, Outcome, Refusal, collect, refuse, refuse_if_any};
use crate::graphql::types::crm::CrmItemFilter;
use crate::graphql::types::crm_activities::CrmActivityFilter;
use crate::graphql::types::drive::ShareAccess;
use crate::graphql::types::task_templates::TaskTemplateFilter;
use crate::graphql::types::tasks::TaskFilter;
use crate::graphql::types::work::WorkKind;
use crate::store::input;

/// Input of `bulkReassign` and `handoverPlan`.
#[derive(InputObject)]
pub struct BulkReassignInput {
    /// ID of the person whose work is handed over; may be left out only when every move has `ids` or `matching`.
    from_user_id: Option<ID>,
    /// Which work goes to whom.
    moves: Vec<MoveInput>,
    /// Who gets the open work that no move covers: kinds without a move, and the remaining items of kinds whose moves
    /// have `ids` or `matching`. With several people, the drive goes to the first.
    rest_to: Option<RecipientInput>,
    /// `revision` of the plan you accepted; PLAN_CHANGED if the work has changed since.
    expected_revision: Option<String>,
}

/// One kind of work, and its recipient.
#[derive(InputObject)]
pub struct MoveInput {
    /// Kind.
    kind: WorkKind,
    /// The recipient.
    to: RecipientInput,
    /// Only these items, for example selected rows; at most 5,000.
    ids: Option<Vec<ID>>,
    /// Or the items of this kind that a list shows you, at most 30,000. Not for a scheduled dismissal.
    matching: Option<WorkFilterInput>,
    /// With `matching`: all but these items; at most 5,000.
    except: Option<Vec<ID>>,
    /// Whether to move closed items as well.
    #[graphql(default_with = "Some(false)")]
    include_closed: Option<bool>,
    /// For tasks: keeps the previous holder as an observer, if they are active.
    #[graphql(default_with = "Some(false)")]
    keep_as_observer: Option<bool>,
    /// For a drive: name of the new folder, and who else gets access to it.
    share: Option<ShareInput>,
}

/// The filter of a list: exactly one of these, about the objects of the kind.
#[derive(OneofObject)]
pub enum WorkFilterInput {
    /// As in `tasks`.
    Tasks(TaskFilter),
    /// As in `taskTemplates`.
    TaskTemplates(TaskTemplateFilter),
    /// As in `crmItems`.
    CrmItems(CrmItemFilter),
    /// As in `crmActivities`.
    CrmActivities(CrmActivityFilter),
}

impl WorkFilterInput {
    fn check(self, at: &str) -> Result<WorkFilter, Error> {
        Ok(match self {
            Self::Tasks(filter) => WorkFilter::Tasks(filter.check(&format!("{at}.tasks"))?),
            Self::TaskTemplates(filter) => {
                WorkFilter::TaskTemplates(filter.check(&format!("{at}.taskTemplates"))?)
            }
            Self::CrmItems(filter) => WorkFilter::CrmItems(filter.check(&format!("{at}.crmItems"))?),
            Self::CrmActivities(filter) => {
                WorkFilter::CrmActivities(filter.check(&format!("{at}.crmActivities"))?)
            }
        })
    }
}

/// The folder that a drive moves into: its name, and who else gets access to it.
#[derive(InputObject)]
pub struct ShareInput {
    /// Name of the folder; defaults to "Drive of …". A number is added when the name is taken.
    folder_name: Option<String>,
    /// IDs of the people who also get access; must be active.
    with: Vec<ID>,
    /// Access level of these people.
    access: ShareAccess,
}

/// Recipient of the work: exactly one of these.
#[derive(OneofObject)]
pub enum RecipientInput {
    /// ID of this person.
    UserId(ID),
    /// The nearest active head of department above the person whose work it is. Must be true.
    HeadOfDepartment(bool),
    /// IDs of people among whom the items are distributed in turn (round robin).
    EvenlyAmong(Vec<ID>),
}

impl BulkReassignInput {
    pub(crate) fn check(self) -> Outcome<(Request, Option<String>)> {
        let mut refused = Vec::new();
        let from = self
            .from_user_id
            .map(|id| input::id(&id, "fromUserId"))
            .transpose();
        let from = collect(from, &mut refused)?;
        let moves = moves(self.moves, "moves", &mut refused)?;
        let rest = rest(self.rest_to, &mut refused)?;
        let Some(from) = from else {
            return Err(Failure::Refused(refused));
        };
        let request = Request {
            from,
            leaving: false,
            later: false,
            moves,
            rest,
            excluded_kinds: Vec::new(),
            field: "moves",
            refused,
        };
        Ok((request, self.expected_revision))
    }
}

/// Reads a list of moves. Invalid ones are left out; the reasons are added to `refused`.
///
/// # Errors
/// Only refusals are expected.
pub fn moves(list: Vec<MoveInput>, field: &str, refused: &mut Vec<Refusal>) -> Result<Vec<Move>, Error> {
    let mut moves = Vec::with_capacity(list.len());
    for (place, one) in list.into_iter().enumerate() {
        moves.extend(collect(one.check(place, &format!("{field}.{place}")), refused)?);
    }
    Ok(moves)
}

/// Reads the recipient of the remaining work, as [`moves`] does.
///
/// # Errors
/// As [`moves`].
pub fn rest(to: Option<RecipientInput>, refused: &mut Vec<Refusal>) -> Result<Option<Recipient>, Error> {
    let read = to.map(|to| to.check(REST)).transpose();
    Ok(collect(read, refused)?.flatten())
}

impl RecipientInput {
    fn check(self, at: &str) -> Outcome<Recipient> {
        match self {
            Self::UserId(id) => Ok(Recipient::User(input::id(&id, &format!("{at}.userId"))?)),
            Self::HeadOfDepartment(true) => Ok(Recipient::HeadOfDepartment),
            Self::HeadOfDepartment(false) => refuse(
                Code::RecipientMissing,
                &format!("{at}.headOfDepartment"),
                "only true makes sense",
            ),
            Self::EvenlyAmong(ids) => {
                let path = format!("{at}.evenlyAmong");
                Ok(Recipient::EvenlyAmong(input::ids(
                    &ids,
                    rules::MAX_RECIPIENTS,
                    &path,
                )?))
            }
        }
    }
}

impl MoveInput {
    fn check(self, place: usize, at: &str) -> Outcome<Move> {
        let kind: handover_part::WorkKind = self.kind.into();
        let mut refused = Vec::new();
        let to = collect(self.to.check(&format!("{at}.to")), &mut refused)?;
        let ids = self.ids.map(|ids| subject_ids(&ids, kind, &format!("{at}.ids")));
        let ids = collect(ids.transpose(), &mut refused)?.flatten();
        let matching = matching(self.matching, self.except, kind, at);
        let matching = collect(matching, &mut refused)?.flatten();
        let share = self.share.map(|share| share.check(&format!("{at}.share")));
        let share = collect(share.transpose(), &mut refused)?.flatten();
        refuse_if_any(refused.clone())?;
        let Some(to) = to else {
            return Err(Failure::Refused(refused));
        };
        Ok(Move {
            place,
            kind,
            to,
            ids,
            matching,
            include_closed: self.include_closed.unwrap_or(false),
            keep_as_observer: self.keep_as_observer.unwrap_or(false),
            share,
        })
    }
}

impl ShareInput {
    fn check(self, at: &str) -> Outcome<Share> {
        let mut refused = Vec::new();
        let named = |text: String| name::check(&text, &format!("{at}.folderName"));
        let folder_name = collect(self.folder_name.map(named).transpose(), &mut refused)?.flatten();
        let with = input::ids(&self.with, MAX_SHARES, &format!("{at}.with"));
        let mut with: Vec<entity::UserId> = collect(with, &mut refused)?.unwrap_or_default();
        refuse_if_any(refused)?;
        let mut seen = std::collections::HashSet::new();
        with.retain(|person| seen.insert(*person));
        Ok(Share {
            folder_name,
            with,
            access: self.access.into(),
        })
    }
}

fn matching(
    filter: Option<WorkFilterInput>,
    except: Option<Vec<ID>>,
    kind: handover_part::WorkKind,
    at: &str,
) -> Outcome<Option<Matching>> {
    let field = format!("{at}.except");
    let Some(filter) = filter else {
        return match except {
            Some(_) => refuse(Code::Invalid, &field, "it requires matching"),
            None => Ok(None),
        };
    };
    let field_of_filter = format!("{at}.matching");
    let filter = match filter.check(&field_of_filter) {
        Err(Error::BadInput(message)) => return refuse(Code::Invalid, &field_of_filter, message),
        checked => checked?,
    };
    let except = except.unwrap_or_default();
    let except = subject_ids(&except, kind, &field)?;
    Ok(Some(Matching { filter, except }))
}

fn subject_ids(ids: &[ID], kind: handover_part::WorkKind, field: &str) -> Outcome<Vec<Uuid>> {
    if ids.len() > rules::MAX_IDS {
        return refuse(
            Code::TooMany,
            field,
            format!("at most {} items in one move", rules::MAX_IDS),
        );
    }
    let (name, kind) = (kinds::name(kind), kinds::of(kind));
    let (mut found, mut refused) = (Vec::with_capacity(ids.len()), Vec::new());
    for (place, id) in ids.iter().enumerate() {
        let subject = entity::id::split(id).filter(|(prefix, _)| kind.accepts_prefix(prefix));
        match subject {
            Some((_, uuid)) => found.push(uuid),
            None => refused.push(Refusal::new(
                Code::Invalid,
                &format!("{field}.{place}"),
                format!("this is not the id of something of the kind {name}"),
            )),
        }
    }
    refuse_if_any(refused)?;
    Ok(found)
}
