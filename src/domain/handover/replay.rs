//! Replays the ledger of one item to find its current holder for an undo. Pure: no database, no clock.
//!
//! Ann's work went to Bob, and Bob's to Eve: when Ann returns, her items return from Eve, because a handover of
//! somebody's work is no decision about a single item. So the ledger of an item is replayed into *claims*, one for each
//! person who held it before any handover, or to whom a person has assigned it. A claim records the handovers that have
//! moved it on, and undoing a handover also undoes all that came after it.
//!
//! A person decides about an item by reassigning it, or by listing it in a handover. An earlier handover is not undone
//! past such a decision, unless the decision itself is undone.

use entity::{HandoverId, UserId};

/// How many people can hold one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holders {
    /// One.
    One,
    /// Any number, each once: a second move to the same person gives them two claims.
    Members,
    /// Two roles, creator and responsible; somebody with both holds it once.
    Roles,
}

/// Reason of a move to somebody who was a member already.
pub const ALREADY_THERE: &str = "ALREADY_THERE";
/// Reason of an undo that leaves the member in place.
pub const STAYS: &str = "STAYS";
const CREATOR: &str = "CREATOR";
const RESPONSIBLE: &str = "RESPONSIBLE";
const BOTH: &str = "CREATOR_AND_RESPONSIBLE";

/// A ledger entry with outcome MOVED.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// Handover.
    pub handover: HandoverId,
    /// The handover it undoes.
    pub undoes: Option<HandoverId>,
    /// Whether a person had listed the item.
    pub listed: bool,
    /// Previous holder.
    pub from: Option<UserId>,
    /// New holder.
    pub to: Option<UserId>,
    /// Ledger reason.
    pub reason: Option<String>,
}

/// From whom an item is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnSource {
    /// Current holder according to the ledger.
    pub from: Option<UserId>,
    /// Reason of the move to undo, in its current meaning.
    pub reason: Option<String>,
}

/// A claim: it belongs to the holder before the first step of its path.
#[derive(Debug, Clone)]
struct Claim {
    place: Place,
    holder: Option<UserId>,
    path: Vec<Step>,
}

/// Role of a claim; kinds with a single role use the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Creator,
    Responsible,
}

#[derive(Debug, Clone)]
struct Step {
    handover: HandoverId,
    listed: bool,
    from: Option<UserId>,
    reason: Option<String>,
}

impl Claim {
    fn new(place: Place, holder: Option<UserId>) -> Self {
        Self {
            place,
            holder,
            path: Vec::new(),
        }
    }

    /// Moves the claim on. A move back to an earlier holder removes the steps since.
    fn go(&mut self, moved: &Moved) {
        match self.path.iter().position(|step| step.from == moved.to) {
            Some(home) => self.path.truncate(home),
            None => self.path.push(Step {
                handover: moved.handover,
                listed: moved.listed,
                from: moved.from,
                reason: moved.reason.clone(),
            }),
        }
        self.holder = moved.to;
    }

    /// Reverts to before the step of an undone handover, if the path contains it.
    fn go_back(&mut self, undone: HandoverId) {
        if let Some(place) = self.path.iter().position(|step| step.handover == undone) {
            self.holder = self.path[place].from;
            self.path.truncate(place);
        }
    }

    /// Returns the steps since that of a handover, unless a later one was a person's decision.
    fn since(&self, undone: HandoverId) -> Option<&[Step]> {
        let place = self.path.iter().position(|step| step.handover == undone)?;
        let decided = self.path[place + 1..].iter().any(|step| step.listed);
        (!decided).then(|| &self.path[place..])
    }
}

/// Returns from whom an item that `undone` has moved is to be returned, according to its ledger in order; `None` if a
/// person has decided otherwise since, or it was returned already.
pub fn return_source(holders: Holders, ledger: &[Moved], undone: HandoverId) -> Option<ReturnSource> {
    let claims = replay(holders, ledger);
    let (taken, others): (Vec<&Claim>, Vec<&Claim>) =
        claims.iter().partition(|claim| claim.since(undone).is_some());
    let first = taken.first()?;
    let from = first.holder;
    let steps = first.since(undone)?;
    let reason = match holders {
        Holders::Members => {
            let shared = others.iter().any(|claim| claim.holder == from);
            shared.then(|| ALREADY_THERE.to_owned())
        }
        Holders::Roles => {
            let mut here = taken.iter().filter(|claim| claim.holder == from);
            let both = here.clone().count() > 1;
            here.next().map(|claim| {
                match claim.place {
                    _ if both => BOTH,
                    Place::Creator => CREATOR,
                    Place::Responsible => RESPONSIBLE,
                }
                .to_owned()
            })
        }
        Holders::One => {
            let there = steps
                .iter()
                .find(|step| step.reason.as_deref() == Some(ALREADY_THERE));
            there.or(steps.first()).and_then(|step| step.reason.clone())
        }
    };
    Some(ReturnSource { from, reason })
}

