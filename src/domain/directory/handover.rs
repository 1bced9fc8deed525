//! The handover that follows a dismissal by a directory: later, so that a mistake can be reverted before any work has
//! moved, and not at all for an unusual number of dismissals until an administrator agrees.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::directory::Model as Directory;
use entity::directory_note::NoteKind;
use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::outbox_message::Topic;
use entity::user::UserStatus;
use entity::{
    DismissalId, UserId, directory, directory_handover, directory_person, dismissal, integration, user,
};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
};
use serde_json::json;

use super::notes::{self, Note};
use super::policy::{Recipient, parse};
use crate::domain::auth::{Actor, guard};
use crate::domain::handover::{self, Move, Request, allowed, start};
use crate::domain::integrations;
use crate::domain::people::{create, heads};
use crate::error::{Code, Error, Failure, Outcome, Refusal};
use crate::store::db::{Db, Tx};
use crate::store::journal;
use crate::store::journal::{Action, Author};
use crate::store::outbox::Lease;

/// Author of what the program records for a directory.
const PROGRAM: Author = Author::Program("directory");
/// Time in which dismissals are counted.
const BRAKE_WINDOW: TimeDelta = TimeDelta::hours(1);
/// Dismissals in that time which are never unusual.
const ALWAYS_USUAL: u64 = 10;
/// One in so many active people may leave in that time.
const USUAL_SHARE: u64 = 20;

/// Plans the handover that the policy of the directory demands; `held`: it waits for an administrator.
///
/// # Errors
/// When the database fails.
pub(super) async fn plan(
    tx: &Tx,
    directory: &Directory,
    dismissal: &DismissalRow,
    held: bool,
) -> Result<(), Error> {
    if parse(&directory.handover_moves)?.is_empty() {
        return Ok(());
    }
    let due_at = tx.now + TimeDelta::seconds(i64::from(directory.handover_after_seconds));
    let row = directory_handover::ActiveModel {
        dismissal_id: Set(dismissal.id),
        directory_id: Set(directory.id),
        due_at: Set(due_at),
        held: Set(held),
        released: Set(false),
    };
    directory_handover::Entity::insert(row)
        .exec_without_returning(&tx.conn)
        .await?;
    match held {
        true => hold_all(tx, directory).await,
        false => journal::enqueue(tx, Topic::RunDirectoryHandover, dismissal.id.0, due_at).await,
    }
}

/// Returns whether the directory has dismissed unusually many people lately, with this transaction.
///
/// # Errors
/// When the database fails.
pub(super) async fn is_unusual(tx: &Tx, directory: &Directory) -> Result<bool, Error> {
    let recent = dismissal::Entity::find()
        .filter(dismissal::Column::DirectoryId.eq(directory.id))
        .filter(dismissal::Column::State.is_in([DismissalState::InForce, DismissalState::Ended]))
        .filter(dismissal::Column::EffectiveAt.gt(tx.now - BRAKE_WINDOW))
        // People, who may be switched off and on many times.
        .select_only()
        .column(dismissal::Column::UserId)
        .distinct()
        .count(&tx.conn)
        .await?;
    if recent <= ALWAYS_USUAL {
        return Ok(false);
    }
    let active = user::Entity::find()
        .filter(user::Column::Status.eq(UserStatus::Active))
        .count(&tx.conn)
        .await?;
    Ok(recent > active / USUAL_SHARE)
}

/// Tells once a day that the directory has dismissed unusually many people, whatever happens to their work.
///
/// # Errors
/// When the database fails.
pub(super) async fn note_mass_dismissal(tx: &Tx, directory: &Directory) -> Result<(), Error> {
    let note: Note = (NoteKind::MassDismissal, String::new());
    if notes::keep_one(tx, directory, &note).await? {
        let (subject, action) = (Some(directory.id.into()), Action::DirectoryMassDismissal);
        journal::record(tx, &PROGRAM, action, subject, json!({})).await?;
    }
    Ok(())
}

/// Holds everything that has not begun and was not released.
async fn hold_all(tx: &Tx, directory: &Directory) -> Result<(), Error> {
    let pending = directory_handover::Entity::find()
        .filter(directory_handover::Column::DirectoryId.eq(directory.id))
        .filter(directory_handover::Column::Held.eq(false))
        .filter(directory_handover::Column::Released.eq(false))
        .all(&tx.conn)
        .await?;
    for row in &pending {
        journal::withdraw(tx, Topic::RunDirectoryHandover, row.dismissal_id.0).await?;
    }
    directory_handover::Entity::update_many()
        .col_expr(directory_handover::Column::Held, Expr::value(true))
        .filter(directory_handover::Column::DirectoryId.eq(directory.id))
        .filter(directory_handover::Column::Released.eq(false))
        .exec(&tx.conn)
        .await?;
    Ok(())
}

/// Cancels the handover of somebody who is back.
///
/// # Errors
/// When the database fails.
pub(super) async fn cancel(tx: &Tx, dismissal: DismissalId) -> Result<(), Error> {
    let deleted = directory_handover::Entity::delete_by_id(dismissal)
        .exec(&tx.conn)
        .await?;
    if deleted.rows_affected > 0 {
        journal::withdraw(tx, Topic::RunDirectoryHandover, dismissal.0).await?;
    }
    Ok(())
}

