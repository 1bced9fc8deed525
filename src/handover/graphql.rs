//! Handovers in the API.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::{HandoverId, handover, handover_entry, handover_part};
use uuid::Uuid;

use super::plan::{self, PlanLine};
use super::work::WorkLine as Line;
use super::{Move, Recipient, Request, cancel, kinds, list, retry, rules, run, start, undo};
use crate::auth::Permission;
use crate::error::{Code, Error, Outcome, refuse};
use crate::graphql::connection::{connection, page_cost};
use crate::graphql::context::ContextExt;
use crate::graphql::node::Node;
use crate::graphql::user_error::{UserError, argument_id, split, user_errors};
use crate::input;
use crate::page::PageArgs;
use crate::people::graphql::User;

/// An object and the part a person plays in it: what a handover moves.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_part::WorkKind")]
pub enum WorkKind {
    /// Tasks that the person does. Moving gives them a new responsible.
    TaskResponsible,
    /// Tasks that the person has set. Moving gives them a new creator.
    TaskCreator,
    /// Tasks that the person assists in. The recipient takes part instead.
    TaskParticipant,
    /// Tasks that the person follows. The recipient follows them instead.
    TaskObserver,
    /// Recurring tasks that the person sets or does. The recipient takes the places that the person has.
    TaskTemplate,
    /// Leads.
    CrmLead,
    /// Deals.
    CrmDeal,
    /// Contacts.
    CrmContact,
    /// Companies.
    CrmCompany,
    /// Quotes.
    CrmQuote,
    /// Invoices.
    CrmInvoice,
    /// Departments that the person leads. Moving gives them a new head.
    DepartmentHead,
}

/// How far a handover has come.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover::HandoverState")]
pub enum HandoverState {
    /// Waits to be run.
    Queued,
    /// Being run.
    Running,
    /// Everything has moved, or was skipped for a good reason.
    Succeeded,
    /// Some items failed; they can be retried.
    Partial,
    /// Every item failed; they can be retried.
    Failed,
    /// Stopped. What had moved stays moved, and can be undone.
    Cancelled,
}

/// What became of one item.
#[derive(Enum, Copy, Clone, PartialEq, Eq)]
#[graphql(remote = "handover_entry::HandoverOutcome")]
pub enum HandoverOutcome {
    /// It is with its recipient.
    Moved,
    /// It was left where it is, for the reason given.
    Skipped,
    /// It could not be moved, for the reason given.
    Failed,
}

/// Everything that a person holds.
#[derive(SimpleObject)]
pub struct WorkInventory {
    /// Open and closed items together.
    total: i32,
    /// By kind; kinds of which the person holds nothing are left out.
    lines: Vec<WorkLine>,
}

/// How much of one kind a person holds.
#[derive(SimpleObject)]
pub struct WorkLine {
    /// The kind.
    kind: WorkKind,
    /// Items that are still being worked on.
    open: i32,
    /// Items that are over.
    closed: i32,
}

impl From<Vec<Line>> for WorkInventory {
    fn from(lines: Vec<Line>) -> Self {
        let total = lines.iter().map(|line| line.open + line.closed).sum();
        let lines = lines
            .into_iter()
            .map(|line| WorkLine {
                kind: line.kind.into(),
                open: int(line.open),
                closed: int(line.closed),
            })
            .collect();
        Self {
            total: int(total),
            lines,
        }
    }
}

fn int(count: i64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What a handover would do. Nothing has been written.
#[derive(SimpleObject)]
pub struct HandoverPlan {
    /// Pass it to `bulkReassign` or `dismissUser`: refused with PLAN_CHANGED when the work has changed since.
    revision: String,
    /// How many items would move.
    total: i32,
    /// By kind and recipient.
    lines: Vec<HandoverPlanLine>,
    /// What `bulkReassign` would refuse.
    user_errors: Vec<UserError>,
}

/// What one recipient would get of one kind.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HandoverPlanLine {
    /// The kind.
    kind: WorkKind,
    /// Items that would move.
    movable: i32,
    /// Closed items that would stay where they are; counted once for each move, on its first recipient.
    left_closed: i32,
    /// Items that you lack the CRM permission to hand over.
    unreachable: i32,
    #[graphql(skip)]
    line: PlanLine,
}

