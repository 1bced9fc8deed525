//! Queues a handover inside the caller's transaction; `bulkReassign` is the caller that does nothing else.

use std::sync::Arc;

use entity::handover::{HandoverState, Model as Handover};
use entity::{HandoverId, UserId, handover, handover_line, handover_part, handover_pick, handover_recipient};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{Part, Recipient, Request, kinds, plan};
use crate::app::App;
use crate::auth::guard::Needs;
use crate::auth::{Actor, Permission};
use crate::db::Tx;
use crate::error::{Code, Outcome, Refusal, refuse, refuse_if_any};
use crate::integrations::reach;
use crate::journal::{self, Action};

/// Most rows in one INSERT: SQLite binds 32,766 values at most.
const ROWS: usize = 5_000;

/// Hands work over without dismissing anyone.
///
/// # Errors
/// A refusal for each thing that is wrong with the request; [`Code::PlanChanged`] when the work is no longer
/// what `expected_revision` was the preview of.
pub async fn bulk_reassign(
    app: &App,
    actor: &Actor,
    request: &Request,
    expected_revision: Option<&str>,
) -> Outcome<Handover> {
    let people = people_named(request);
    app.db
        .write_as(
            actor,
            Needs::PermissionOverPeople(Permission::ReassignWork, &people),
            move |tx: Arc<Tx>, actor| async move {
                let (tx, actor) = (&*tx, &*actor);
                queue(tx, actor, request, expected_revision).await
            },
        )
        .await
}

/// Everyone whom a request names: the people whose rows are locked together, in one order, before anything else.
pub fn people_named(request: &Request) -> Vec<UserId> {
    let recipients = request.moves.iter().flat_map(|wanted| match &wanted.to {
        Recipient::User(person) => vec![*person],
        Recipient::EvenlyAmong(people) => people.clone(),
        Recipient::HeadOfDepartment => Vec::new(),
    });
    request.from.into_iter().chain(recipients).collect()
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
) -> Outcome<Handover> {
    let (parts, refusals) = plan::resolve(&tx.conn, actor, request).await?;
    refuse_if_any(refusals)?;
    reach::may_hand_over(tx, actor, request.from, &parts).await?;
    if let Some(from) = request.from {
        refuse_while_running(tx, from).await?;
    }
    if let Some(expected) = expected_revision {
        let now = plan::count(&tx.conn, tx.now, request.from, &parts).await?;
        if now.revision != expected {
            return Err(plan_changed().into());
        }
    }
    let id = HandoverId(tx.new_id());
    let row = insert(tx, actor, id, request.from).await?;
    for (position, part) in (0..).zip(&parts) {
        insert_part(tx, id, position, part).await?;
    }
    let data = json!({
        "from": request.from.map(|id| id.to_string()),
        "moves": parts.iter().map(describe).collect::<Vec<_>>(),
    });
    journal::record(tx, &actor.author(), Action::HandoverQueued, Some(id.into()), data).await?;
    Ok(row)
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

/// The refusal of a revision that is no longer the work's.
pub fn plan_changed() -> Refusal {
    Refusal::new(
        Code::PlanChanged,
        "expectedRevision",
        "the work has changed since the preview: look at a new one",
    )
}

/// Goes on only while no handover of this person's work runs.
///
/// # Errors
/// [`Code::HandoverInProgress`].
pub async fn refuse_while_running(tx: &Tx, from: UserId) -> Outcome<()> {
    let running = handover::Entity::find()
        .filter(handover::Column::FromUserId.eq(from))
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .count(&tx.conn)
        .await?;
    if running > 0 {
        return refuse(
            Code::HandoverInProgress,
            "",
            "a handover of this person's work is still running",
        );
    }
    Ok(())
}

/// Writes the row of a new handover.
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
        undoes_id: Set(None),
        in_closed: Set(false),
        scanned_to: Set(None),
        placed: Set(0),
        done: Set(false),
        share: Set(part.share.as_ref().map(|share| share.to_json().to_string())),
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
