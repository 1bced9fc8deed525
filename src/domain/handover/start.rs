//! Queues a handover inside the caller's transaction; `bulkReassign` does nothing else.

use std::sync::Arc;

use entity::handover::{HandoverState, Model as Handover};
use entity::handover_part::WorkKind;
use entity::{HandoverId, UserId, handover, handover_line, handover_part, handover_pick, handover_recipient};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;

use super::{Part, Request, Share, kinds, plan};
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::integrations::reach;
use crate::error::{Outcome, refuse_if_any};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal;
use crate::store::journal::{Action, Recorded};

/// Kinds of work that an integration may not hand over in every case: see [`reach::may_hand_over`].
pub const RESERVED: [WorkKind; 2] = [WorkKind::Integration, WorkKind::DepartmentHead];

/// Maximum number of rows in one INSERT: SQLite binds at most 32,766 values.
const ROWS: usize = 5_000;

/// Hands work over without a dismissal.
///
/// # Errors
/// Refusals for everything wrong with the request; [`Code::PlanChanged`](crate::error::Code::PlanChanged) if the work
/// no longer matches `expected_revision`.
pub async fn bulk_reassign(
    db: &Db,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Outcome<Handover> {
    let people = people_named(request);
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::ReassignWork, &people),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            queue(tx, actor, request, expected_revision).await
        },
    )
    .await
}

/// Returns everyone named in a request, whose rows are locked together, in id order, before anything else.
pub fn people_named(request: &Request) -> Vec<UserId> {
    let recipients = request.moves.iter().map(|wanted| &wanted.to).chain(&request.rest);
    let named = recipients.flat_map(|to| to.people().iter().copied());
    request.from.into_iter().chain(named).collect()
}

/// Checks the request and queues it.
///
/// # Errors
/// As [`bulk_reassign`].
pub async fn queue(
    tx: &Tx,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Outcome<(Handover, Recorded)> {
    let (parts, refusals) = plan::check(&tx.conn, tx.now, actor, request, expected_revision).await?;
    refuse_if_any(refusals)?;
    reach::may_hand_over(tx, actor, request.from, &parts).await?;
    let id = HandoverId(tx.new_id());
    let row = insert(tx, actor, id, request.from).await?;
    for (position, part) in (0..).zip(&parts) {
        insert_part(tx, id, position, part).await?;
    }
    let data = json!({
        "from": request.from.map(|id| id.to_string()),
        "moves": parts.iter().map(describe).collect::<Vec<_>>(),
    });
    let recorded =
        journal::record(tx, &actor.author(), Action::HandoverQueued, Some(id.into()), data).await?;
    Ok((row, recorded))
}

fn describe(part: &Part) -> serde_json::Value {
    json!({
        "kind": kinds::name(part.kind),
        "to": part.recipients.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "items": part.ids.as_ref().map(Vec::len),
        "includeClosed": part.include_closed,
        "sharedWith": part.share.as_ref().map(|share| {
            share.with.iter().map(ToString::to_string).collect::<Vec<_>>()
        }),
    })
}

/// Inserts a new handover.
///
/// # Errors
/// When the database fails.
pub async fn insert(tx: &Tx, actor: &Actor, id: HandoverId, from: Option<UserId>) -> Outcome<Handover> {
    let (person, integration) = actor.requester();
    Ok(handover::Entity::insert(handover::ActiveModel {
        id: Set(id),
        from_user_id: Set(from),
        requested_by_id: Set(person),
        requested_by_integration_id: Set(integration),
        state: Set(HandoverState::Queued),
        created_at: Set(tx.now),
        finished_at: Set(None),
        total: Set(None),
        moved: Set(0),
        skipped: Set(0),
        failed: Set(0),
        chunks: Set(0),
    })
    .exec_with_returning(&tx.conn)
    .await?)
}

async fn insert_part(tx: &Tx, id: HandoverId, position: i32, part: &Part) -> Outcome<()> {
    handover_part::Entity::insert(handover_part::ActiveModel {
        handover_id: Set(id),
        position: Set(position),
        kind: Set(part.kind),
        include_closed: Set(part.include_closed),
        keep_as_observer: Set(part.keep_as_observer),
        picked: Set(part.ids.is_some()),
        listed: Set(part.ids.is_some()),
        undoes_id: Set(None),
        in_closed: Set(false),
        scanned_to: Set(None),
        placed: Set(0),
        done: Set(false),
        share: Set(part.share.as_ref().map(Share::to_json).transpose()?),
        folder_id: Set(None),
    })
    .exec_without_returning(&tx.conn)
    .await?;
    let recipients = (0..)
        .zip(&part.recipients)
        .map(|(slot, &user_id)| handover_recipient::ActiveModel {
            handover_id: Set(id),
            part: Set(position),
            slot: Set(slot),
            user_id: Set(user_id),
        });
    handover_recipient::Entity::insert_many(recipients)
        .exec_without_returning(&tx.conn)
        .await?;
    let lines = part.recipients.iter().map(|&user_id| handover_line::ActiveModel {
        handover_id: Set(id),
        kind: Set(part.kind),
        user_id: Set(user_id),
        moved: Set(0),
        skipped: Set(0),
        failed: Set(0),
    });
    handover_line::Entity::insert_many(lines)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.conn)
        .await?;
    for ids in part.ids.as_deref().unwrap_or_default().chunks(ROWS) {
        let picks = ids.iter().map(|&subject_id| handover_pick::ActiveModel {
            handover_id: Set(id),
            part: Set(position),
            subject_id: Set(subject_id),
        });
        handover_pick::Entity::insert_many(picks)
            .exec_without_returning(&tx.conn)
            .await?;
    }
    Ok(())
}