/// Queues the handover of a dismissal, if the person is still dismissed: each kind of work to the first recipient who is
/// active. Work without one, or whose move is refused, stays with the person; the dismissal tells why.
///
/// # Errors
/// When the database fails or another process has claimed the message; nothing has changed then.
pub async fn carry_out(db: &Db, id: DismissalId, lease: &Lease) -> Result<(), Error> {
    let done = db
        .write(move |tx: Arc<Tx>| async move {
            let tx = &*tx;
            lease.renew(tx).await?;
            let pending = directory_handover::Entity::find_by_id(id).one(&tx.conn).await?;
            let Some(pending) = pending.filter(|row| !row.held) else {
                return Ok(lease.finish(tx).await?);
            };
            directory_handover::Entity::delete_by_id(id)
                .exec(&tx.conn)
                .await?;
            if let Some(directory) = directory::Entity::find_by_id(pending.directory_id)
                .one(&tx.conn)
                .await?
            {
                queue(tx, &directory, id).await?;
            }
            Ok(lease.finish(tx).await?)
        })
        .await;
    done.map_err(Failure::into_error)
}

async fn queue(tx: &Tx, directory: &Directory, id: DismissalId) -> Outcome<()> {
    let Some(read) = dismissal::Entity::find_by_id(id).one(&tx.conn).await? else {
        return Ok(());
    };
    let acting = integration::Entity::find_by_id(directory.integration_id)
        .one(&tx.conn)
        .await?;
    let in_use = |row: &integration::Model| row.revoked_at.is_none() && directory.ended_at.is_none();
    let Some(acting) = acting.filter(in_use) else {
        return Ok(());
    };
    // Whoever dismisses or rehires locks the person: what is read now stays.
    let moves = moves(tx, directory, read.user_id).await?;
    let named = start::people_named(&request(read.user_id, moves.clone()));
    guard::lock_people(tx, read.user_id, &named).await?;
    let found = dismissal::Entity::find_by_id(id).one(&tx.conn).await?;
    let is_open = |row: &DismissalRow| row.state == DismissalState::InForce && row.handover_id.is_none();
    let Some(row) = found.filter(is_open).filter(|_| !moves.is_empty()) else {
        return Ok(());
    };
    let actor = integrations::for_administrators(integrations::actor(&acting, None));
    let (queued, refusals) = allowed::queue(tx, &actor, request(row.user_id, moves)).await?;
    // It is over at some time; this message is tried again.
    if refusals.iter().any(|one| one.code == Code::HandoverInProgress) {
        return Err(Error::Conflict.into());
    }
    record(tx, &actor, &row, queued.map(|queued| queued.id), &refusals).await
}

/// Notes the handover with the dismissal, and what was refused.
async fn record(
    tx: &Tx,
    actor: &Actor,
    row: &DismissalRow,
    queued: Option<entity::HandoverId>,
    refusals: &[Refusal],
) -> Outcome<()> {
    let messages: Vec<&str> = refusals.iter().map(|one| one.message.as_str()).collect();
    let failure = (!messages.is_empty()).then(|| messages.join("; "));
    let changed = dismissal::ActiveModel {
        id: Set(row.id),
        handover_id: Set(queued),
        failure: Set(failure.clone()),
        ..Default::default()
    };
    dismissal::Entity::update(changed).exec(&tx.conn).await?;
    if let Some(failure) = failure {
        let data = json!({ "dismissal": row.id.to_string(), "failure": failure });
        let (author, action) = (actor.author(), Action::HandoverRefused);
        journal::record(tx, &author, action, Some(row.user_id.into()), data).await?;
    }
    Ok(())
}

fn request(from: UserId, moves: Vec<Move>) -> Request {
    Request {
        from: Some(from),
        leaving: false,
        later: false,
        moves,
        rest: None,
        excluded_kinds: Vec::new(),
        field: "handoverMoves",
        refused: Vec::new(),
    }
}

/// Returns the moves of the policy that have an active recipient.
async fn moves(tx: &Tx, directory: &Directory, leaver: UserId) -> Outcome<Vec<Move>> {
    let mut moves = Vec::new();
    for (place, wanted) in parse(&directory.handover_moves)?.into_iter().enumerate() {
        for recipient in &wanted.to {
            let Some(person) = resolve(tx, recipient, leaver).await? else {
                continue;
            };
            moves.push(Move {
                place,
                kind: wanted.kind,
                to: handover::Recipient::User(person),
                ids: None,
                matching: None,
                include_closed: wanted.include_closed,
                keep_as_observer: false,
                share: None,
            });
            break;
        }
    }
    Ok(moves)
}

/// Returns the person that a recipient means, if they are active and not the leaver.
async fn resolve(tx: &Tx, recipient: &Recipient, leaver: UserId) -> Outcome<Option<UserId>> {
    let named = match recipient {
        Recipient::User(id) => Some(*id),
        Recipient::Manager => manager_of(&tx.conn, leaver).await?,
        Recipient::HeadOfDepartment => {
            let leaver = create::find(tx, leaver, "userId").await?;
            return Ok(heads::of(&tx.conn, leaver.id, leaver.department_id).await?);
        }
    };
    let Some(id) = named.filter(|id| *id != leaver) else {
        return Ok(None);
    };
    let person = user::Entity::find_by_id(id).one(&tx.conn).await?;
    Ok(person.filter(user::Model::is_active).map(|person| person.id))
}

async fn manager_of(conn: &impl ConnectionTrait, person: UserId) -> Result<Option<UserId>, Error> {
    let link = directory_person::Entity::find_by_id(person).one(conn).await?;
    Ok(link.and_then(|link| link.manager_id))
}
