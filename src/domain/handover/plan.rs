//! The preview: who would get how much, and a revision for `bulkReassign` to check. Writes nothing.

use super::resolve::{resolve, selection};
use super::selection::{Count, OutOfReach};
use super::work::{self, WorkLine};
use super::{Part, Request, rules, stored};
use crate::domain::auth::{Actor, Permission};
use crate::error::{Code, Error, Refusal};
use crate::store::db::Db;
use crate::store::revision::Revision;
use entity::handover::{self, HandoverState};
use entity::handover_part::WorkKind;
use entity::{Timestamp, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

/// Preview of a handover.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Fingerprint of the work: changes whenever the work does.
    pub revision: String,
    /// Number of items that would move.
    pub total: i64,
    /// Lines by kind and recipient.
    pub lines: Vec<PlanLine>,
    /// Work the person would still hold.
    pub remaining: Vec<WorkLine>,
    /// CRM records that the requester may not move, and the level they would need.
    pub unreachable: Vec<OutOfReach>,
    /// Refusals.
    pub refusals: Vec<Refusal>,
}

/// What one recipient would get of one kind.
#[derive(Debug, Clone)]
pub struct PlanLine {
    /// Kind.
    pub kind: WorkKind,
    /// Recipient.
    pub recipient: UserId,
    /// Items that would move.
    pub movable: i64,
    /// Items that the requester lacks the CRM permission to move; counted on a move's first recipient.
    pub unreachable: i64,
    /// Closed items that would not move; counted on a move's first recipient.
    pub left_closed: i64,
}

/// Previews a request, with the same predicates as the run.
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

/// As [`preview`], on any connection, without a permission check.
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

/// Resolves the request and collects all refusals: about the moves, other handovers of this person's work, and the
/// expected revision.
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
    // The preview of an invalid request is empty.
    if let Some(expected) = expected_revision
        && refusals.is_empty()
        && count(conn, now, request.from, &parts).await?.0.revision != expected
    {
        let message = "the work has changed since the preview: request a new one";
        refusals.push(Refusal::new(Code::PlanChanged, "expectedRevision", message));
    }
    Ok((parts, refusals))
}

/// Returns whether a handover of this person's work is queued or running.
async fn is_running(conn: &impl ConnectionTrait, from: UserId) -> Result<bool, Error> {
    let running = handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(from))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .count(conn)
        .await?;
    Ok(running > 0)
}

/// Counts the resolved parts as of `now`; also returns what they would take.
async fn count(
    conn: &impl ConnectionTrait,
    now: Timestamp,
    from: Option<UserId>,
    parts: &[Part],
) -> Result<(Plan, Vec<WorkLine>), Error> {
    let mut lines = Vec::new();
    let mut taken = Vec::new();
    let mut revision = Revision::default();
    revision.add(from.map_or_else(String::new, |person| person.to_string()));
    let mut total = 0;
    for part in parts {
        let counted = selection(from, part).count(conn, now).await?;
        let line = movable(part, &counted);
        let movable = line.open + line.closed;
        taken.push(line);
        total += movable;
        revision.add(stored::counted(part, movable, last_change(part, &counted))?);
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
    let plan = Plan {
        revision: revision.finish(),
        total,
        lines,
        remaining: Vec::new(),
        unreachable: Vec::new(),
        refusals: Vec::new(),
    };
    Ok((plan, taken))
}

/// Returns what would move of a part.
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
