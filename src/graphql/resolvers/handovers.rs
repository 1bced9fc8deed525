//! Handovers in the API.

use std::sync::Arc;

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, Object, SimpleObject, Subscription};
use entity::{HandoverId, handover, handover_entry, handover_part};
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use crate::domain::auth::Permission;
use crate::domain::handover::plan;
use crate::domain::handover::plan::PlanLine;
use crate::domain::handover::returns::ReturnLine;
use crate::domain::handover::selection::OutOfReach;
use crate::domain::handover::work::WorkLine as Line;
use crate::domain::handover::{cancel, kinds, list, progress, retry, start, undo};
use crate::error::{Error, Outcome};
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{UserError, argument_id, split, user_errors};
use crate::graphql::resolvers::crm_roles::CrmRule;
use crate::graphql::resolvers::handover_input::BulkReassignInput;
use crate::graphql::resolvers::ledger::{Handover, HandoverConnection};
use crate::graphql::resolvers::node::Node;
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

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
    /// Calls, meetings, e-mails and to-dos about CRM records. They never move with their record by themselves.
    CrmActivity,
    /// Folders and files that the person owns. What lies in their drive goes into one folder of the recipient's, the
    /// tree, names and shares as they are.
    Drive,
    /// Calendars that the person looks after. They appear in the recipient's favourites, who looks after them.
    Calendar,
    /// Events that the person organises; closed when they are over. The recipient organises and attends them instead.
    EventOrganizer,
    /// Departments that the person leads. Moving gives them a new head.
    DepartmentHead,
    /// Integrations that the person looks after; closed when they are revoked. They get a new owner.
    Integration,
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

pub(super) fn int(count: i64) -> i32 {
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
    /// What the person would still hold afterwards: nothing is forgotten unseen. Empty where the items were listed without
    /// saying whose they are.
    remaining: WorkInventory,
    /// CRM records that you lack the permission to hand over, and what it takes.
    unreachable: Vec<UnreachableWork>,
    /// Everything that `bulkReassign` would refuse, not the first of it.
    user_errors: Vec<UserError>,
}

/// CRM records of one kind that you lack the permission to hand over.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct UnreachableWork {
    /// The kind of work.
    kind: WorkKind,
    /// How many items.
    count: i32,
    /// The rule that one of your CRM roles would have to have: the least that covers all of them.
    needs: CrmRule,
    #[graphql(skip)]
    sample: Vec<Uuid>,
}

#[ComplexObject]
impl UnreachableWork {
    /// Some of them; those that you may see.
    #[graphql(complexity = "5 * child_complexity")]
    async fn sample(&self, ctx: &Context<'_>) -> Result<Vec<Node>, Error> {
        let prefix = kinds::of(self.kind.into()).subject();
        let mut found = Vec::new();
        for id in &self.sample {
            found.extend(Node::load(ctx, prefix, *id).await?);
        }
        Ok(found)
    }
}

impl From<OutOfReach> for UnreachableWork {
    fn from(some: OutOfReach) -> Self {
        Self {
            kind: some.work.into(),
            count: int(some.count),
            needs: CrmRule::to_update(some.records, some.needed),
            sample: some.sample,
        }
    }
}

/// What an undo, or a return with a person who is hired back, would bring. Nothing has been written.
#[derive(SimpleObject)]
pub struct ReturnPlan {
    /// How many items would come back.
    total: i32,
    /// By kind, and by who has it.
    lines: Vec<ReturnPlanLine>,
    /// Everything that would be refused.
    user_errors: Vec<UserError>,
}

/// What would come back of one kind from one person.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ReturnPlanLine {
    /// The kind.
    kind: WorkKind,
    /// Items that would come back, also where other handovers have moved them on.
    returnable: i32,
    /// Items that would stay where they are, because people have given them away since.
    moved_on: i32,
    /// Items that you lack the CRM permission to move.
    unreachable: i32,
    #[graphql(skip)]
    from: Option<entity::UserId>,
}

#[ComplexObject]
impl ReturnPlanLine {
    /// Who has them; of what has moved on, who got it last by a handover.
    #[graphql(name = "from")]
    async fn holder(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.from?).await
    }
}

impl From<undo::ReturnPlan> for ReturnPlan {
    fn from(plan: undo::ReturnPlan) -> Self {
        let total = plan.lines.iter().map(|line| line.returnable).sum();
        let line = |line: ReturnLine| ReturnPlanLine {
            kind: line.kind.into(),
            returnable: int(line.returnable),
            moved_on: int(line.moved_on),
            unreachable: int(line.unreachable),
            from: line.from,
        };
        Self {
            total: int(total),
            lines: plan.lines.into_iter().map(line).collect(),
            user_errors: user_errors(plan.refusals),
        }
    }
}