fn replay(holders: Holders, ledger: &[Moved]) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    for moved in ledger {
        if let Some(undone) = moved.undoes {
            let places = places(holders, moved);
            let gone = claims.iter_mut().filter(|claim| places.contains(&claim.place));
            gone.for_each(|claim| claim.go_back(undone));
            continue;
        }
        if holders == Holders::Members {
            if moved.reason.as_deref() != Some(ALREADY_THERE) {
                // They were no member, so a person has removed any claims they had.
                claims.retain(|claim| claim.holder != moved.to);
            } else if claims.iter().all(|claim| claim.holder != moved.to) {
                claims.push(Claim::new(Place::Creator, moved.to));
            }
        } else {
            // Claims of other holders are void: a person has reassigned the item.
            let places = places(holders, moved);
            claims.retain(|claim| claim.holder == moved.from || !places.contains(&claim.place));
        }
        for place in places(holders, moved) {
            let here = |claim: &Claim| claim.place == place && claim.holder == moved.from;
            if !claims.iter().any(here) {
                claims.push(Claim::new(place, moved.from));
            }
            claims
                .iter_mut()
                .filter(|claim| here(claim))
                .for_each(|claim| claim.go(moved));
        }
    }
    claims
}

/// Returns the roles that a move is about.
fn places(holders: Holders, moved: &Moved) -> Vec<Place> {
    match (holders, moved.reason.as_deref()) {
        (Holders::Roles, Some(RESPONSIBLE)) => vec![Place::Responsible],
        (Holders::Roles, Some(CREATOR)) | (Holders::One | Holders::Members, _) => vec![Place::Creator],
        (Holders::Roles, _) => vec![Place::Creator, Place::Responsible],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn person(n: u128) -> UserId {
        UserId(Uuid::from_u128(n))
    }

    fn handover(n: u128) -> HandoverId {
        HandoverId(Uuid::from_u128(n))
    }

    /// Handover `n` moves the item from one person to another.
    fn moved(n: u128, from: u128, to: u128) -> Moved {
        Moved {
            handover: handover(n),
            undoes: None,
            listed: false,
            from: Some(person(from)),
            to: Some(person(to)),
            reason: None,
        }
    }

    fn undo(n: u128, of: u128, from: u128, to: u128) -> Moved {
        Moved {
            undoes: Some(handover(of)),
            ..moved(n, from, to)
        }
    }

    fn noted(reason: &str, moved: Moved) -> Moved {
        Moved {
            reason: Some(reason.to_owned()),
            ..moved
        }
    }

    fn from(holders: Holders, ledger: &[Moved], of: u128) -> Option<u128> {
        return_source(holders, ledger, handover(of)).and_then(|back| back.from.map(|id| id.0.as_u128()))
    }

    #[test]
    fn items_moved_on_return_from_the_last_recipient() {
        let chain = [moved(1, 1, 2), moved(2, 2, 3), moved(3, 3, 4)];
        for holders in [Holders::One, Holders::Members] {
            assert_eq!(from(holders, &chain, 1), Some(4));
            assert_eq!(from(holders, &chain, 3), Some(4));
            let mut taken_back = chain.to_vec();
            taken_back.push(undo(4, 1, 4, 1));
            for n in 1..=3 {
                assert_eq!(from(holders, &taken_back, n), None, "{n}");
            }
            let mut halfway = chain.to_vec();
            halfway.push(undo(4, 2, 4, 2));
            assert_eq!(from(holders, &halfway, 1), Some(2));
            assert_eq!(from(holders, &halfway, 2), None);
        }
    }

    #[test]
    fn items_reassigned_by_a_person_stay() {
        // 2 had it; a person reassigned it to 5, whose work then went to 2.
        let given = [moved(1, 1, 2), moved(2, 5, 2)];
        assert_eq!(from(Holders::One, &given, 1), None);
        assert_eq!(from(Holders::One, &given, 2), Some(2));
        let listed = Moved {
            listed: true,
            ..moved(2, 2, 3)
        };
        let mut ledger = vec![moved(1, 1, 2), listed];
        assert_eq!(from(Holders::One, &ledger, 1), None);
        assert_eq!(from(Holders::One, &ledger, 2), Some(3));
        // An undone decision doesn't count.
        ledger.push(undo(3, 2, 3, 2));
        assert_eq!(from(Holders::One, &ledger, 1), Some(2));
    }

    #[test]
    fn items_already_returned_by_a_handover_stay() {
        let circle = [moved(1, 1, 2), moved(2, 2, 1)];
        assert_eq!(from(Holders::One, &circle, 1), None);
        assert_eq!(from(Holders::One, &circle, 2), None);
    }

    #[test]
    fn a_member_with_two_claims_stays_until_both_are_returned() {
        let two = [moved(1, 1, 3), noted(ALREADY_THERE, moved(2, 2, 3))];
        let mut ledger = two.to_vec();
        assert_eq!(
            return_source(Holders::Members, &ledger, handover(1))
                .unwrap()
                .reason
                .as_deref(),
            Some(ALREADY_THERE)
        );
        ledger.push(noted(STAYS, undo(3, 1, 3, 1)));
        let second = return_source(Holders::Members, &ledger, handover(2)).unwrap();
        assert_eq!((second.from, second.reason), (Some(person(3)), None));
        // Moving both on together changes nothing.
        let mut on = two.to_vec();
        on.push(moved(3, 3, 4));
        assert!(
            return_source(Holders::Members, &on, handover(2))
                .unwrap()
                .reason
                .is_some()
        );
        assert_eq!(from(Holders::Members, &on, 2), Some(4));
        // A member from before any handover stays for good.
        let own = [noted(ALREADY_THERE, moved(1, 1, 2))];
        assert!(
            return_source(Holders::Members, &own, handover(1))
                .unwrap()
                .reason
                .is_some()
        );
    }

    #[test]
    fn the_two_roles_of_a_template_return_independently() {
        let ledger = [
            noted(CREATOR, moved(1, 1, 3)),
            noted(RESPONSIBLE, moved(2, 2, 3)),
            noted(BOTH, moved(3, 3, 4)),
        ];
        let first = return_source(Holders::Roles, &ledger, handover(1)).unwrap();
        assert_eq!(
            (first.from, first.reason.as_deref()),
            (Some(person(4)), Some(CREATOR))
        );
        let all = return_source(Holders::Roles, &ledger, handover(3)).unwrap();
        assert_eq!(all.reason.as_deref(), Some(BOTH));
        let mut ledger = ledger.to_vec();
        ledger.push(noted(CREATOR, undo(4, 1, 4, 1)));
        let rest = return_source(Holders::Roles, &ledger, handover(3)).unwrap();
        assert_eq!(rest.reason.as_deref(), Some(RESPONSIBLE));
        assert_eq!(return_source(Holders::Roles, &ledger, handover(1)), None);
    }

    proptest! {
        /// After any handovers of whole people's work, undone in any order, the first holder has it.
        #[test]
        fn undone_in_any_order_everything_returns(
            ways in prop::collection::vec((0..5_u128, any::<prop::sample::Index>()), 1..12),
            order in any::<u64>(),
        ) {
            let (first, mut holder, mut ledger, mut next) = (0, 0, Vec::new(), 0);
            let mut done = Vec::new();
            for (to, some) in ways {
                next += 1;
                if to == holder {
                    // Instead, undo an earlier one.
                    if done.is_empty() { continue; }
                    let of = done[some.index(done.len())];
                    take_back(&mut ledger, &mut holder, next, of);
                } else {
                    ledger.push(moved(next, holder, to));
                    done.push(next);
                    holder = to;
                }
            }
            // Undoes all in an order derived from `order`; the second round retries what was blocked.
            let (mut order, mut left) = (order, done.iter().copied().collect::<BTreeSet<_>>());
            for _ in 0..2 {
                while !left.is_empty() {
                    let place = usize::try_from(order % left.len() as u64).unwrap();
                    order = order.rotate_left(7) ^ 0x9e37_79b9;
                    let of = *left.iter().nth(place).unwrap();
                    left.remove(&of);
                    next += 1;
                    take_back(&mut ledger, &mut holder, next, of);
                }
                left = done.iter().copied().collect();
            }
            prop_assert_eq!(holder, first);
        }
    }

    fn take_back(ledger: &mut Vec<Moved>, holder: &mut u128, n: u128, of: u128) {
        let Some(way) = return_source(Holders::One, ledger, handover(of)) else {
            return;
        };
        assert_eq!(way.from, Some(person(*holder)), "{ledger:?}");
        let moved = ledger
            .iter()
            .find(|entry| entry.handover == handover(of) && entry.undoes.is_none());
        let to = moved.unwrap().from.unwrap().0.as_u128();
        ledger.push(undo(n, of, *holder, to));
        *holder = to;
    }
}
