//! The way back: undoHandover, and the work that returns with a person who is hired again.
//!
//! Both queue a handover whose parts point at the handovers that they take back. An item comes back only if it
//! is still with the one who got it.

use std::sync::Arc;

use std::collections::BTreeSet;

use entity::crm_rule::CrmOperation;
use entity::handover::{HandoverState, Model as Handover};
use entity::handover_entry::HandoverOutcome;
use entity::handover_part::WorkKind;
use entity::{HandoverId, UserId, handover, handover_part};
use sea_orm::{ActiveEnum, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use super::cancel::find;
use super::kinds::{self, Kind};
use super::start;
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission};
use crate::crm::access::Access;
use crate::db::{self, Tx};
use crate::error::{Code, Error, Outcome, refuse};
use crate::journal::{self, Action};

/// Queues the way back of one handover.
///
/// # Errors
/// [`Code::NotFound`]; [`Code::HandoverInProgress`] while it runs; [`Code::NotUndoable`] when it moved nothing,
/// is itself an undo, or has been undone.
pub async fn undo(app: &App, actor: &Actor, id: HandoverId) -> Outcome<Handover> {
    app.db
        .write_as(
            actor,
            Needs::Permission(Permission::ReassignWork),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                let row = find(tx, id).await?;
                if !row.state.is_finished() {
                    return refuse(
                        Code::HandoverInProgress,
                        "handoverId",
                        "it is still running: cancel it first",
                    );
                }
                let parts = parts_of(tx, id).await?;
                if parts.iter().any(|part| part.undoes_id.is_some()) {
                    return refuse(
                        Code::NotUndoable,
                        "handoverId",
                        "this is an undo itself: hand the work over again",
                    );
                }
                if row.moved == 0 {
                    return refuse(Code::NotUndoable, "handoverId", "it has moved nothing");
                }
                if is_undone(tx, id).await? {
                    return refuse(Code::NotUndoable, "handoverId", "it has been undone already");
                }
                queue(tx, actor, &[id]).await
            },
        )
        .await
}

/// Queues the return of what was handed over from `person` since `since` and has not been undone: the latest
/// handover first. `None` when there is nothing to return.
///
/// # Errors
/// [`Code::HandoverInProgress`] while such a handover runs.
pub async fn queue_return(
    tx: &Tx,
    actor: &Actor,
    person: UserId,
    since: entity::Timestamp,
) -> Outcome<Option<Handover>> {
    let candidates = handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(person))
        .filter(handover::Column::CreatedAt.gte(since))
        .order_by_desc(handover::Column::Id)
        .all(&tx.conn)
        .await?;
    if candidates.iter().any(|row| !row.state.is_finished()) {
        let message =
            "their work is still being handed over: wait for the end, or cancel it, before it can return";
        return refuse(Code::HandoverInProgress, "returnWork", message);
    }
    let mut back = Vec::new();
    for row in candidates {
        if row.moved > 0 && !is_undone(tx, row.id).await? {
            back.push(row.id);
        }
    }
    if back.is_empty() {
        Ok(None)
    } else {
        queue(tx, actor, &back).await.map(Some)
    }
}

pub(super) async fn parts_of(tx: &Tx, id: HandoverId) -> Result<Vec<handover_part::Model>, Error> {
    Ok(handover_part::Entity::find()
        .filter(handover_part::Column::HandoverId.eq(id))
        .order_by_asc(handover_part::Column::Position)
        .all(&tx.conn)
        .await?)
}

/// Whether another handover has taken this one back, or is doing so. One that was cancelled or failed has not.
async fn is_undone(tx: &Tx, id: HandoverId) -> Result<bool, Error> {
    let undoing = handover_part::Entity::find()
        .filter(handover_part::Column::UndoesId.eq(id))
        .all(&tx.conn)
        .await?;
    let without_effect = [HandoverState::Cancelled, HandoverState::Failed];
    Ok(handover::Entity::find()
        .filter(handover::Column::Id.is_in(undoing.into_iter().map(|part| part.handover_id)))
        .filter(handover::Column::State.is_not_in(without_effect))
        .one(&tx.conn)
        .await?
        .is_some())
}

/// Refuses to move CRM records that the actor may not update: those in the ledger of a handover with this outcome.
///
/// # Errors
/// [`Code::CrmAccessRequired`].
pub(super) async fn check_crm_access(
    tx: &Tx,
    actor: &Actor,
    ledger: HandoverId,
    kind: &dyn Kind,
    outcome: HandoverOutcome,
) -> Outcome<()> {
    let Some(record) = kind.crm_record() else {
        return Ok(());
    };
    let access = Access::load(&tx.conn, actor, CrmOperation::Update).await?;
    if access.is_unlimited() {
        return Ok(());
    }
    let held = kind.held();
    let sql = format!(
        "SELECT 1 FROM handover_entries e JOIN {} ON {} = e.subject_id {} \
         WHERE e.handover_id = $2 AND e.kind = $3 AND e.outcome = $4 AND NOT {} LIMIT 1",
        held.table,
        held.id,
        held.join,
        access.sql(record, "$1")
    );
    let values = [
        access.person(),
        ledger.into(),
        kinds::name(kind.kind()).into(),
        outcome.to_value().into(),
    ];
    if db::query(&tx.conn, &sql, values).await?.is_empty() {
        return Ok(());
    }
    let message = "your CRM roles do not let you update some of the records that would move";
    refuse(Code::CrmAccessRequired, "", message)
}

async fn queue(tx: &Tx, actor: &Actor, undone: &[HandoverId]) -> Outcome<Handover> {
    let id = HandoverId(tx.new_id());
    let row = start::insert(tx, actor, id, None).await?;
    let mut position = 0;
    for &undoes in undone {
        let moved: BTreeSet<WorkKind> = parts_of(tx, undoes)
            .await?
            .into_iter()
            .map(|part| part.kind)
            .collect();
        for kind in moved {
            check_crm_access(tx, actor, undoes, kinds::of(kind), HandoverOutcome::Moved).await?;
            handover_part::Entity::insert(handover_part::ActiveModel {
                handover_id: Set(id),
                position: Set(position),
                kind: Set(kind),
                include_closed: Set(false),
                keep_as_observer: Set(false),
                picked: Set(false),
                undoes_id: Set(Some(undoes)),
                in_closed: Set(false),
                scanned_to: Set(None),
                placed: Set(0),
                done: Set(false),
                share: Set(None),
                folder_id: Set(None),
            })
            .exec_without_returning(&tx.conn)
            .await?;
            position += 1;
        }
    }
    let data = json!({ "undoes": undone.iter().map(ToString::to_string).collect::<Vec<_>>() });
    journal::record(tx, &actor.author(), Action::HandoverQueued, Some(id.into()), data).await?;
    Ok(row)
}