impl ReturnPlan {
    /// A plan of nothing but refusals.
    pub fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            total: 0,
            lines: Vec::new(),
            user_errors,
        }
    }
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
            unreachable: int(line.unreachable),
            line,
        }
    }
}

#[ComplexObject]
impl HandoverPlanLine {
    /// Who would get them.
    async fn recipient(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.line.recipient).await
    }
}

impl From<plan::Plan> for HandoverPlan {
    fn from(plan: plan::Plan) -> Self {
        Self {
            revision: plan.revision,
            total: int(plan.total),
            lines: plan.lines.into_iter().map(HandoverPlanLine::from).collect(),
            remaining: plan.remaining.into(),
            unreachable: plan.unreachable.into_iter().map(UnreachableWork::from).collect(),
            user_errors: user_errors(plan.refusals),
        }
    }
}

/// Which handovers. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct HandoverFilter {
    /// Those of this person's work.
    from_user_id: Option<ID>,
    /// Those in one of these states.
    state: Option<Vec<HandoverState>>,
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
    /// Previews a handover: who would get how much, and what would stay. Writes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn handover_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: BulkReassignInput,
    ) -> Result<HandoverPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (request, refused) = split(input.check())?;
        let Some((request, expected)) = request else {
            return Ok(HandoverPlan {
                revision: String::new(),
                total: 0,
                lines: Vec::new(),
                remaining: Vec::new().into(),
                unreachable: Vec::new(),
                user_errors: refused,
            });
        };
        let plan = Box::pin(plan::preview(ctx.db(), actor, &request, expected.as_deref())).await?;
        Ok(plan.into())
    }

    /// Says what `undoHandover` would bring back, from whom, and what would stay. Writes nothing. Needs REASSIGN_WORK.
    #[graphql(complexity = "50 + child_complexity")]
    async fn undo_plan(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id of the handover.")] handover_id: ID,
    ) -> Result<ReturnPlan, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let (id, refused) = split(input::id(&handover_id, "handoverId"))?;
        match id {
            Some(id) => Ok(Box::pin(undo::plan(ctx.db(), actor, id)).await?.into()),
            None => Ok(ReturnPlan::refused(refused)),
        }
    }

    /// Handovers, the newest first. Needs REASSIGN_WORK or READ_WORK.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn handovers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<HandoverFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<HandoverConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::HandoverFilter {
            from: filter
                .from_user_id
                .map(|id| argument_id(&id, "filter.fromUserId"))
                .transpose()?,
            state: input::argument_list(filter.state, "filter.state")?,
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::handovers(ctx.db(), ctx.actor()?, &filter, &args)
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
        #[graphql(desc = "What is asked for.")] input: BulkReassignInput,
    ) -> Result<BulkReassignPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        let outcome = match input.check() {
            Ok((request, expected)) => {
                start::bulk_reassign(ctx.db(), actor, &request, expected.as_deref()).await
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
        #[graphql(desc = "What is asked for.")] input: CancelHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => cancel::cancel(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Tries the failed items of a handover again. Needs REASSIGN_WORK.
    async fn retry_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: RetryHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => retry::retry(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }

    /// Takes a handover back: each item returns from whoever has it by now, unless a person has given it away since. It can
    /// be asked for again while something of it can still come back (`undoPlan`). Needs REASSIGN_WORK.
    async fn undo_handover(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is asked for.")] input: UndoHandoverInput,
    ) -> Result<HandoverPayload, Error> {
        let actor = ctx.actor()?;
        actor.require(Permission::ReassignWork)?;
        HandoverPayload::new(match input::id(&input.handover_id, "handoverId") {
            Ok(id) => undo::undo(ctx.db(), actor, id).await,
            Err(refused) => Err(refused),
        })
    }
}

/// What happens to handovers.
#[derive(Default)]
pub struct HandoverSubscription;

#[Subscription]
impl HandoverSubscription {
    /// A handover, now and each time it has got further, until it is over. Needs REASSIGN_WORK or READ_WORK.
    async fn handover_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id.")] id: ID,
    ) -> Result<impl Stream<Item = Handover> + use<>, Error> {
        ctx.actor()?.require_ledgers()?;
        let id: HandoverId = argument_id(&id, "id")?;
        let fresh = Arc::clone(ctx.fresh());
        let row = ctx.loaders().handovers.load(id).await?;
        let row = row.ok_or_else(|| Error::NotFound("there is no such handover".to_owned()))?;
        Ok(progress::progress(ctx.live(), row).map(move |row| {
            fresh.renew();
            Handover::from(row)
        }))
    }
}
