//! Time and ids, injected so that tests and the demo control them; nothing else reads the system clock.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chrono::{SubsecRound, TimeDelta, Utc};
use entity::Timestamp;
use uuid::Uuid;

/// Source of time and ids.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System(Arc<Mutex<Option<Monotonic>>>),
    Manual(Arc<Mutex<Manual>>),
}

/// Keeps time monotonic when the system clock is set back, by hand or by NTP: the order of what is stored depends on
/// it. While the system clock is behind, time advances at half speed until it has caught up.
struct Monotonic {
    last: Timestamp,
    at: Instant,
}

impl Monotonic {
    fn advance_to(&mut self, system: Timestamp, at: Instant) -> Timestamp {
        let slow = at.saturating_duration_since(self.at) / 2;
        let least = self.last + TimeDelta::from_std(slow).unwrap_or_default();
        self.last = system.max(least).trunc_subsecs(6);
        self.at = at;
        self.last
    }
}

struct Manual {
    now: Timestamp,
    random: u64,
    ids: u16,
}

impl Clock {
    /// Returns a clock that follows the system clock but never goes back, with unguessable ids.
    pub fn system() -> Self {
        Self(Source::System(Arc::default()))
    }

    /// Returns a clock that stands still until [`Self::advance`]; equal seeds give equal ids.
    pub fn manual(now: Timestamp, seed: u64) -> Self {
        Self(Source::Manual(Arc::new(Mutex::new(Manual {
            now,
            random: seed,
            ids: 0,
        }))))
    }

    /// Returns the current time in microseconds, the precision of both databases.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads the system clock"
    )]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System(steady) => {
                let mut steady = steady.lock().unwrap_or_else(PoisonError::into_inner);
                let (system, at) = (Utc::now(), Instant::now());
                steady
                    .get_or_insert(Monotonic { last: system, at })
                    .advance_to(system, at)
            }
            Source::Manual(manual) => manual.lock().unwrap_or_else(PoisonError::into_inner).now,
        }
    }

    /// Moves a manual clock forward; no effect on the system clock.
    pub fn advance(&self, by: TimeDelta) {
        if let Source::Manual(manual) = &self.0 {
            let mut manual = manual.lock().unwrap_or_else(PoisonError::into_inner);
            manual.now += by;
            manual.ids = 0;
        }
    }

    /// Returns a UUIDv7 greater than all earlier ones of this clock.
    #[expect(clippy::disallowed_methods, reason = "the only place that creates ids")]
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

/// Returns a UUIDv7 for a given time: the millisecond of `at`, then `number`, then the low 42 bits of `tag`. Ids of
/// equal times sort by number.
pub fn id_at(at: Timestamp, number: u32, tag: u64) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let number = u128::from(number);
    let tail = (number >> 20) << 64 | (number & 0xf_ffff) << 42 | u128::from(tag & ID_TAG);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&tail.to_be_bytes()[6..]);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
}

/// Bits of an id that [`id_at`] takes from its tag.
pub const ID_TAG: u64 = (1 << 42) - 1;

impl Manual {
    /// Millisecond, a 12-bit counter that carries into the millisecond, and 62 bits from the seed.
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

/// Returns the next number of the SplitMix64 sequence: random enough for a demo, not for a secret.
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
    fn a_clock_that_is_set_back_advances_slowly() {
        let (start, begin) = (
            Timestamp::from_timestamp(1_700_000_000, 0).unwrap(),
            Instant::now(),
        );
        let mut steady = Monotonic {
            last: start,
            at: begin,
        };
        let mut advance = |system: i64, elapsed: u64| {
            let last = steady.advance_to(
                start + TimeDelta::seconds(system),
                begin + Duration::from_secs(elapsed),
            );
            (last - start).num_seconds()
        };
        assert_eq!(advance(10, 10), 10);
        assert_eq!(advance(3_620, 20), 3_620);
        assert_eq!(advance(40, 40), 3_630);
        assert_eq!(advance(60, 60), 3_640);
        assert_eq!(advance(3_700, 70), 3_700);
    }

    #[test]
    fn ids_of_past_times_sort_by_time() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        let ids = [
            id_at(at(-5), 7, 1),
            id_at(at(1_500_000_000), 3, u64::MAX),
            id_at(at(1_500_000_000), 4, 1),
            id_at(at(1_500_000_000), u32::MAX, 1),
            id_at(at(1_500_000_001), 0, 2),
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