impl From<PlanLine> for HandoverPlanLine {
    fn from(line: PlanLine) -> Self {
        Self {
            kind: line.kind.into(),
            movable: int(line.movable),
            left_closed: int(line.left_closed),
            unreachable: 0,
            line,
        }
    }
}

#[ComplexObject]
impl HandoverPlanLine {
    /// Who would get them.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        Ok(ctx
            .loaders()
            .users
            .load(self.line.recipient)
            .await?
            .map(User::from))
    }
}

/// One move of work: queued, run in the background, and kept with its ledger.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Handover {
    /// The id.
    pub id: ID,
    /// How far it has come.
    state: HandoverState,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When it ended.
    finished_at: Option<DateTime<Utc>>,
    /// Items that are with their recipients.
    moved: i32,
    /// Items that were left where they are for a good reason.
    skipped: i32,
    /// Items that could not be moved.
    failed: i32,
    #[graphql(skip)]
    row: handover::Model,
}

impl From<handover::Model> for Handover {
    fn from(row: handover::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            state: row.state.into(),
            created_at: row.created_at,
            finished_at: row.finished_at,
            moved: int(row.moved),
            skipped: int(row.skipped),
            failed: int(row.failed),
            row,
        }
    }
}

impl Handover {
    async fn planned(&self, ctx: &Context<'_>) -> Result<i64, Error> {
        match self.row.total {
            Some(total) => Ok(total),
            None => run::planned(&ctx.app().db, &self.row).await,
        }
    }

    async fn other(ctx: &Context<'_>, id: Option<HandoverId>) -> Result<Option<Self>, Error> {
        let Some(id) = id else { return Ok(None) };
        Ok(ctx.loaders().handovers.load(id).await?.map(Self::from))
    }
}

#[ComplexObject]
impl Handover {
    /// Whose work it is; null where the items were listed, and for an undo.
    #[graphql(name = "from")]
    async fn whose(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        let Some(id) = self.row.from_user_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().users.load(id).await?.map(User::from))
    }

    /// The administrator.
    async fn requested_by(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.row.requested_by_id).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a handover requested by nobody"))
    }

    /// How many items are to move; once it is over, how many were found: moved + skipped + failed.
    async fn total(&self, ctx: &Context<'_>) -> Result<i32, Error> {
        Ok(int(self.planned(ctx).await?))
    }

    /// How far it has come, from 0 to 1.
    async fn progress(&self, ctx: &Context<'_>) -> Result<f64, Error> {
        if self.row.state.is_finished() {
            return Ok(1.0);
        }
        let done = self.row.moved + self.row.skipped + self.row.failed;
        Ok((done as f64 / self.planned(ctx).await?.max(1) as f64).min(1.0))
    }

    /// The result by kind and recipient.
    async fn lines(&self, ctx: &Context<'_>) -> Result<Vec<HandoverLine>, Error> {
        let lines = ctx
            .loaders()
            .handover_lines
            .load(self.row.id)
            .await?
            .unwrap_or_default();
        Ok(lines.into_iter().map(HandoverLine::from).collect())
    }

    /// The ledger: what became of each item.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn entries(
        &self,
        ctx: &Context<'_>,
        kind: Option<WorkKind>,
        outcome: Option<HandoverOutcome>,
        first: Option<i32>,
        after: Option<String>,
    ) -> Result<HandoverEntryConnection, Error> {
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let (kind, outcome) = (kind.map(Into::into), outcome.map(Into::into));
        Ok(list::entries(&ctx.app().db, self.row.id, kind, outcome, &args)
            .await?
            .into())
    }

    /// The handover that this one takes back; the latest, where it takes back several.
    async fn undoes(&self, ctx: &Context<'_>) -> Result<Option<Handover>, Error> {
        let undoing = ctx.loaders().undoing.load(self.row.id).await?.unwrap_or_default();
        Self::other(ctx, undoing.undoes).await
    }

    /// The handover that takes this one back.
    async fn undone_by(&self, ctx: &Context<'_>) -> Result<Option<Handover>, Error> {
        let undoing = ctx.loaders().undoing.load(self.row.id).await?.unwrap_or_default();
        Self::other(ctx, undoing.undone_by).await
    }
}

