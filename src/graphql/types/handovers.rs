//! GraphQL types: handovers.

use async_graphql::{ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use entity::handover;
use uuid::Uuid;

use crate::domain::handover::plan;
use crate::domain::handover::plan::PlanLine;
use crate::domain::handover::returns::ReturnLine;
use crate::domain::handover::selection::OutOfReach;
use crate::domain::handover::undo;
use crate::domain::handover::work::WorkLine as Line;
use crate::graphql::kit::payload::payload;
use crate::graphql::kit::user_error::{UserError, user_errors};
use crate::graphql::types::crm_roles::CrmRule;
use crate::graphql::types::ledger::Handover;
use crate::graphql::types::work::{HandoverState, WorkKind, int};

/// All work that a person holds.
#[derive(SimpleObject)]
pub struct WorkInventory {
    /// Number of items, open and closed.
    total: i32,
    /// Counts by kind; kinds without items are left out.
    lines: Vec<WorkLine>,
}

/// Number of items of one kind that a person holds.
#[derive(SimpleObject)]
pub struct WorkLine {
    /// Kind.
    kind: WorkKind,
    /// Number of open items.
    open: i32,
    /// Number of closed items.
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

/// Preview of a handover. Nothing has been changed.
#[derive(SimpleObject)]
pub struct HandoverPlan {
    /// Pass it as `expectedRevision` to `bulkReassign` or `dismissUser`: they return PLAN_CHANGED when the work has
    /// changed since.
    pub(crate) revision: String,
    /// Number of items that would move.
    pub(crate) total: i32,
    /// Counts by kind and recipient.
    pub(crate) lines: Vec<HandoverPlanLine>,
    /// What the person would still hold afterwards. Empty when the items are listed without `fromUserId`.
    pub(crate) remaining: WorkInventory,
    /// CRM records that you lack the permission to hand over, and the permission it takes.
    pub(crate) unreachable: Vec<UnreachableWork>,
    /// All errors that `bulkReassign` would return.
    pub(crate) user_errors: Vec<UserError>,
}

/// CRM records of one kind that you lack the permission to hand over.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct UnreachableWork {
    /// Kind of work.
    pub(crate) kind: WorkKind,
    /// Number of items.
    count: i32,
    /// The least permissive rule that would cover all of them if one of your CRM roles had it.
    needs: CrmRule,
    #[graphql(skip)]
    pub(crate) sample: Vec<Uuid>,
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

/// Preview of an undo, or of the return of work when a person is rehired. Nothing has been changed.
#[derive(SimpleObject)]
pub struct ReturnPlan {
    /// Number of items that would return.
    total: i32,
    /// Counts by kind and current holder.
    lines: Vec<ReturnPlanLine>,
    /// All errors that the mutation would return.
    user_errors: Vec<UserError>,
}

/// What would return of one kind from one person.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ReturnPlanLine {
    /// Kind.
    kind: WorkKind,
    /// Number of items that would return, including those that other handovers have moved on.
    returnable: i32,
    /// Number of items that would stay, because someone has reassigned them since.
    moved_on: i32,
    /// Number of items that you lack the CRM permission to move.
    unreachable: i32,
    #[graphql(skip)]
    pub(crate) from: Option<entity::UserId>,
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
    /// A plan that consists of errors only.
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
    /// Kind.
    kind: WorkKind,
    /// Number of items that would move.
    movable: i32,
    /// Number of closed items that would stay; counted once per move, on its first recipient.
    left_closed: i32,
    /// Number of items that you lack the CRM permission to hand over.
    unreachable: i32,
    #[graphql(skip)]
    pub(crate) line: PlanLine,
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

/// Filter for handovers. Conditions that are left out or null do not restrict the result.
#[derive(InputObject, Default)]
pub struct HandoverFilter {
    /// Handovers of this person's work.
    pub(crate) from_user_id: Option<ID>,
    /// Handovers with work for this person.
    pub(crate) recipient_id: Option<ID>,
    /// Handovers requested by this person.
    pub(crate) requested_by_id: Option<ID>,
    /// Handovers in one of these states.
    pub(crate) state: Option<Vec<HandoverState>>,
    /// Handovers created at or after this time.
    pub(crate) created_since: Option<DateTime<Utc>>,
    /// Handovers created before this time.
    pub(crate) created_until: Option<DateTime<Utc>>,
    /// Whether items failed that can be retried.
    pub(crate) has_failures: Option<bool>,
}

/// Payload of `bulkReassign`.
#[derive(SimpleObject)]
pub struct BulkReassignPayload {
    /// The handover; initially QUEUED.
    pub(crate) handover: Option<Handover>,
    /// Errors the client can act on; empty on success.
    pub(crate) user_errors: Vec<UserError>,
}

/// Input of `cancelHandover`.
#[derive(InputObject)]
pub struct CancelHandoverInput {
    /// ID of the handover.
    pub(crate) handover_id: ID,
}

/// Input of `retryHandover`.
#[derive(InputObject)]
pub struct RetryHandoverInput {
    /// ID of the handover.
    pub(crate) handover_id: ID,
}

/// Input of `undoHandover`.
#[derive(InputObject)]
pub struct UndoHandoverInput {
    /// ID of the handover.
    pub(crate) handover_id: ID,
}

payload! {
    /// Payload of the handover mutations.
    HandoverPayload {
        /// The handover that was changed or, for an undo, the new handover that reverses it.
        handover: Handover from handover::Model,
    }
}
