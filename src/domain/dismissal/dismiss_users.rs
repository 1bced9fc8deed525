//! dismissUsers: several people at once, all or none.

use std::collections::HashSet;
use std::sync::Arc;

use entity::{Timestamp, UserId};

use super::command::{DismissUser, Dismissed};
use super::lock_out::{hand_over, lock_out, origin};
use super::scheduled::schedule;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::start;
use crate::error::{Code, Error, Outcome, Refusal, collect, refuse, refuse_if_any};
use crate::store::db::Db;
use crate::store::db::Tx;
use crate::store::journal::Recorded;

/// Maximum number of people in one `dismissUsers`.
pub const MAX_PEOPLE: usize = 1_000;

/// Dismisses several people: all of them or, if any is refused, none. `common` holds the common settings; its `user`
/// is ignored.
///
/// # Errors
/// As [`dismiss_user`](super::dismiss::dismiss_user), with the index in `userIds`; [`Code::TooMany`]; [`Code::Invalid`]
/// for an empty list or a duplicate.
pub async fn dismiss_users(
    db: &Db,
    actor: &Actor,
    people: &[UserId],
    common: &DismissUser,
) -> Outcome<Vec<Dismissed>> {
    check_list(people)?;
    let one = |&user| DismissUser {
        user,
        ..common.clone()
    };
    let commands = &people.iter().map(one).collect::<Vec<_>>();
    let named: Vec<UserId> = commands[0]
        .request()
        .iter()
        .flat_map(start::people_named)
        .chain(people.iter().copied())
        .collect();
    db.write_as(
        actor,
        Needs::PermissionOverPeople(Permission::DismissUsers, &named),
        move |tx: Arc<Tx>, actor| async move {
            let (tx, actor) = (&*tx, &*actor);
            common.require_permissions(actor)?;
            match common.effective_at {
                Some(at) => Ok((
                    schedule_all(tx, actor, commands, at).await?,
                    Recorded::by_its_steps(),
                )),
                None => Ok((dismiss_all(tx, actor, commands).await?, Recorded::by_its_steps())),
            }
        },
    )
    .await
}

fn check_list(people: &[UserId]) -> Outcome<()> {
    if people.is_empty() {
        return refuse(Code::Invalid, "userIds", "name at least one person");
    }
    if people.len() > MAX_PEOPLE {
        let message = format!("at most {MAX_PEOPLE} people at once");
        return refuse(Code::TooMany, "userIds", message);
    }
    if people.iter().collect::<HashSet<_>>().len() < people.len() {
        return refuse(Code::Invalid, "userIds", "a person is listed twice");
    }
    Ok(())
}

async fn schedule_all(
    tx: &Tx,
    actor: &Actor,
    commands: &[DismissUser],
    at: Timestamp,
) -> Outcome<Vec<Dismissed>> {
    let mut refusals = commands[0].refused.clone();
    let mut done = Vec::with_capacity(commands.len());
    for (place, command) in commands.iter().enumerate() {
        let scheduled = schedule(tx, actor, command, at).await;
        done.extend(collect_at(place, scheduled, &mut refusals)?.map(|(one, _)| one));
    }
    refuse_if_any(refusals)?;
    Ok(done)
}

async fn dismiss_all(tx: &Tx, actor: &Actor, commands: &[DismissUser]) -> Outcome<Vec<Dismissed>> {
    let mut refusals = commands[0].refused.clone();
    // All of them are locked out before any work is assigned, so that no leaver receives any.
    let mut leavers = Vec::with_capacity(commands.len());
    for (place, command) in commands.iter().enumerate() {
        let locked_out = lock_out(tx, actor, origin(actor), command).await;
        let leaver = collect_at(place, locked_out, &mut refusals)?;
        leavers.extend(leaver.map(|leaver| (place, command, leaver)));
    }
    let mut done = Vec::with_capacity(commands.len());
    for (place, command, leaver) in leavers {
        let handed_over = hand_over(tx, actor, command, leaver).await;
        done.extend(collect_at(place, handed_over, &mut refusals)?.map(|(one, _)| one));
    }
    refuse_if_any(refusals)?;
    // Schedules among the people dismissed together are obsolete.
    let gone: HashSet<UserId> = commands.iter().map(|command| command.user).collect();
    for one in &mut done {
        one.schedules_passed.retain(|row| !gone.contains(&row.user_id));
    }
    Ok(done)
}

/// Collects the result for one of several people. Refusals about a person get the index in the list, and equal refusals
/// of the moves are reported once.
fn collect_at<T>(place: usize, outcome: Outcome<T>, refusals: &mut Vec<Refusal>) -> Result<Option<T>, Error> {
    let mut reasons = Vec::new();
    let done = collect(outcome, &mut reasons)?;
    for mut reason in reasons {
        if reason.field.first().is_some_and(|field| field == "userId") {
            reason.field = vec!["userIds".to_owned(), place.to_string()];
        }
        if !refusals.contains(&reason) {
            refusals.push(reason);
        }
    }
    Ok(done)
}