/// The result of a handover for one kind and one recipient.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct HandoverLine {
    /// The kind.
    kind: WorkKind,
    /// Items that are with the recipient.
    moved: i32,
    /// Items that were left where they are for a good reason.
    skipped: i32,
    /// Items that could not be moved.
    failed: i32,
    #[graphql(skip)]
    user: entity::UserId,
}

impl From<entity::handover_line::Model> for HandoverLine {
    fn from(row: entity::handover_line::Model) -> Self {
        Self {
            kind: row.kind.into(),
            moved: int(row.moved),
            skipped: int(row.skipped),
            failed: int(row.failed),
            user: row.user_id,
        }
    }
}

#[ComplexObject]
impl HandoverLine {
    /// Who gets them.
    async fn recipient(&self, ctx: &Context<'_>) -> Result<User, Error> {
        let user = ctx.loaders().users.load(self.user).await?;
        user.map(User::from)
            .ok_or_else(|| Error::internal("a handover to nobody"))
    }
}

/// What became of one item.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct HandoverEntry {
    /// The id.
    pub id: ID,
    /// The kind of work.
    kind: WorkKind,
    /// What became of it.
    outcome: HandoverOutcome,
    /// Why, where that is not obvious: RECIPIENT_NOT_ACTIVE, REFUSED_BY_DATABASE, THEIRS_ALREADY, MOVED_ON,
    /// ALREADY_THERE, STAYS, KEPT_AS_OBSERVER or NO_LONGER_OBSERVER.
    /// Of a recurring task, which of its places moved: CREATOR, RESPONSIBLE or CREATOR_AND_RESPONSIBLE.
    reason: Option<String>,
    /// When.
    at: DateTime<Utc>,
    #[graphql(skip)]
    row: handover_entry::Model,
}

/// The prefix of an entry's id. A ledger line has no id of its own: handover, kind and subject tell it.
pub const ENTRY: &str = "entry";

impl From<handover_entry::Model> for HandoverEntry {
    fn from(row: handover_entry::Model) -> Self {
        let suffix = entity::id::encode_suffix;
        let kind = kinds::name(row.kind).to_lowercase();
        Self {
            id: format!(
                "{ENTRY}_{}_{}_{kind}",
                suffix(row.handover_id.0),
                suffix(row.subject_id)
            )
            .into(),
            kind: row.kind.into(),
            outcome: row.outcome.into(),
            reason: row.reason.clone(),
            at: row.at,
            row,
        }
    }
}

/// Reads an entry's id.
pub fn read_entry_id(id: &str) -> Option<(HandoverId, handover_part::WorkKind, Uuid)> {
    use sea_orm::ActiveEnum;
    let mut parts = id.splitn(4, '_');
    if parts.next() != Some(ENTRY) {
        return None;
    }
    let handover = entity::id::decode_suffix(parts.next()?)?;
    let subject = entity::id::decode_suffix(parts.next()?)?;
    let kind = handover_part::WorkKind::try_from_value(&parts.next()?.to_uppercase()).ok()?;
    Some((HandoverId(handover), kind, subject))
}

#[ComplexObject]
impl HandoverEntry {
    /// The item.
    async fn subject(&self, ctx: &Context<'_>) -> Result<Option<Node>, Error> {
        Node::load(ctx, kinds::of(self.row.kind).subject(), self.row.subject_id).await
    }

    /// Who held it before.
    #[graphql(name = "from")]
    async fn holder_before(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        let Some(id) = self.row.from_id else {
            return Ok(None);
        };
        Ok(ctx.loaders().users.load(id).await?.map(User::from))
    }

    /// Who was to get it.
    async fn to(&self, ctx: &Context<'_>) -> Result<Option<User>, Error> {
        let Some(id) = self.row.to_id else { return Ok(None) };
        Ok(ctx.loaders().users.load(id).await?.map(User::from))
    }
}

connection!(Handover, HandoverConnection, HandoverEdge, "handovers");
connection!(
    HandoverEntry,
    HandoverEntryConnection,
    HandoverEntryEdge,
    "ledger entries"
);

/// Which handovers. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct HandoverFilter {
    /// Those of this person's work.
    from_user_id: Option<ID>,
    /// Those in one of these states.
    state: Option<Vec<HandoverState>>,
}

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

