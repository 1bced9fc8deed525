//! Undo: undoHandover, and the return of work to a rehired person.
//!
//! Both queue a handover whose parts refer to the handovers they undo. An item returns from its current holder, even if
//! other handovers have moved it on, unless a person has reassigned it since: see [`replay`](super::replay). The result can
//! be previewed ([`plan`], [`plan_return`]), and if nothing would return, nothing is queued.

use std::collections::HashSet;
use std::sync::Arc;

use entity::crm_rule::CrmOperation;
use entity::handover::{HandoverState, Model as Handover};
use entity::{HandoverId, Timestamp, UserId, handover, handover_part};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::cancel::find;
use super::returnable;
use super::returns::ReturnLine;
use super::start;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::crm::access::Access;
use crate::error::{Code, Error, Outcome, Refusal, refuse_if_any};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Name of the input field for returning work.
const RETURN_WORK: &str = "returnWork";

/// Preview of an undo or a return.
#[derive(Debug, Clone, Default)]
pub struct ReturnPlan {
    /// Lines by kind and current holder.
    pub lines: Vec<ReturnLine>,
    /// Refusals.
    pub refusals: Vec<Refusal>,
}

/// A handover with its parts.
type WithParts = (HandoverId, Vec<handover_part::Model>);

/// Queues the undo of a handover. Can be repeated while something of it can still be returned.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::HandoverInProgress`] while it runs; [`Code::NotUndoable`] if it moved nothing, is itself
/// an undo, is being undone, or nothing of it can be returned; [`Code::CrmAccessRequired`].
pub async fn undo(db: &Db, actor: &Actor, id: HandoverId) -> Outcome<Handover> {
    actor.require(Permission::ReassignWork)?;
    // Outside of the transaction: if everything was moved on, this reads all of it.
    let parts = parts_of(db.read(), id).await?;
    let something = returnable::anything(db.read(), id, &parts).await?;
    db.write_as(
        actor,
        Needs::Permission(Permission::ReassignWork),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            let row = find(tx, id).await?;
            let parts = parts_of(&tx.conn, id).await?;
            refuse_if_any(not_undoable(&tx.conn, &row, &parts).await?.into_iter().collect())?;
            if !something {
                return Err(nothing_to_return().into());
            }
            queue(tx, actor, &[(id, parts)]).await
        },
    )
    .await
}

/// Previews an undo and its refusals.
///
/// # Errors
/// [`Error::Forbidden`] without the permission, or when the database fails.
pub async fn plan(db: &Db, actor: &Actor, id: HandoverId) -> Result<ReturnPlan, Error> {
    actor.require(Permission::ReassignWork)?;
    let conn = db.read();
    let Some(row) = handover::Entity::find_by_id(id).one(conn).await? else {
        return Ok(ReturnPlan {
            refusals: vec![super::cancel::no_such_handover()],
            ..ReturnPlan::default()
        });
    };
    let parts = parts_of(conn, id).await?;
    if let Some(refusal) = not_undoable(conn, &row, &parts).await? {
        return Ok(ReturnPlan {
            refusals: vec![refusal],
            ..ReturnPlan::default()
        });
    }
    let mut plan = look(conn, actor, &[(id, parts)]).await?;
    if plan
        .lines
        .iter()
        .all(|line| line.returnable + line.unreachable == 0)
    {
        plan.refusals.push(nothing_to_return());
    }
    Ok(plan)
}

fn nothing_to_return() -> Refusal {
    let message = "nothing can be returned: it was returned already, or reassigned since";
    Refusal::new(Code::NotUndoable, "handoverId", message)
}

/// Returns why this handover can't be undone, apart from what could be returned.
async fn not_undoable(
    conn: &impl ConnectionTrait,
    row: &Handover,
    parts: &[handover_part::Model],
) -> Result<Option<Refusal>, Error> {
    let refusal = |code, message: &str| Ok(Some(Refusal::new(code, "handoverId", message)));
    if !row.state.is_finished() {
        return refusal(Code::HandoverInProgress, "it is still running: cancel it first");
    }
    if parts.iter().any(|part| part.undoes_id.is_some()) {
        return refusal(
            Code::NotUndoable,
            "an undo can't be undone: hand the work over again",
        );
    }
    if row.moved == 0 {
        return refusal(Code::NotUndoable, "it moved nothing");
    }
    if is_being_undone(conn, row.id).await? {
        return refusal(Code::NotUndoable, "it is already being undone");
    }
    Ok(None)
}

/// Returns the handovers of this person's work since `since` of which nothing can be returned any more. Called before
/// the transaction of a return, because it reads everything they have moved.
///
/// # Errors
/// When the database fails.
pub async fn exhausted(db: &Db, person: UserId, since: Timestamp) -> Result<HashSet<HandoverId>, Error> {
    let mut found = HashSet::new();
    for row in handed_over(db.read(), person, since).await? {
        let parts = parts_of(db.read(), row.id).await?;
        if row.state.is_finished() && !returnable::anything(db.read(), row.id, &parts).await? {
            found.insert(row.id);
        }
    }
    Ok(found)
}

