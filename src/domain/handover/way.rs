//! The way of one item through handovers, and who has it to give back. Pure: no database, no clock.
//!
//! Ann's work went to Bob, and Bob's to Eve: when Ann comes back, her items come back from Eve, because a handover is
//! nobody's decision about an item. So the ledger of an item is replayed. What is followed are *claims*: that of somebody
//! who held it before any handover moved it, or to whom a person has given it. A claim remembers the handovers that have
//! taken it further, and a handover that is taken back takes back all that came after it.
//!
//! A person decides about an item by giving it to somebody, or by listing it in a handover. Nothing that was handed over
//! before is taken back past such a decision, unless that is taken back itself.

use entity::{HandoverId, UserId};

/// How many people can hold one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holders {
    /// One.
    One,
    /// Any number, each once: somebody who gets it a second time has it for two.
    Members,
    /// Two places, a creator's and a responsible's; whoever has both holds it once.
    Places,
}

/// The note of a move to somebody who was among the members already.
pub const ALREADY_THERE: &str = "ALREADY_THERE";
/// The note of a member who stays when a move to them is taken back.
pub const STAYS: &str = "STAYS";
const CREATOR: &str = "CREATOR";
const RESPONSIBLE: &str = "RESPONSIBLE";
const BOTH: &str = "CREATOR_AND_RESPONSIBLE";

/// A line of the ledger that says MOVED.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The handover.
    pub handover: HandoverId,
    /// The handover that it takes back, for an undo.
    pub undoes: Option<HandoverId>,
    /// Whether a person had listed the item.
    pub listed: bool,
    /// Who held it before.
    pub from: Option<UserId>,
    /// Who holds it since.
    pub to: Option<UserId>,
    /// The note.
    pub reason: Option<String>,
}

/// From whom an item comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Back {
    /// Who has it, as far as the ledger knows.
    pub from: Option<UserId>,
    /// The note of the move that is taken back, as it has to be read now.
    pub reason: Option<String>,
}

/// A claim: somebody's before the first step of its path.
#[derive(Debug, Clone)]
struct Claim {
    place: Place,
    holder: Option<UserId>,
    path: Vec<Step>,
}

/// Which of two places a claim is on; other kinds have the first only.
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

    /// Goes a step further. Whoever had it on the way here has it again as before.
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

    /// Goes back to before the step of a handover that is taken back, if it has come through there.
    fn go_back(&mut self, undone: HandoverId) {
        if let Some(place) = self.path.iter().position(|step| step.handover == undone) {
            self.holder = self.path[place].from;
            self.path.truncate(place);
        }
    }

    /// The steps from that of a handover on, where no later one was a person's decision.
    fn since(&self, undone: HandoverId) -> Option<&[Step]> {
        let place = self.path.iter().position(|step| step.handover == undone)?;
        let decided = self.path[place + 1..].iter().any(|step| step.listed);
        (!decided).then(|| &self.path[place..])
    }
}

