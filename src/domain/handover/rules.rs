//! Rules on requests and results of handovers. Pure: no database, no clock.

use std::collections::HashSet;

use entity::UserId;
use entity::handover::HandoverState;
use entity::handover_part::WorkKind;
use uuid::Uuid;

use super::kinds::{self, Holders};
use super::matching::Matching;
use super::work::WorkLine;
use super::{Move, REST, Recipient, Request};
use crate::error::{Code, Refusal};

/// Maximum number of items that one move can list.
pub const MAX_IDS: usize = 5_000;
/// Maximum number of moves in one request.
pub const MAX_MOVES: usize = 50;
/// Maximum number of recipients of one move.
pub const MAX_RECIPIENTS: usize = 100;

/// Maximum number of items that one filter can select: one statement lists all of them.
pub const MAX_MATCHING: usize = 30_000;
/// Maximum number of items of one kind that moves can select beside a `restTo`: one statement excludes all of them.
pub const MAX_BESIDE_REST: usize = 30_000;

/// The message for a kind that another move covers completely.
const COVERED: &str = "another move already covers this kind of work";

/// Returns all refusals of a request that need no lookup.
pub fn check_shape(request: &Request) -> Vec<Refusal> {
    let mut shape = Shape {
        request,
        refusals: Vec::new(),
        whole: HashSet::new(),
        kinds: HashSet::new(),
        listed: HashSet::new(),
    };
    if request.rest.is_some() && request.from.is_none() {
        shape.invalid(REST, "restTo requires fromUserId");
    }
    if request.moves.is_empty() && request.rest.is_none() && request.refused.is_empty() {
        shape.invalid(request.field, "nothing to move: name at least one kind of work");
    }
    if request.moves.len() > MAX_MOVES {
        shape.too_many(request.field, format!("at most {MAX_MOVES} moves at once"));
        return shape.refusals;
    }
    for wanted in &request.moves {
        shape.check_move(wanted);
    }
    if let Some(rest) = &request.rest {
        shape.check_recipient(rest, REST);
    }
    shape.refusals
}

/// What has been seen of a request so far.
struct Shape<'a> {
    request: &'a Request,
    refusals: Vec<Refusal>,
    /// Kinds that a move covers completely.
    whole: HashSet<WorkKind>,
    /// Kinds of all moves.
    kinds: HashSet<WorkKind>,
    listed: HashSet<(WorkKind, Uuid)>,
}

