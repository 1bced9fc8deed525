//! Dismissing and rehiring by a directory, inside the transaction of its request.

use std::collections::BTreeSet;

use entity::dismissal::{DismissalState, Model as DismissalRow};
use entity::user::{Model as User, UserStatus};
use entity::{DirectoryId, DismissalId, IntegrationId, UserId, dismissal};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

use super::command::{DismissUser, Dismissed};
use super::hire;
use super::lock_out::lock_out;
use super::planned;
use super::requester;
use super::scheduled;
use crate::domain::auth::Actor;
use crate::domain::auth::guard::lock_people;
use crate::domain::integrations::reach;
use crate::error::{Error, Outcome};
use crate::runtime::metrics::labels::DismissalOrigin;
use crate::store::db::Tx;
use crate::store::journal::Recorded;

/// A dismissal by a directory.
#[derive(Debug)]
pub struct DismissedByDirectory {
    /// The dismissal.
    pub dismissed: Dismissed,
    /// Whether it was scheduled, with its own decision on the work.
    pub decided: bool,
}

/// Returns everyone whose row a dismissal of this person locks besides theirs: the recipients of a scheduled one.
///
/// # Errors
/// When the database fails.
pub async fn people_involved(conn: &impl ConnectionTrait, person: UserId) -> Result<Vec<UserId>, Error> {
    let planned = dismissal::Entity::find()
        .filter(dismissal::Column::UserId.eq(person))
        .filter(dismissal::Column::State.eq(DismissalState::Scheduled))
        .one(conn)
        .await?;
    let mut people = BTreeSet::from([person]);
    if let Some(row) = planned {
        people.extend(scheduled::people_involved(&scheduled::command(&row)?));
        people.extend(row.requested_by_id);
    }
    Ok(people.into_iter().collect())
}

/// Locks a person out. A scheduled dismissal of theirs is brought forward, with its moves in the name of its requester;
/// moves that are refused don't stop the lock-out. The caller's transaction holds locks on the administrators and on
/// [`people_involved`].
///
/// # Errors
/// Refusals of [`rules::dismiss`](super::rules::dismiss).
pub async fn dismiss(
    tx: &Tx,
    actor: &Actor,
    directory: DirectoryId,
    person: UserId,
    reason: &str,
) -> Outcome<(DismissedByDirectory, Recorded)> {
    let planned = planned::of(tx, person).await?;
    let without_work = DismissUser {
        user: person,
        reason: Some(reason.to_owned()),
        effective_at: None,
        handover: None,
        rest: None,
        expected_revision: None,
        keep_secret_ids: Vec::new(),
        refused: Vec::new(),
    };
    let Some(planned) = planned else {
        let leaver = lock_out(tx, actor, DismissalOrigin::Directory, &without_work).await?;
        let (dismissed, recorded) = super::lock_out::hand_over(tx, actor, &without_work, leaver).await?;
        decided_by(tx, dismissed.dismissal.id, None, None, Some(directory)).await?;
        let decided = false;
        return Ok((DismissedByDirectory { dismissed, decided }, recorded));
    };
    let mut command = scheduled::command(&planned)?;
    let people = lock_people(tx, actor.user_id, &scheduled::people_involved(&command)).await?;
    let requester = requester::still_permitted(tx, &planned, &people).await?;
    command.reason = planned.reason.clone().or(without_work.reason);
    // The secrets that its requester wanted to keep were meant for another day.
    command.keep_secret_ids.clear();
    let decided = command.request().is_some();
    let origin = DismissalOrigin::Directory;
    let (dismissed, recorded) = match requester {
        Some(requester) => scheduled::dismiss_now(tx, actor, &requester, origin, &command).await?,
        None => scheduled::dismiss_now(tx, actor, actor, origin, &command).await?,
    };
    let (by, integration) = (planned.requested_by_id, planned.requested_by_integration_id);
    decided_by(tx, planned.id, by, integration, None).await?;
    Ok((DismissedByDirectory { dismissed, decided }, recorded))
}

/// Notes who decided a dismissal, which decides who may end it: the directory, or whoever had scheduled it.
async fn decided_by(
    tx: &Tx,
    id: DismissalId,
    person: Option<UserId>,
    integration: Option<IntegrationId>,
    directory: Option<DirectoryId>,
) -> Result<(), Error> {
    let mut row = dismissal::ActiveModel {
        id: Set(id),
        directory_id: Set(directory),
        ..Default::default()
    };
    if directory.is_none() {
        row.requested_by_id = Set(person);
        row.requested_by_integration_id = Set(integration);
    }
    dismissal::Entity::update(row).exec(&tx.conn).await?;
    Ok(())
}

/// Returns the dismissal in force of a person who is dismissed.
///
/// # Errors
/// When the database fails.
pub async fn in_force(tx: &Tx, person: UserId) -> Result<DismissalRow, Error> {
    super::lock_out::in_force(tx, person).await
}

/// Rehires a person as active, whether or not they had accepted an invitation: the directory says that they work here.
///
/// # Errors
/// Those of [`reach::may_change`].
pub async fn rehire(tx: &Tx, actor: &Actor, person: &User, latest: &DismissalRow) -> Outcome<Recorded> {
    reach::may_change(tx, actor, person).await?;
    let (_, recorded) = hire::rehire(tx, actor, latest, UserStatus::Active, None).await?;
    Ok(recorded)
}