/// What the ledger of one subject, in its order, says about the way back of what `undone` has moved; `None` when a person
/// has decided otherwise since, or it has come back.
pub fn back(holders: Holders, ledger: &[Moved], undone: HandoverId) -> Option<Back> {
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
        Holders::Places => {
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
    Some(Back { from, reason })
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
                // They were not there: whatever they had, a person has taken from them.
                claims.retain(|claim| claim.holder != moved.to);
            } else if claims.iter().all(|claim| claim.holder != moved.to) {
                claims.push(Claim::new(Place::Creator, moved.to));
            }
        } else {
            // Somebody else held it by now: a person has given it to them.
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

/// Which places a move is about.
fn places(holders: Holders, moved: &Moved) -> Vec<Place> {
    match (holders, moved.reason.as_deref()) {
        (Holders::Places, Some(RESPONSIBLE)) => vec![Place::Responsible],
        (Holders::Places, Some(CREATOR)) | (Holders::One | Holders::Members, _) => vec![Place::Creator],
        (Holders::Places, _) => vec![Place::Creator, Place::Responsible],
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

    /// Handover `n` moves from one to another.
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
        back(holders, ledger, handover(of)).and_then(|back| back.from.map(|id| id.0.as_u128()))
    }

    #[test]
    fn what_went_on_by_handovers_comes_back_from_the_last_one() {
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
    fn what_a_person_has_given_away_stays() {
        // 2 had it; somebody gave it to 5, whose work went back to 2.
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
        // Taken back itself, the decision is none.
        ledger.push(undo(3, 2, 3, 2));
        assert_eq!(from(Holders::One, &ledger, 1), Some(2));
    }

    #[test]
    fn what_has_come_home_by_a_handover_is_home() {
        let circle = [moved(1, 1, 2), moved(2, 2, 1)];
        assert_eq!(from(Holders::One, &circle, 1), None);
        assert_eq!(from(Holders::One, &circle, 2), None);
    }

    #[test]
    fn a_member_for_two_stays_until_both_are_back() {
        let two = [moved(1, 1, 3), noted(ALREADY_THERE, moved(2, 2, 3))];
        let mut ledger = two.to_vec();
        assert_eq!(
            back(Holders::Members, &ledger, handover(1))
                .unwrap()
                .reason
                .as_deref(),
            Some(ALREADY_THERE)
        );
        ledger.push(noted(STAYS, undo(3, 1, 3, 1)));
        let second = back(Holders::Members, &ledger, handover(2)).unwrap();
        assert_eq!((second.from, second.reason), (Some(person(3)), None));
        // Both moved on together: the same holds there.
        let mut on = two.to_vec();
        on.push(moved(3, 3, 4));
        assert!(back(Holders::Members, &on, handover(2)).unwrap().reason.is_some());
        assert_eq!(from(Holders::Members, &on, 2), Some(4));
        // One who was there before any handover stays for good.
        let own = [noted(ALREADY_THERE, moved(1, 1, 2))];
        assert!(
            back(Holders::Members, &own, handover(1))
                .unwrap()
                .reason
                .is_some()
        );
    }

    #[test]
    fn the_two_places_of_a_template_go_their_own_ways() {
        let ledger = [
            noted(CREATOR, moved(1, 1, 3)),
            noted(RESPONSIBLE, moved(2, 2, 3)),
            noted(BOTH, moved(3, 3, 4)),
        ];
        let first = back(Holders::Places, &ledger, handover(1)).unwrap();
        assert_eq!(
            (first.from, first.reason.as_deref()),
            (Some(person(4)), Some(CREATOR))
        );
        let all = back(Holders::Places, &ledger, handover(3)).unwrap();
        assert_eq!(all.reason.as_deref(), Some(BOTH));
        let mut ledger = ledger.to_vec();
        ledger.push(noted(CREATOR, undo(4, 1, 4, 1)));
        let rest = back(Holders::Places, &ledger, handover(3)).unwrap();
        assert_eq!(rest.reason.as_deref(), Some(RESPONSIBLE));
        assert_eq!(back(Holders::Places, &ledger, handover(1)), None);
    }

    proptest! {
        /// Any handovers of whole people's work, taken back in any order: whoever had it first has it.
        #[test]
        fn taken_back_in_any_order_everything_is_home(
            ways in prop::collection::vec((0..5_u128, any::<prop::sample::Index>()), 1..12),
            order in any::<u64>(),
        ) {
            let (first, mut holder, mut ledger, mut next) = (0, 0, Vec::new(), 0);
            let mut done = Vec::new();
            for (to, some) in ways {
                next += 1;
                if to == holder {
                    // Instead, one of those before is taken back.
                    if done.is_empty() { continue; }
                    let of = done[some.index(done.len())];
                    take_back(&mut ledger, &mut holder, next, of);
                } else {
                    ledger.push(moved(next, holder, to));
                    done.push(next);
                    holder = to;
                }
            }
            // Every order is some order of the rest after each choice.
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
        let Some(way) = back(Holders::One, ledger, handover(of)) else {
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
