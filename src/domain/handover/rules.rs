//! What may be asked of a handover, and what it comes to. Pure: no database, no clock.

use std::collections::HashSet;

use entity::UserId;
use entity::handover::HandoverState;
use entity::handover_part::WorkKind;

use super::kinds::{self, Holders};
use super::work::WorkLine;
use super::{REST, Recipient, Request};
use crate::error::{Code, Refusal};

/// Most items that one move can list.
pub const MAX_IDS: usize = 5_000;
/// Most moves in one request.
pub const MAX_MOVES: usize = 50;
/// Most people who can share one move.
pub const MAX_RECIPIENTS: usize = 100;

/// Most items of one kind that moves can list beside a `restTo`: what is left out of the rest is named in one statement.
pub const MAX_BESIDE_REST: usize = 30_000;

/// Everything that is wrong with a request and can be seen without looking anything up.
pub fn check_shape(request: &Request) -> Vec<Refusal> {
    let field = request.field;
    let mut refusals = Vec::new();
    if request.rest.is_some() && request.from.is_none() {
        let message = "the rest of whose work? Say whose it is (fromUserId)";
        refusals.push(Refusal::new(Code::Invalid, REST, message));
    }
    let mut refuse = |code, path: String, message: String| refusals.push(Refusal::new(code, &path, message));
    if request.moves.is_empty() && request.rest.is_none() && request.refused.is_empty() {
        refuse(
            Code::Invalid,
            field.to_owned(),
            "there is nothing to move: name at least one kind of work".to_owned(),
        );
    }
    if request.moves.len() > MAX_MOVES {
        refuse(
            Code::TooMany,
            field.to_owned(),
            format!("at most {MAX_MOVES} moves at once"),
        );
        return refusals;
    }
    let mut whole: HashSet<WorkKind> = HashSet::new();
    let mut kinds_seen: HashSet<WorkKind> = HashSet::new();
    let mut listed = HashSet::new();
    for wanted in &request.moves {
        let at = format!("{field}.{}", wanted.place);
        let kind = kinds::of(wanted.kind);
        match &wanted.ids {
            None => {
                if request.from.is_none() {
                    let message = "say whose work it is (fromUserId), or list the items (ids)";
                    refuse(Code::Invalid, format!("{at}.ids"), message.to_owned());
                }
                if !kinds_seen.insert(wanted.kind) {
                    refuse(
                        Code::Invalid,
                        format!("{at}.kind"),
                        "another move has this kind of work already".to_owned(),
                    );
                }
                whole.insert(wanted.kind);
            }
            Some(ids) => {
                if ids.is_empty() {
                    refuse(
                        Code::Invalid,
                        format!("{at}.ids"),
                        "the list of items is empty".to_owned(),
                    );
                }
                if ids.len() > MAX_IDS {
                    refuse(
                        Code::TooMany,
                        format!("{at}.ids"),
                        format!("at most {MAX_IDS} items in one move"),
                    );
                }
                if !ids.iter().all(|id| listed.insert((wanted.kind, *id))) {
                    refuse(
                        Code::Invalid,
                        format!("{at}.ids"),
                        "an item is listed twice".to_owned(),
                    );
                }
                if whole.contains(&wanted.kind) {
                    refuse(
                        Code::Invalid,
                        format!("{at}.kind"),
                        "another move has this kind of work already".to_owned(),
                    );
                }
                kinds_seen.insert(wanted.kind);
                if request.from.is_none() && kind.holders() != Holders::One {
                    let message = "several people can hold such an item: say whose part moves (fromUserId)";
                    refuse(Code::Invalid, format!("{at}.kind"), message.to_owned());
                }
            }
        }
        if wanted.keep_as_observer && !kind.can_keep_observer() {
            let message = "only the responsible and the creator of tasks can stay observers";
            refuse(Code::Invalid, format!("{at}.keepAsObserver"), message.to_owned());
        }
        if wanted.share.is_some() && !kind.can_be_shared() {
            let message = "only a drive can be shared with others on the way";
            refuse(Code::Invalid, format!("{at}.share"), message.to_owned());
        }
        if matches!(wanted.to, Recipient::EvenlyAmong(_)) && !kind.can_be_split() {
            let message =
                "a drive goes to one person: name other folders (ids) for others in moves of their own";
            refuse(Code::Invalid, format!("{at}.to.evenlyAmong"), message.to_owned());
        }
        check_recipient(request, &wanted.to, &format!("{at}.to"), &mut refuse);
    }
    if let Some(rest) = &request.rest {
        check_recipient(request, rest, REST, &mut refuse);
        if kinds_seen
            .iter()
            .any(|kind| request.listed(*kind).count() > MAX_BESIDE_REST)
        {
            let message = format!("at most {MAX_BESIDE_REST} items of one kind can be listed beside it");
            refuse(Code::TooMany, REST.to_owned(), message);
        }
    }
    refusals
}

