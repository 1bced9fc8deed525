//! Time and new ids, both of which are parameters: a test or the demo decides them, nobody else asks the system.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{SubsecRound, TimeDelta, Utc};
use entity::Timestamp;
use uuid::Uuid;

/// Tells the time and makes ids.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System(Arc<Mutex<Option<Steady>>>),
    Manual(Arc<Mutex<Manual>>),
}

/// What the machine's clock was taken for last. Clocks are put back, by hand or by a time server; what is written here
/// has to stay in its order. While the machine's clock is behind, time goes on at half its pace until it has caught up.
struct Steady {
    told: Timestamp,
    at: Instant,
}

impl Steady {
    fn tell(&mut self, system: Timestamp, at: Instant) -> Timestamp {
        let slow = at.saturating_duration_since(self.at) / 2;
        let least = self.told + TimeDelta::from_std(slow).unwrap_or_default();
        self.told = system.max(least).trunc_subsecs(6);
        self.at = at;
        self.told
    }
}

struct Manual {
    now: Timestamp,
    random: u64,
    ids: u16,
}

impl Clock {
    /// The machine's clock, which never goes back here, with ids that nobody can guess.
    pub fn system() -> Self {
        Self(Source::System(Arc::default()))
    }

    /// A clock that stands still until it is moved; equal seeds give equal ids.
    pub fn manual(now: Timestamp, seed: u64) -> Self {
        Self(Source::Manual(Arc::new(Mutex::new(Manual {
            now,
            random: seed,
            ids: 0,
        }))))
    }

    /// The time, in the microseconds that both databases keep.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the system for the time"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System(steady) => {
                let mut steady = steady.lock().unwrap_or_else(PoisonError::into_inner);
                let (told, at) = (Utc::now(), Instant::now());
                steady.get_or_insert(Steady { told, at }).tell(told, at)
            }
            Source::Manual(manual) => manual.lock().unwrap_or_else(PoisonError::into_inner).now,
        }
    }

    /// Moves a manual clock forward; the machine's clock can't be moved.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Manual(manual) = &self.0 {
            let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
            manual.now += by;
            manual.ids = 0;
        }
    }

    /// A new UUIDv7, greater than all that this clock gave before.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn new_id(&self) -> Uuid {
        match &self.0 {
            Source::System(_) => Uuid::now_v7(),
            Source::Manual(manual) => {
                let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
                manual.next_id()
            }
        }
    }
}

/// The UUIDv7 of something that was made at another time than now: the millisecond of `at`, then `number`, then the low 42
/// bits of `tag`. Ids of equal moments are in the order of their numbers.
pub fn id_made_at(at: Timestamp, number: u32, tag: u64) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let number = u128::from(number);
    let tail = (number >> 20) << 64 | (number & 0xf_ffff) << 42 | u128::from(tag & ID_TAG);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&tail.to_be_bytes()[6..]);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// The bits of an id that [`id_made_at`] takes from its tag.
pub const ID_TAG: u64 = (1 << 42) - 1;

impl Manual {
    /// Millisecond, a counter of 12 bits that carries into the millisecond, and 62 bits from the seed.
    fn next_id(&mut self) -> Uuid {
        self.ids += 1;
        if self.ids == 1 << 12 {
            self.ids = 0;
            self.now += TimeDelta::milliseconds(1);
        }
        let millis = u64::try_from(self.now.timestamp_millis()).unwrap_or_default();
        let mut tail = [0; 10];
        tail[..2].copy_from_slice(&self.ids.to_be_bytes());
        tail[2..].copy_from_slice(&split_mix(&mut self.random).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }
}

/// The next number of the SplitMix64 sequence: enough randomness for a demo, none for a secret.
pub fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_that_is_put_back_goes_on_slowly() {
        let (start, begin) = (
            Timestamp::from_timestamp(1_700_000_000, 0).unwrap(),
            Instant::now(),
        );
        let mut steady = Steady {
            told: start,
            at: begin,
        };
        let mut tell = |system: i64, elapsed: u64| {
            let told = steady.tell(
                start + TimeDelta::seconds(system),
                begin + Duration::from_secs(elapsed),
            );
            (told - start).num_seconds()
        };
        assert_eq!(tell(10, 10), 10);
        assert_eq!(tell(3_620, 20), 3_620);
        assert_eq!(tell(40, 40), 3_630);
        assert_eq!(tell(60, 60), 3_640);
        assert_eq!(tell(3_700, 70), 3_700);
    }

    #[test]
    fn ids_of_the_past_are_in_its_order() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        let ids = [
            id_made_at(at(-5), 7, 1),
            id_made_at(at(1_500_000_000), 3, u64::MAX),
            id_made_at(at(1_500_000_000), 4, 1),
            id_made_at(at(1_500_000_000), u32::MAX, 1),
            id_made_at(at(1_500_000_001), 0, 2),
        ];
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(ids[4].as_u128() as u64 & ID_TAG, 2);
    }

    #[test]
    fn manual_ids_grow_and_repeat_with_the_seed() {
        let start = Timestamp::from_timestamp(1_700_000_000, 0).unwrap();
        let ids = |seed| {
            let clock = Clock::manual(start, seed);
            (0..10_000).map(|_| clock.new_id()).collect::<Vec<_>>()
        };
        assert!(ids(1).is_sorted());
        assert_eq!(ids(1), ids(1));
        assert_ne!(ids(1), ids(2));
        assert_eq!(ids(1)[0].get_version_num(), 7);
    }
}
