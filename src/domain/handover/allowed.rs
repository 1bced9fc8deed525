//! The part of a handover that is not refused: for what is carried out later, when nobody is there to be asked.

use std::collections::HashSet;

use entity::handover::Model as Handover;

use super::{Move, REST, Request, start};
use crate::domain::auth::Actor;
use crate::error::{Code, Error, Failure, Outcome, Refusal};
use crate::store::db::Tx;

/// Queues the moves that are not refused. Returns the handover, unless nothing is left, and what was refused. Work that is
/// refused stays with its holder.
///
/// # Errors
/// When the database fails.
pub async fn queue(tx: &Tx, actor: &Actor, request: Request) -> Outcome<(Option<Handover>, Vec<Refusal>)> {
    let mut refusals = Vec::new();
    let mut rest = Some(request);
    while let Some(request) = rest {
        match start::queue(tx, actor, &request, None).await {
            Ok((queued, _)) => return Ok((Some(queued), refusals)),
            Err(Failure::Refused(reasons)) => {
                rest = without_refused(request, &reasons);
                refusals.extend(reasons);
            }
            Err(Failure::Broken(Error::Forbidden(_))) => {
                let message = "an integration may not hand over integrations, or the lead of departments in which \
                               administrators, its owner or people who know its secrets work";
                rest = without_reserved(request);
                refusals.push(Refusal::new(Code::Invalid, "", message));
            }
            Err(broken) => return Err(broken),
        }
    }
    Ok((None, refusals))
}

/// Returns the request without the kinds of work that only people may hand over in every case; `None` if nothing would be
/// left, or they are not part of it.
fn without_reserved(mut request: Request) -> Option<Request> {
    let reserved = &start::RESERVED;
    let was_in_rest =
        request.rest.is_some() && reserved.iter().any(|kind| !request.excluded_kinds.contains(kind));
    let before = request.moves.len();
    request.moves.retain(|one| !reserved.contains(&one.kind));
    request.excluded_kinds.extend(reserved);
    let left = !request.moves.is_empty() || request.rest.is_some();
    (left && (was_in_rest || request.moves.len() < before)).then_some(request)
}

/// Returns the request without the refused moves; `None` if nothing would be left, or a refusal is not about a single
/// move. Work named by a refused move is not part of the rest: it stays.
fn without_refused(mut request: Request, refusals: &[Refusal]) -> Option<Request> {
    let mut about = HashSet::new();
    let before = (request.moves.len(), request.rest.is_some());
    for refusal in refusals {
        if refusal.field.first().is_some_and(|field| field == REST) {
            request.rest = None;
        } else {
            about.insert(refusal.field.get(1)?.parse::<usize>().ok()?);
        }
    }
    let (refused, moves): (Vec<Move>, Vec<Move>) = request
        .moves
        .into_iter()
        .partition(|wanted| about.contains(&wanted.place));
    request
        .excluded_kinds
        .extend(refused.into_iter().map(|wanted| wanted.kind));
    request.moves = moves;
    let left = !request.moves.is_empty() || request.rest.is_some();
    (left && before != (request.moves.len(), request.rest.is_some())).then_some(request)
}
