//! Limits on uploads, per person and in total: concurrent files, memory, bytes per day, and the disk space that is kept
//! free.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use entity::{Timestamp, UserId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::blobs::{Blobs, WriteError};
use crate::error::Error;
use crate::runtime::concurrency::{Permit, Permits};

/// Maximum number of concurrent uploads of one person.
const MAX_CONCURRENT: usize = 8;
/// Memory for the parts of all uploads, in MiB.
const MEMORY: usize = 256;
/// Seconds after which a caller with too many uploads may retry.
const RETRY: u32 = 1;
/// Bytes of an upload after which the free disk space is checked again.
const CHECK_EVERY: u64 = 16 << 20;
/// Seconds of a day.
const DAY: f64 = 86_400.0;
/// Maximum number of people whose usage is tracked; the lowest usage is evicted first.
const MAX_TRACKED: usize = 100_000;

/// Upload limits of a process.
pub struct UploadLimits {
    people: Permits<UserId>,
    memory: Arc<Semaphore>,
    /// Bytes per person and day; 0 for no limit.
    per_day: u64,
    /// Bytes of disk space that stay free.
    keep_free: u64,
    used: Mutex<HashMap<UserId, (f64, Timestamp)>>,
}

/// An upload in progress; released on drop.
pub struct Upload {
    person: UserId,
    since_look: u64,
    _of_person: Permit<UserId>,
    _memory: OwnedSemaphorePermit,
}

impl UploadLimits {
    /// Creates limits of `per_day` bytes per person, 0 for no limit, and `keep_free` bytes of free disk space.
    pub fn new(per_day: u64, keep_free: u64) -> Self {
        Self {
            people: Permits::new(MAX_CONCURRENT),
            memory: Arc::new(Semaphore::new(MEMORY)),
            per_day,
            keep_free,
            used: Mutex::default(),
        }
    }

    /// Begins an upload of `person`; `announced` is the length declared by the client.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if too many are in progress; as [`take`](Self::take) if the declared length already
    /// exceeds a limit.
    pub fn begin(
        &self,
        person: UserId,
        announced: Option<u64>,
        blobs: &Blobs,
        now: Timestamp,
    ) -> Result<Result<Upload, WriteError>, Error> {
        let too_many = || Error::RateLimited(RETRY);
        let of_person = self.people.try_acquire(person).ok_or_else(too_many)?;
        let memory = Arc::clone(&self.memory)
            .try_acquire_many_owned(blobs.memory_of_upload())
            .map_err(|_| too_many())?;
        let announced = announced.unwrap_or(0);
        if let Err(cause) = self.check_disk(blobs, announced).and_then(|()| {
            let used = self.used(person, now);
            self.within_quota(used + announced as f64)
        }) {
            return Ok(Err(cause));
        }
        Ok(Ok(Upload {
            person,
            since_look: 0,
            _of_person: of_person,
            _memory: memory,
        }))
    }

    /// Takes the next `bytes` of an upload.
    ///
    /// # Errors
    /// [`WriteError::Quota`] if the person's daily quota is exhausted, [`WriteError::Full`] if the disk is.
    pub fn take(
        &self,
        upload: &mut Upload,
        bytes: usize,
        blobs: &Blobs,
        now: Timestamp,
    ) -> Result<(), WriteError> {
        upload.since_look += bytes as u64;
        if upload.since_look >= CHECK_EVERY {
            upload.since_look = 0;
            self.check_disk(blobs, 0)?;
        }
        if self.per_day == 0 {
            return Ok(());
        }
        let used = self.used(upload.person, now) + bytes as f64;
        self.within_quota(used)?;
        let mut all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(upload.person, (used, now));
        if all.len() > MAX_TRACKED {
            self.evict(&mut all, now);
        }
        Ok(())
    }

