//! The types of the API: handovers.

use crate::domain::handover::plan;
use crate::domain::handover::plan::PlanLine;
use crate::domain::handover::returns::ReturnLine;
use crate::domain::handover::selection::OutOfReach;
use crate::domain::handover::undo;
use crate::domain::handover::work::WorkLine as Line;
use crate::error::{Error, Outcome};
use crate::graphql::kit::user_error::{UserError, split, user_errors};
use crate::graphql::types::crm_roles::CrmRule;
use crate::graphql::types::ledger::Handover;
use crate::graphql::types::work::{HandoverState, WorkKind, int};
use async_graphql::{ID, InputObject, SimpleObject};
use entity::handover;
use uuid::Uuid;

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

/// What a handover would do. Nothing has been written.
#[derive(SimpleObject)]
pub struct HandoverPlan {
    /// Pass it to `bulkReassign` or `dismissUser`: refused with PLAN_CHANGED when the work has changed since.
    pub(crate) revision: String,
    /// How many items would move.
    pub(crate) total: i32,
    /// By kind and recipient.
    pub(crate) lines: Vec<HandoverPlanLine>,
    /// What the person would still hold afterwards: nothing is forgotten unseen. Empty where the items were listed without
    /// saying whose they are.
    pub(crate) remaining: WorkInventory,
    /// CRM records that you lack the permission to hand over, and what it takes.
    pub(crate) unreachable: Vec<UnreachableWork>,
    /// Everything that `bulkReassign` would refuse, not the first of it.
    pub(crate) user_errors: Vec<UserError>,
}

/// CRM records of one kind that you lack the permission to hand over.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct UnreachableWork {
    /// The kind of work.
    pub(crate) kind: WorkKind,
    /// How many items.
    count: i32,
    /// The rule that one of your CRM roles would have to have: the least that covers all of them.
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

/// Which handovers. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct HandoverFilter {
    /// Those of this person's work.
    pub(crate) from_user_id: Option<ID>,
    /// Those in one of these states.
    pub(crate) state: Option<Vec<HandoverState>>,
}

/// The answer to `bulkReassign`.
#[derive(SimpleObject)]
pub struct BulkReassignPayload {
    /// The handover: QUEUED at first.
    pub(crate) handover: Option<Handover>,
    /// What speaks against it.
    pub(crate) user_errors: Vec<UserError>,
}

/// The handover to stop.
#[derive(InputObject)]
pub struct CancelHandoverInput {
    /// Its id.
    pub(crate) handover_id: ID,
}

/// The handover whose failed items are to be tried again.
#[derive(InputObject)]
pub struct RetryHandoverInput {
    /// Its id.
    pub(crate) handover_id: ID,
}

/// The handover to take back.
#[derive(InputObject)]
pub struct UndoHandoverInput {
    /// Its id.
    pub(crate) handover_id: ID,
}

/// The answer to an operation on a handover.
#[derive(SimpleObject)]
pub struct HandoverPayload {
    /// The handover that was changed, or, for an undo, the new one that takes it back.
    handover: Option<Handover>,
    /// What speaks against it.
    user_errors: Vec<UserError>,
}

impl HandoverPayload {
    pub(crate) fn new(outcome: Outcome<handover::Model>) -> Result<Self, Error> {
        let (row, user_errors) = split(outcome)?;
        Ok(Self {
            handover: row.map(Handover::from),
            user_errors,
        })
    }
}
