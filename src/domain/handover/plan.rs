//! The preview: who would get how much, and a revision that `bulkReassign` can be held to. Writes nothing.

use super::resolve::{resolve, selection};
use super::selection::{Count, OutOfReach};
use super::work::{self, WorkLine};
use super::{Part, Request, rules};
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Error, Refusal};
use crate::store::db::Db;
use entity::handover::{self, HandoverState};
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use sha2::{Digest, Sha256};

/// What a handover would do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// A fingerprint of exactly this work: it changes when the work does.
    pub revision: String,
    /// How many items would move.
    pub total: i64,
    /// By kind and recipient.
    pub lines: Vec<PlanLine>,
    /// What the person would still hold.
    pub remaining: Vec<WorkLine>,
    /// CRM records that the one who asks may not move, and what they would need.
    pub unreachable: Vec<OutOfReach>,
    /// What would be refused.
    pub refusals: Vec<Refusal>,
}

/// What one recipient would get of one kind.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// The kind.
    pub kind: WorkKind,
    /// The recipient.
    pub recipient: UserId,
    /// Items that would move.
    pub movable: i64,
    /// Items that the one who asks has no CRM permission to move; counted on a move's first recipient.
    pub unreachable: i64,
    /// Closed items that would stay where they are; counted on a move's first recipient.
    pub left_closed: i64,
}

/// Previews what the request would do, with the same predicates that the run uses.
///
/// # Errors
/// [`Error::Forbidden`] without the permission, or when the database fails.
pub async fn preview(
    db: &Db,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<Plan, Error> {
    actor.require(Permission::ReassignWork)?;
    look(db.read(), db.clock().now(), actor, request, expected_revision).await
}

/// As [`preview`], inside a transaction or outside.
///
/// # Errors
/// When the database fails.
pub async fn look(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<Plan, Error> {
    let (parts, refusals) = check(conn, now, actor, request, expected_revision).await?;
    let (mut plan, taken) = count(conn, now, request.from, &parts).await?;
    if let Some(from) = request.from {
        let held = work::inventory(conn, now, &[from]).await?.remove(&from);
        plan.remaining = rules::remaining(held.unwrap_or_default(), &taken);
    }
    plan.unreachable = parts.into_iter().flat_map(|part| part.out_of_reach).collect();
    plan.refusals = refusals;
    Ok(plan)
}

/// Resolves the request, and finds everything that speaks against it: with the moves, with other handovers of this
/// person's work, and with the revision that was agreed to.
///
/// # Errors
/// When the database fails.
pub async fn check(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Result<(Vec<Part>, Vec<Refusal>), Error> {
    let (parts, mut refusals) = resolve(conn, now, actor, request).await?;
    if let Some(from) = request.from
        && !request.later
        && is_running(conn, from).await?
    {
        let message = "a handover of this person's work is still running";
        refusals.push(Refusal::new(Code::HandoverInProgress, "", message));
    }
    // A request that is wrong is the preview of nothing.
    if let Some(expected) = expected_revision
        && refusals.is_empty()
        && count(conn, now, request.from, &parts).await?.0.revision != expected
    {
        let message = "the work has changed since the preview: look at a new one";
        refusals.push(Refusal::new(Code::PlanChanged, "expectedRevision", message));
    }
    Ok((parts, refusals))
}

/// Whether a handover of this person's work is under way.
async fn is_running(conn: &impl ConnectionTrait, from: UserId) -> Result<bool, Error> {
    let running = handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(from))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .count(conn)
        .await?;
    Ok(running > 0)
}

/// Counts parts whose recipients are known, as they are at `now`; answers what they would take, too.
async fn count(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    from: Option<UserId>,
    parts: &[Part],
) -> Result<(Plan, Vec<WorkLine>), Error> {
    let mut lines = Vec::new();
    let mut taken = Vec::new();
    let mut fingerprint = Sha256::new();
    fingerprint.update(format!("{from:?}"));
    let mut total = 0;
    for part in parts {
        let counted = selection(from, part).count(conn, now).await?;
        let line = movable(part, &counted);
        let movable = line.open + line.closed;
        taken.push(line);
        total += movable;
        fingerprint.update(format!("{part:?}{movable}{:?}", last_change(part, &counted)));
        let left_closed = if part.include_closed { 0 } else { counted.closed };
        lines.extend(
            part.recipients
                .iter()
                .enumerate()
                .map(|(slot, &recipient)| PlanLine {
                    kind: part.kind,
                    recipient,
                    movable: rules::even_share(movable, part.recipients.len(), slot),
                    unreachable: if slot == 0 { part.unreachable() } else { 0 },
                    left_closed: if slot == 0 { left_closed } else { 0 },
                }),
        );
    }
    let revision = fingerprint.finalize()[..12]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let plan = Plan {
        revision,
        total,
        lines,
        remaining: Vec::new(),
        unreachable: Vec::new(),
        refusals: Vec::new(),
    };
    Ok((plan, taken))
}

/// What of a part would move.
fn movable(part: &Part, count: &Count) -> WorkLine {
    let closed = if part.include_closed { count.closed } else { 0 };
    let beyond = part.unreachable().min(count.open + closed);
    let open = (count.open - beyond).max(0);
    WorkLine {
        kind: part.kind,
        open,
        closed: count.open + closed - beyond - open,
    }
}

fn last_change(part: &Part, count: &Count) -> Option<Timestamp> {
    let closed = if part.include_closed {
        count.closed_changed
    } else {
        None
    };
    count.open_changed.max(closed)
}