/// Queues the return of what was handed over from `person` since `since`, latest handover first, without those that are
/// `exhausted`. `None` if there is nothing to return.
///
/// # Errors
/// [`Code::HandoverInProgress`] while such a handover runs; [`Code::CrmAccessRequired`].
pub async fn queue_return(
    tx: &Tx,
    actor: &Actor,
    person: UserId,
    since: Timestamp,
    exhausted: &HashSet<HandoverId>,
) -> Outcome<Option<Handover>> {
    let rows = handed_over(&tx.conn, person, since).await?;
    refuse_if_any(still_running(&rows).into_iter().collect())?;
    let mut back = Vec::new();
    for row in rows {
        if !exhausted.contains(&row.id) && !is_being_undone(&tx.conn, row.id).await? {
            back.push((row.id, parts_of(&tx.conn, row.id).await?));
        }
    }
    if back.is_empty() {
        Ok(None)
    } else {
        queue(tx, actor, &back).await.map(|(queued, _)| Some(queued))
    }
}

/// Previews [`queue_return`] and its refusals.
///
/// # Errors
/// When the database fails.
pub async fn plan_return(
    conn: &impl ConnectionTrait,
    actor: &Actor,
    person: UserId,
    since: Timestamp,
) -> Result<ReturnPlan, Error> {
    let rows = handed_over(conn, person, since).await?;
    let running = still_running(&rows);
    let mut back = Vec::new();
    for row in rows {
        if row.state.is_finished() && !is_being_undone(conn, row.id).await? {
            back.push((row.id, parts_of(conn, row.id).await?));
        }
    }
    let mut plan = look(conn, actor, &back).await?;
    plan.refusals.extend(running);
    Ok(plan)
}

/// Returns the handovers of a person's work that have moved something or still may, latest first.
async fn handed_over(
    conn: &impl ConnectionTrait,
    person: UserId,
    since: Timestamp,
) -> Result<Vec<Handover>, Error> {
    let running = [HandoverState::Queued, HandoverState::Running];
    Ok(handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(person))
        .filter(handover::Column::CreatedAt.gte(since))
        .filter(
            handover::Column::Moved
                .gt(0)
                .or(handover::Column::State.is_in(running)),
        )
        .order_by_desc(handover::Column::Id)
        .all(conn)
        .await?)
}

fn still_running(rows: &[Handover]) -> Option<Refusal> {
    let message = "their work is still being handed over: wait until it has finished, or cancel it";
    let running = rows.iter().any(|row| !row.state.is_finished());
    running.then(|| Refusal::new(Code::HandoverInProgress, RETURN_WORK, message))
}

/// Counts what would be returned, and refuses what the actor may not update.
async fn look(conn: &impl ConnectionTrait, actor: &Actor, undone: &[WithParts]) -> Result<ReturnPlan, Error> {
    let access = Access::load(conn, actor, CrmOperation::Update).await?;
    let lines = returnable::count(conn, &access, undone).await?;
    let refusals = out_of_reach(&lines).into_iter().collect();
    Ok(ReturnPlan { lines, refusals })
}

fn out_of_reach(lines: &[ReturnLine]) -> Option<Refusal> {
    let count: i64 = lines.iter().map(|line| line.unreachable).sum();
    (count > 0).then(|| {
        let message =
            format!("your CRM roles do not let you update {count} of the records that would be returned");
        Refusal::new(Code::CrmAccessRequired, "", message)
    })
}

/// Returns the parts of a handover, in order.
///
/// # Errors
/// When the database fails.
pub(super) async fn parts_of(
    conn: &impl ConnectionTrait,
    id: HandoverId,
) -> Result<Vec<handover_part::Model>, Error> {
    Ok(handover_part::Entity::find()
        .filter(handover_part::Column::HandoverId.eq(id))
        .order_by_asc(handover_part::Column::Position)
        .all(conn)
        .await?)
}

/// Returns whether another handover is undoing this one.
async fn is_being_undone(conn: &impl ConnectionTrait, id: HandoverId) -> Result<bool, Error> {
    let undoing = handover_part::Entity::find()
        .filter(handover_part::Column::UndoesId.eq(id))
        .all(conn)
        .await?;
    Ok(handover::Entity::find()
        .filter(handover::Column::Id.is_in(undoing.into_iter().map(|part| part.handover_id)))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .one(conn)
        .await?
        .is_some())
}

async fn queue(tx: &Tx, actor: &Actor, undone: &[WithParts]) -> Outcome<(Handover, Recorded)> {
    let access = Access::load(&tx.conn, actor, CrmOperation::Update).await?;
    if !access.is_unlimited() {
        let lines = returnable::count(&tx.conn, &access, undone).await?;
        refuse_if_any(out_of_reach(&lines).into_iter().collect())?;
    }
    let id = HandoverId(tx.new_id());
    let row = start::insert(tx, actor, id, None).await?;
    let returning = undone
        .iter()
        .flat_map(|(undoes, parts)| returnable::of_parts(*undoes, parts));
    for (position, one) in (0..).zip(returning) {
        handover_part::Entity::insert(handover_part::ActiveModel {
            handover_id: Set(id),
            position: Set(position),
            kind: Set(one.kind.kind()),
            include_closed: Set(false),
            keep_as_observer: Set(false),
            picked: Set(false),
            listed: Set(false),
            undoes_id: Set(Some(one.undone)),
            in_closed: Set(false),
            scanned_to: Set(None),
            placed: Set(0),
            done: Set(false),
            share: Set(None),
            folder_id: Set(None),
        })
        .exec_without_returning(&tx.conn)
        .await?;
    }
    let ids: Vec<String> = undone.iter().map(|(id, _)| id.to_string()).collect();
    let data = json!({ "undoes": ids });
    let recorded =
        journal::record(tx, &actor.author(), Action::HandoverQueued, Some(id.into()), data).await?;
    Ok((row, recorded))
}
