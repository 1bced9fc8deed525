//! The part of a handover that is not refused: what a dismissal takes with it when nobody is there to be asked.

use std::collections::HashSet;

use entity::handover::Model as Handover;

use super::command::DismissUser;
use super::lock_out::{Leaver, queue_handover};
use crate::domain::auth::Actor;
use crate::domain::handover::{Move, REST, Request, start};
use crate::error::{Code, Error, Failure, Outcome, Refusal};
use crate::store::db::Tx;

/// Queues the moves that are not refused; returns the refusals of the others.
pub(super) async fn hand_over_allowed(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: &Leaver,
) -> Outcome<(Option<Handover>, Vec<Refusal>)> {
    if command.require_permissions(actor).is_err() {
        let message = "the requester may no longer hand work over";
        return Ok((None, vec![Refusal::new(Code::Invalid, "", message)]));
    }
    let all = match queue_handover(tx, actor, command.request(), None, leaver).await {
        Ok(handover) => return Ok((handover, Vec::new())),
        Err(Failure::Refused(reasons)) => reasons,
        Err(Failure::Broken(Error::Forbidden(_))) => {
            return without_reserved(tx, actor, command, leaver).await;
        }
        Err(broken) => return Err(broken),
    };
    let rest = command
        .request()
        .and_then(|request| without_refused(request, &all));
    if rest.is_none() {
        return Ok((None, all));
    }
    match queue_handover(tx, actor, rest, None, leaver).await {
        Ok(handover) => Ok((handover, all)),
        Err(Failure::Refused(_)) => Ok((None, all)),
        Err(broken) => Err(broken),
    }
}

/// As [`hand_over_allowed`], without the kinds of work that only people may hand over in every case.
async fn without_reserved(
    tx: &Tx,
    actor: &Actor,
    command: &DismissUser,
    leaver: &Leaver,
) -> Outcome<(Option<Handover>, Vec<Refusal>)> {
    let message = "an integration may not hand over integrations, or the lead of departments in which administrators, \
                   its owner or people who know its secrets work";
    let mut refusals = vec![Refusal::new(Code::Invalid, "", message)];
    let mut rest = command.request();
    if let Some(request) = &mut rest {
        request.moves.retain(|one| !start::RESERVED.contains(&one.kind));
        request.excluded_kinds.extend(start::RESERVED);
    }
    let rest = rest.filter(|request| !request.moves.is_empty() || request.rest.is_some());
    match queue_handover(tx, actor, rest, None, leaver).await {
        Ok(handover) => Ok((handover, refusals)),
        Err(Failure::Refused(more)) => {
            refusals.extend(more);
            Ok((None, refusals))
        }
        Err(Failure::Broken(Error::Forbidden(_))) => Ok((None, refusals)),
        Err(broken) => Err(broken),
    }
}

/// Returns the request without the refused moves; `None` if nothing would be left, or a refusal is not about a single
/// move. Work named by a refused move is not part of the rest: it stays.
fn without_refused(request: Request, refusals: &[Refusal]) -> Option<Request> {
    let mut about = HashSet::new();
    let mut rest = request.rest;
    for refusal in refusals {
        if refusal.field.first().is_some_and(|field| field == REST) {
            rest = None;
        } else {
            about.insert(refusal.field.get(1)?.parse::<usize>().ok()?);
        }
    }
    let (refused, moves): (Vec<Move>, Vec<Move>) = request
        .moves
        .into_iter()
        .partition(|wanted| about.contains(&wanted.place));
    let excluded_kinds = refused.into_iter().map(|wanted| wanted.kind).collect();
    (!moves.is_empty() || rest.is_some()).then_some(Request {
        moves,
        rest,
        excluded_kinds,
        ..request
    })
}