/// The answer to `bulkReassign`.
#[derive(SimpleObject)]
pub struct BulkReassignPayload {
    /// The handover: QUEUED at first.
    handover: Option<Handover>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

macro_rules! handover_input {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(InputObject)]
        pub struct $name {
            /// Its id.
            handover_id: ID,
        }
    };
}
handover_input!(CancelHandoverInput, "The handover to stop.");
handover_input!(
    RetryHandoverInput,
    "The handover whose failed items are to be tried again."
);
handover_input!(UndoHandoverInput, "The handover to take back.");

/// The answer to an operation on a handover.
#[derive(SimpleObject)]
pub struct HandoverPayload {
    /// The handover that was changed, or, for an undo, the new one that takes it back.
    handover: Option<Handover>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl HandoverPayload {
    fn new(outcome: Outcome<handover::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            handover: row.map(Handover::from),
            user_errors,
        })
    }
}

/// Reads of handovers.
#[derive(Default)]
pub struct HandoverQuery;

#[Object]
impl HandoverQuery {
    /// Previews a handover: who would get how much. Writes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn handover_plan(
        &self,
        ctx: &Context<'_>,
        input: BulkReassignInput,
    ) -> Result<HandoverPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (request, refused) = split(input.check())?;
        let Some((request, _)) = request else {
            return Ok(HandoverPlan {
                revision: String::new(),
                total: 0,
                lines: Vec::new(),
                user_errors: refused,
            });
        };
        let plan = plan::preview(&ctx.app().db, actor, &request).await?;
        Ok(HandoverPlan {
            revision: plan.revision,
            total: int(plan.total),
            lines: plan.lines.into_iter().map(HandoverPlanLine::from).collect(),
            user_errors: user_errors(plan.refusals),
        })
    }

    /// Handovers, the newest first. Needs REASSIGN_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn handovers(
        &self,
        ctx: &Context<'_>,
        filter: Option<HandoverFilter>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<HandoverConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::HandoverFilter {
            from: filter
                .from_user_id
                .map(|id| argument_id(&id, "filter.fromUserId"))
                .transpose()?,
            state: filter
                .state
                .map(|states| states.into_iter().map(Into::into).collect()),
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::handovers(&ctx.app().db, ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}

/// Handing work over.
#[derive(Default)]
pub struct HandoverMutation;

#[Object]
impl HandoverMutation {
    /// Hands work over without dismissing anyone. Needs REASSIGN_WORK.
    async fn bulk_reassign(
        &self,
        ctx: &Context<'_>,
        input: BulkReassignInput,
    ) -> Result<BulkReassignPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let outcome = match input.check() {
            Ok((request, expected)) => {
                start::bulk_reassign(ctx.app(), actor, &request, expected.as_deref()).await
            }
            Err(refused) => Err(refused),
        };
        let (row, user_errors) = split(outcome)?;
        Ok(BulkReassignPayload {
            handover: row.map(Handover::from),
            user_errors,
        })
    }

    /// Stops a handover. What has moved stays moved, and can be undone. Needs REASSIGN_WORK.
    async fn cancel_handover(
        &self,
        ctx: &Context<'_>,
        input: CancelHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => cancel::cancel(ctx.app(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Tries the failed items of a handover again. Needs REASSIGN_WORK.
    async fn retry_handover(
        &self,
        ctx: &Context<'_>,
        input: RetryHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => retry::retry(ctx.app(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Takes a handover back: each item returns that is still with the one who got it. Needs REASSIGN_WORK.
    async fn undo_handover(
        &self,
        ctx: &Context<'_>,
        input: UndoHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => undo::undo(ctx.app(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}

impl BulkReassignInput {
    fn check(self) -> Outcome<(Request, Option<String>)> {
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
    let prefix = kinds::of(kind).subject();
    let read = |(place, id): (usize, &ID)| {
        let suffix = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
        match suffix.and_then(entity::id::decode_suffix) {
            Some(uuid) => Ok(uuid),
            None => refuse(
                Code::Invalid,
                &format!("{field}.{place}"),
                format!("this is not the id of a {prefix}"),
            ),
        }
    };
    ids.iter().enumerate().map(read).collect()
}