    /// Returns the used part of a person's quota, which is refilled evenly over a day.
    fn used(&self, person: UserId, now: Timestamp) -> f64 {
        let all = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&person).map_or(0.0, |one| self.still_used(*one, now))
    }

    fn still_used(&self, (used, at): (f64, Timestamp), now: Timestamp) -> f64 {
        let seconds = (now - at).as_seconds_f64().max(0.0);
        (used - seconds * self.per_day as f64 / DAY).max(0.0)
    }

    fn within_quota(&self, used: f64) -> Result<(), WriteError> {
        let over = used - self.per_day as f64;
        if self.per_day == 0 || over <= 0.0 {
            return Ok(());
        }
        let seconds = (over * DAY / self.per_day as f64).ceil();
        Err(WriteError::Quota(self.per_day >> 20, seconds as u32))
    }

    /// Evicts people without usage, then the half with the lowest usage.
    fn evict(&self, all: &mut HashMap<UserId, (f64, Timestamp)>, now: Timestamp) {
        all.retain(|_, one| self.still_used(*one, now) > 0.0);
        if all.len() > MAX_TRACKED {
            let mut uses: Vec<f64> = all.values().map(|one| self.still_used(*one, now)).collect();
            let middle = uses.len() / 2;
            let (_, &mut median, _) = uses.select_nth_unstable_by(middle, f64::total_cmp);
            all.retain(|_, one| self.still_used(*one, now) > median);
        }
        all.shrink_to_fit();
    }

    fn check_disk(&self, blobs: &Blobs, wanted: u64) -> Result<(), WriteError> {
        match blobs.free_space() {
            Some(free) if free < self.keep_free.saturating_add(wanted) => Err(WriteError::Full),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;

    const DAILY: u64 = 100 << 20;

    fn begin(bounds: &UploadLimits, n: u128, announced: u64, now: Timestamp) -> Result<Upload, String> {
        let blobs = Blobs::open("memory://").map_err(|error| error.to_string())?;
        match bounds.begin(UserId(Uuid::from_u128(n)), Some(announced), &blobs, now) {
            Ok(Ok(upload)) => Ok(upload),
            Ok(Err(cause)) => Err(cause.to_string()),
            Err(cause) => Err(cause.to_string()),
        }
    }

    #[test]
    fn uploads_are_bounded_for_each_person_and_in_all() {
        let bounds = UploadLimits::new(0, 0);
        let now = Timestamp::UNIX_EPOCH;
        let mut in_flight: Vec<_> = (0..MAX_CONCURRENT)
            .map(|_| begin(&bounds, 1, 0, now).unwrap())
            .collect();
        assert!(begin(&bounds, 1, 0, now).is_err());
        assert!(begin(&bounds, 2, 0, now).is_ok());
        in_flight.pop();
        assert!(begin(&bounds, 1, 0, now).is_ok());
        let all: Vec<_> = (0..1_000)
            .map_while(|n| begin(&bounds, n / 8 + 2, 0, now).ok())
            .collect();
        assert!(all.len() < MEMORY, "{}", all.len());
        drop((all, in_flight));
        assert_eq!(bounds.people.keys_in_use(), 0);
    }

    #[test]
    fn the_daily_quota_is_limited_and_refilled() {
        let bounds = UploadLimits::new(DAILY, 0);
        let blobs = Blobs::open("memory://").unwrap();
        let now = Timestamp::UNIX_EPOCH;
        assert!(begin(&bounds, 1, DAILY + 1, now).is_err(), "announced");
        let mut upload = begin(&bounds, 1, 0, now).unwrap();
        for _ in 0..100 {
            bounds.take(&mut upload, 1 << 20, &blobs, now).unwrap();
        }
        let refused = bounds.take(&mut upload, 1 << 20, &blobs, now);
        assert!(matches!(refused, Err(WriteError::Quota(100, 864))), "{refused:?}");
        assert!(begin(&bounds, 2, DAILY, now).is_ok(), "somebody else");
        let later = now + TimeDelta::seconds(864);
        bounds.take(&mut upload, 1 << 20, &blobs, later).unwrap();
        assert!(bounds.take(&mut upload, 1 << 20, &blobs, later).is_err());
        assert!(begin(&bounds, 1, DAILY, later + TimeDelta::days(1)).is_ok());
    }

    #[test]
    fn uploads_keep_disk_space_free() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(&format!("file://{}/not/there/yet", folder.path().display())).unwrap();
        let free = blobs.free_space().unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let person = UserId(Uuid::nil());
        let bounds = UploadLimits::new(0, free / 2);
        assert!(bounds.begin(person, None, &blobs, now).unwrap().is_ok());
        let refused = bounds.begin(person, Some(free), &blobs, now).unwrap();
        assert!(matches!(refused, Err(WriteError::Full)));
        let full = UploadLimits::new(0, u64::MAX);
        assert!(matches!(
            full.begin(person, None, &blobs, now).unwrap(),
            Err(WriteError::Full)
        ));
    }
}
