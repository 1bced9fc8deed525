//! dismissUsers: several people at once, all or none.

use std::collections::HashSet;
use std::sync::Arc;

use entity::UserId;

use super::command::{DismissUser, Dismissed};
use super::lock_out::{hand_over, lock_out};
use super::scheduled::schedule;
use crate::domain::auth::guard::Needs;
use crate::domain::auth::{Actor, Permission};
use crate::domain::handover::start;
use crate::error::{Code, Failure, Outcome, Refusal, refuse, refuse_if_any};
use crate::store::db::Db;
use crate::store::db::Tx;

/// Most people in one `dismissUsers`.
pub const MAX_PEOPLE: usize = 1_000;

/// Dismisses several people: all of them or, when anything speaks against one, none. `together` says what holds for
/// all; whom it names is not looked at.
///
/// # Errors
/// As [`dismiss_user`](super::dismiss::dismiss_user), with the place in `userIds`; [`Code::TooMany`], [`Code::Invalid`] for an empty list or
/// somebody named twice.
pub async fn dismiss_users(
    db: &Db,
    actor: &Actor,
    people: &[UserId],
    together: &DismissUser,
) -> Outcome<Vec<Dismissed>> {
    if people.is_empty() {
        return refuse(Code::Invalid, "userIds", "name at least one person");
    }
    if people.len() > MAX_PEOPLE {
        return refuse(
            Code::TooMany,
            "userIds",
            format!("at most {MAX_PEOPLE} people at once"),
        );
    }
    if people.iter().collect::<HashSet<_>>().len() < people.len() {
        return refuse(Code::Invalid, "userIds", "somebody is named twice");
    }
    let commands: &Vec<DismissUser> = &people
        .iter()
        .map(|&user| DismissUser {
            user,
            ..together.clone()
        })
        .collect();
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
            together.require_permissions(actor)?;
            let mut leavers = Vec::with_capacity(commands.len());
            let mut refusals = together.refused.clone();
            if let Some(at) = together.effective_at {
                let mut scheduled = Vec::with_capacity(commands.len());
                for (place, command) in commands.iter().enumerate() {
                    note(
                        place,
                        schedule(tx, actor, command, at).await,
                        &mut scheduled,
                        &mut refusals,
                    )?;
                }
                refuse_if_any(refusals)?;
                return Ok(scheduled);
            }
            // All of them are gone before any work is given away: none of it goes to another leaver.
            for (place, command) in commands.iter().enumerate() {
                let mut leaver = Vec::new();
                let locked_out = lock_out(tx, actor, command).await;
                note(place, locked_out, &mut leaver, &mut refusals)?;
                leavers.extend(leaver.into_iter().map(|leaver| (place, command, leaver)));
            }
            let mut done = Vec::with_capacity(commands.len());
            for (place, command, leaver) in leavers {
                let handed_over = hand_over(tx, actor, command, leaver).await;
                note(place, handed_over, &mut done, &mut refusals)?;
            }
            refuse_if_any(refusals)?;
            // What one of them had scheduled for another of them has happened by now.
            let gone: HashSet<UserId> = people.iter().copied().collect();
            for one in &mut done {
                one.schedules_passed.retain(|row| !gone.contains(&row.user_id));
            }
            Ok(done)
        },
    )
    .await
}

/// Keeps what came of one of several people; refusals about the person name the place in the list, and what is wrong
/// with the moves for all of them is told once.
fn note<T>(place: usize, outcome: Outcome<T>, done: &mut Vec<T>, refusals: &mut Vec<Refusal>) -> Outcome<()> {
    match outcome {
        Ok(one) => done.push(one),
        Err(Failure::Refused(mut reasons)) => {
            for reason in &mut reasons {
                if reason.field.first().is_some_and(|field| field == "userId") {
                    reason.field = vec!["userIds".to_owned(), place.to_string()];
                }
            }
            for reason in reasons {
                if !refusals.contains(&reason) {
                    refusals.push(reason);
                }
            }
        }
        Err(broken) => return Err(broken),
    }
    Ok(())
}