impl Shape<'_> {
    fn invalid(&mut self, path: &str, message: &str) {
        self.refusals.push(Refusal::new(Code::Invalid, path, message));
    }

    fn too_many(&mut self, path: &str, message: String) {
        self.refusals.push(Refusal::new(Code::TooMany, path, message));
    }

    fn check_move(&mut self, wanted: &Move) {
        let at = format!("{}.{}", self.request.field, wanted.place);
        match (&wanted.ids, &wanted.matching) {
            (None, None) => self.check_whole_kind(wanted.kind, &at),
            (None, Some(matching)) => self.check_matching(wanted.kind, matching, &at),
            (Some(ids), None) => self.check_ids(wanted.kind, ids, &at),
            (Some(_), Some(_)) => {
                self.invalid(&format!("{at}.matching"), "either ids or matching can be given");
            }
        }
        let kind = kinds::of(wanted.kind);
        if wanted.keep_as_observer && !kind.can_keep_observer() {
            let message = "only the responsible person and the creator of a task can stay as observers";
            self.invalid(&format!("{at}.keepAsObserver"), message);
        }
        if wanted.share.is_some() && !kind.can_be_shared() {
            self.invalid(&format!("{at}.share"), "only a drive can be shared");
        }
        if matches!(wanted.to, Recipient::EvenlyAmong(_)) && !kind.can_be_distributed() {
            let message = "a drive moves to one person: list folders (ids) for others in separate moves";
            self.invalid(&format!("{at}.to.evenlyAmong"), message);
        }
        self.check_recipient(&wanted.to, &format!("{at}.to"));
    }

    fn check_whole_kind(&mut self, kind: WorkKind, at: &str) {
        if self.request.from.is_none() {
            self.invalid(&format!("{at}.ids"), "fromUserId, ids or matching is required");
        }
        if !self.kinds.insert(kind) {
            self.invalid(&format!("{at}.kind"), COVERED);
        }
        self.whole.insert(kind);
    }

    fn check_ids(&mut self, kind: WorkKind, ids: &[Uuid], at: &str) {
        let field = format!("{at}.ids");
        if ids.is_empty() {
            self.invalid(&field, "the list of items is empty");
        }
        if ids.len() > MAX_IDS {
            self.too_many(&field, format!("at most {MAX_IDS} items in one move"));
        }
        if !ids.iter().all(|id| self.listed.insert((kind, *id))) {
            self.invalid(&field, "an item is listed twice");
        }
        self.check_items(kind, at);
    }

    fn check_matching(&mut self, kind: WorkKind, matching: &Matching, at: &str) {
        if !kinds::of(kind).accepts_prefix(matching.filter.prefix()) {
            let message = format!("this is not a filter for the kind {}", kinds::name(kind));
            self.invalid(&format!("{at}.matching"), &message);
        }
        if self.request.later {
            let message = "a scheduled dismissal can't select by a filter: list ids, or hand over then";
            self.invalid(&format!("{at}.matching"), message);
        }
        self.check_items(kind, at);
    }

    /// Checks a move of single items.
    fn check_items(&mut self, kind: WorkKind, at: &str) {
        if self.whole.contains(&kind) {
            self.invalid(&format!("{at}.kind"), COVERED);
        }
        self.kinds.insert(kind);
        if self.request.from.is_none() && kinds::of(kind).holders() != Holders::One {
            let message = "several people can hold such an item: fromUserId is required";
            self.invalid(&format!("{at}.kind"), message);
        }
    }

    fn check_recipient(&mut self, to: &Recipient, at: &str) {
        match to {
            Recipient::User(person) => self.check_person(*person, &format!("{at}.userId")),
            Recipient::EvenlyAmong(people) => self.check_people(people, &format!("{at}.evenlyAmong")),
            Recipient::HeadOfDepartment if self.request.from.is_none() && at != REST => {
                let message = "headOfDepartment requires fromUserId";
                self.invalid(&format!("{at}.headOfDepartment"), message);
            }
            Recipient::HeadOfDepartment => {}
        }
    }

    fn check_people(&mut self, people: &[UserId], at: &str) {
        for (place, person) in people.iter().enumerate() {
            self.check_person(*person, &format!("{at}.{place}"));
        }
        if people.is_empty() {
            let refusal = Refusal::new(Code::RecipientMissing, at, "no recipient is named");
            self.refusals.push(refusal);
        } else if people.len() > MAX_RECIPIENTS {
            self.too_many(at, format!("at most {MAX_RECIPIENTS} people can share a move"));
        } else if people.iter().collect::<HashSet<_>>().len() < people.len() {
            self.invalid(at, "a person is listed twice");
        }
    }

    fn check_person(&mut self, person: UserId, at: &str) {
        // Somebody who is being dismissed is locked out by now, and refused as not active.
        if self.request.from == Some(person) && !self.request.leaving {
            self.invalid(at, "this person already holds the work");
        }
    }
}

/// Returns how many of `total` items the person at `slot` of `people` gets.
pub fn even_share(total: i64, people: usize, slot: usize) -> i64 {
    let (people, slot) = (people as i64, slot as i64);
    if people == 0 {
        0
    } else {
        total / people + i64::from(slot < total % people)
    }
}

/// Returns what somebody who holds `held` keeps after `taken` is moved, without empty kinds.
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

/// Returns the final state of a handover.
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
            matching: None,
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
            excluded_kinds: Vec::new(),
            field: "moves",
            refused: Vec::new(),
        })
        .into_iter()
        .map(|r| (r.code, r.field.join(".")))
        .collect()
    }

    #[test]
    fn refusals_name_the_index_of_the_move() {
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