fn check_recipient(
    request: &Request,
    to: &Recipient,
    at: &str,
    refuse: &mut impl FnMut(Code, String, String),
) {
    let mut check_one = |person: UserId, path: String| {
        // Somebody who leaves is locked out by now, and refused like all who are not active.
        if request.from == Some(person) && !request.leaving {
            refuse(Code::Invalid, path, "the work is theirs already".to_owned());
        }
    };
    match to {
        Recipient::User(person) => check_one(*person, format!("{at}.userId")),
        Recipient::EvenlyAmong(people) => {
            for (place, person) in people.iter().enumerate() {
                check_one(*person, format!("{at}.evenlyAmong.{place}"));
            }
            let path = || format!("{at}.evenlyAmong");
            if people.is_empty() {
                refuse(Code::RecipientMissing, path(), "nobody is named".to_owned());
            } else if people.len() > MAX_RECIPIENTS {
                refuse(
                    Code::TooMany,
                    path(),
                    format!("at most {MAX_RECIPIENTS} people can share a move"),
                );
            } else if people.iter().collect::<HashSet<_>>().len() < people.len() {
                refuse(Code::Invalid, path(), "somebody is named twice".to_owned());
            }
        }
        Recipient::HeadOfDepartment if request.from.is_none() && at != REST => {
            let message = "whose head? Say whose work it is (fromUserId)";
            refuse(
                Code::Invalid,
                format!("{at}.headOfDepartment"),
                message.to_owned(),
            );
        }
        Recipient::HeadOfDepartment => {}
    }
}

/// How many of `total` items the person in turn `slot` of `people` gets.
pub fn even_share(total: i64, people: usize, slot: usize) -> i64 {
    let (people, slot) = (people as i64, slot as i64);
    if people == 0 {
        0
    } else {
        total / people + i64::from(slot < total % people)
    }
}

/// What somebody who holds `held` still holds when `taken` is gone. Kinds of which nothing is left are left out.
pub fn remaining(held: Vec<WorkLine>, taken: &[WorkLine]) -> Vec<WorkLine> {
    let left = |line: WorkLine| {
        let gone = || taken.iter().filter(|taken| taken.kind == line.kind);
        WorkLine {
            kind: line.kind,
            open: (line.open - gone().map(|taken| taken.open).sum::<i64>()).max(0),
            closed: (line.closed - gone().map(|taken| taken.closed).sum::<i64>()).max(0),
        }
    };
    let lines = held.into_iter().map(left);
    lines.filter(|line| line.open + line.closed > 0).collect()
}

/// How a handover ended.
pub fn final_state(moved: i64, skipped: i64, failed: i64) -> HandoverState {
    match (moved + skipped, failed) {
        (_, 0) => HandoverState::Succeeded,
        (0, _) => HandoverState::Failed,
        _ => HandoverState::Partial,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::Move;
    use super::*;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn a_move(kind: WorkKind, to: Recipient, ids: Option<Vec<Uuid>>) -> Move {
        Move {
            place: 0,
            kind,
            to,
            ids,
            include_closed: false,
            keep_as_observer: false,
            share: None,
        }
    }

    fn codes(from: Option<UserId>, moves: Vec<Move>) -> Vec<(Code, String)> {
        check_shape(&Request {
            from,
            leaving: false,
            later: false,
            moves: moves
                .into_iter()
                .enumerate()
                .map(|(place, wanted)| Move { place, ..wanted })
                .collect(),
            rest: None,
            spared: Vec::new(),
            field: "moves",
            refused: Vec::new(),
        })
        .into_iter()
        .map(|r| (r.code, r.field.join(".")))
        .collect()
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        use WorkKind::{CrmDeal, TaskObserver, TaskResponsible};
        let (ann, bob) = (person(1), person(2));
        let to_bob = || Recipient::User(bob);
        let one = || Some(vec![Uuid::from_u128(9)]);
        assert_eq!(codes(Some(ann), vec![]), [(Code::Invalid, "moves".into())]);
        assert_eq!(
            codes(None, vec![a_move(CrmDeal, to_bob(), None)]),
            [(Code::Invalid, "moves.0.ids".into())]
        );
        assert_eq!(codes(None, vec![a_move(CrmDeal, to_bob(), one())]), []);
        assert_eq!(
            codes(None, vec![a_move(TaskObserver, to_bob(), one())]),
            [(Code::Invalid, "moves.0.kind".into())]
        );
        assert_eq!(
            codes(
                Some(ann),
                vec![a_move(CrmDeal, Recipient::EvenlyAmong(vec![bob, bob]), None)]
            ),
            [(Code::Invalid, "moves.0.to.evenlyAmong".into())]
        );
        assert_eq!(
            codes(
                Some(ann),
                vec![a_move(CrmDeal, Recipient::EvenlyAmong(vec![]), None)]
            ),
            [(Code::RecipientMissing, "moves.0.to.evenlyAmong".into())]
        );
        assert_eq!(
            codes(
                Some(ann),
                vec![
                    a_move(TaskResponsible, to_bob(), None),
                    a_move(TaskResponsible, to_bob(), one())
                ]
            ),
            [(Code::Invalid, "moves.1.kind".into())]
        );
        assert_eq!(
            codes(None, vec![a_move(CrmDeal, Recipient::HeadOfDepartment, one())]),
            [(Code::Invalid, "moves.0.to.headOfDepartment".into())]
        );
    }

    proptest! {
        #[test]
        fn even_shares_add_up_and_differ_by_one_at_most(total in 0..100_000_i64, people in 1..50_usize) {
            let shares: Vec<i64> = (0..people).map(|slot| even_share(total, people, slot)).collect();
            prop_assert_eq!(shares.iter().sum::<i64>(), total);
            let (least, most) = (shares.iter().min().unwrap(), shares.iter().max().unwrap());
            prop_assert!(most - least <= 1);
        }

        #[test]
        fn an_end_without_failures_is_a_success(moved in 0..5_i64, skipped in 0..5_i64, failed in 0..5_i64) {
            let state = final_state(moved, skipped, failed);
            prop_assert!(state.is_finished());
            prop_assert_eq!(state == HandoverState::Succeeded, failed == 0);
            prop_assert_eq!(state == HandoverState::Failed, failed > 0 && moved + skipped == 0);
        }
    }
}
