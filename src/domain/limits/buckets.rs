//! Token buckets of equal size, one for each key.
//!
//! A bucket that nothing was taken from is full and uses no memory. Keys are stored as a keyed hash, whatever their
//! length, and their number is bounded: when there are too many, the fullest buckets are evicted, which gains those
//! keys the least. Filling the store with other keys therefore can't reset a drained bucket.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use entity::Timestamp;

/// Maximum number of buckets in a store.
pub(super) const MOST: usize = 100_000;

/// Capacity and refill rate of a bucket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Size {
    /// Capacity, in points.
    pub holds: f64,
    /// Points refilled per second.
    pub per_second: f64,
}

/// Level of a bucket at a point in time.
#[derive(Debug, Clone, Copy)]
struct Level {
    left: f64,
    at: Timestamp,
}

/// See the module.
pub(super) struct Buckets {
    size: Size,
    hasher: RandomState,
    levels: Mutex<HashMap<u64, Level>>,
}

impl Buckets {
    /// Creates full buckets.
    pub fn new(size: Size) -> Self {
        Self {
            size,
            hasher: RandomState::new(),
            levels: Mutex::default(),
        }
    }

    /// Takes `cost` points if `needed` are available; returns what is left.
    ///
    /// # Errors
    /// The seconds until `needed` points are available; nothing is taken then.
    pub fn take(&self, key: &impl Hash, cost: f64, needed: f64, now: Timestamp) -> Result<f64, u32> {
        self.change(key, now, |left| {
            if left < needed {
                let seconds = ((needed - left) / self.size.per_second).ceil().max(1.0);
                return Err(seconds as u32);
            }
            Ok(left - cost)
        })
    }

    /// Takes `cost` points even if they are not available; returns what is left. Debt beyond the capacity is forgiven.
    pub fn charge(&self, key: &impl Hash, cost: f64, now: Timestamp) -> f64 {
        let charged = self.change(key, now, |left| Ok(left - cost));
        charged.unwrap_or_default()
    }

    /// Refunds points.
    pub fn give_back(&self, key: &impl Hash, points: f64, now: Timestamp) {
        self.charge(key, -points, now);
    }

    /// Returns the current points of a bucket.
    pub fn left(&self, key: &impl Hash, now: Timestamp) -> f64 {
        let level = self.lock().get(&self.hasher.hash_one(key)).copied();
        level.map_or(self.size.holds, |level| self.filled(level, now))
    }

    /// Refills a bucket.
    pub fn reset(&self, key: &impl Hash) {
        self.lock().remove(&self.hasher.hash_one(key));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Level>> {
        self.levels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(
        &self,
        key: &impl Hash,
        now: Timestamp,
        change: impl FnOnce(f64) -> Result<f64, u32>,
    ) -> Result<f64, u32> {
        let key = self.hasher.hash_one(key);
        let holds = self.size.holds;
        let mut levels = self.lock();
        let level = levels.get(&key).copied();
        let left = level.map_or(holds, |level| self.filled(level, now));
        let left = change(left)?.clamp(-holds, holds);
        if level.is_none() && levels.len() >= MOST {
            self.evict_fullest(&mut levels, now);
        }
        levels.insert(key, Level { left, at: now });
        Ok(left)
    }

    /// Evicts a quarter of the buckets, the fullest ones.
    fn evict_fullest(&self, levels: &mut HashMap<u64, Level>, now: Timestamp) {
        let mut all: Vec<(f64, u64)> = levels
            .iter()
            .map(|(&key, &level)| (self.filled(level, now), key))
            .collect();
        let quarter = all.len() / 4;
        let (fullest, ..) = all.select_nth_unstable_by(quarter, |a, b| b.0.total_cmp(&a.0));
        for (_, key) in fullest {
            levels.remove(key);
        }
    }

    fn filled(&self, level: Level, now: Timestamp) -> f64 {
        let seconds = (now - level.at).as_seconds_f64().max(0.0);
        (level.left + seconds * self.size.per_second).min(self.size.holds)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const SIZE: Size = Size {
        holds: 10.0,
        per_second: 1.0,
    };

    #[test]
    fn points_are_refilled_up_to_the_capacity() {
        let (buckets, start) = (Buckets::new(SIZE), Timestamp::UNIX_EPOCH);
        assert_eq!(buckets.take(&"a", 10.0, 10.0, start), Ok(0.0));
        assert_eq!(buckets.take(&"a", 3.0, 3.0, start), Err(3));
        assert_eq!(buckets.take(&"b", 1.0, 1.0, start), Ok(9.0));
        let later = start + TimeDelta::seconds(3);
        assert_eq!(buckets.take(&"a", 3.0, 3.0, later), Ok(0.0));
        assert_eq!(buckets.charge(&"a", 100.0, later), -10.0);
        buckets.give_back(&"a", 1_000.0, later);
        assert_eq!(buckets.left(&"a", later), 10.0);
        assert_eq!(buckets.take(&"a", 1.0, 1.0, later), Ok(9.0));
        buckets.reset(&"a");
        assert_eq!(buckets.left(&"a", later), 10.0);
        // A clock that is set back takes nothing away.
        assert_eq!(buckets.take(&"b", 1.0, 1.0, start - TimeDelta::days(1)), Ok(8.0));
    }

    #[test]
    fn a_drained_bucket_is_not_evicted_by_other_keys() {
        let (buckets, now) = (Buckets::new(SIZE), Timestamp::UNIX_EPOCH);
        buckets.charge(&"drained", 10.0, now);
        for key in 0..2 * MOST {
            buckets.charge(&key, 1.0, now);
        }
        assert!(buckets.take(&"drained", 1.0, 1.0, now).is_err());
        assert!(buckets.lock().len() <= MOST);
        // Other drained buckets are evicted no sooner than fuller ones.
        for key in 0..MOST / 4 {
            buckets.charge(&key, 9.5, now);
        }
        for key in 0..MOST {
            buckets.charge(&("others", key), 5.0, now);
        }
        assert!(buckets.take(&"drained", 1.0, 1.0, now).is_err());
    }

    #[test]
    fn long_keys_take_no_more_memory_than_short_ones() {
        let (buckets, now) = (Buckets::new(SIZE), Timestamp::UNIX_EPOCH);
        buckets.charge(&"x".repeat(1_000_000), 1.0, now);
        assert_eq!(buckets.left(&"x".repeat(1_000_000), now), 9.0);
        assert_eq!(buckets.left(&"x".repeat(999_999), now), 10.0);
    }
}
