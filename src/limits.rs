//! How often somebody may ask: a bucket of points for each caller, that fills again by and by.
//!
//! A request is let in while there is a point left, and costs what it turns out to have asked for. Sign-ins have
//! buckets of their own, for each address of the network, each account, and each account from each address: whoever
//! guesses at somebody's password empties only the buckets that are not that person's.
//!
//! Buckets are kept in memory, by each process for itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use entity::{IntegrationId, Timestamp, UserId};

use crate::auth::Actor;
use crate::error::Error;

/// Fields of an answer for which a request pays one point more.
const FIELDS: usize = 500;
/// Most buckets; full ones are forgotten first.
const KEPT: usize = 100_000;

/// How much a bucket holds, and how much comes back each second.
#[derive(Debug, Clone, Copy)]
struct Size {
    holds: f64,
    per_second: f64,
}

/// Wrong passwords for one account from one address: ten, then one a minute.
const PAIR: Size = Size {
    holds: 10.0,
    per_second: 1.0 / 60.0,
};
/// Wrong passwords from one address: a hundred, then one every six seconds.
const ADDRESS: Size = Size {
    holds: 100.0,
    per_second: 1.0 / 6.0,
};
/// Wrong passwords for one account from addresses that have never known the right one: fifty, then one a minute.
const ACCOUNT: Size = Size {
    holds: 50.0,
    per_second: 1.0 / 60.0,
};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
    /// Somebody who is not signed in, at an address of the network.
    Nobody(Option<IpAddr>),
}

impl Asker {
    /// Who asks, given who is signed in and from where it comes.
    pub fn of(actor: Option<&Actor>, address: Option<IpAddr>) -> Self {
        match actor {
            None => Self::Nobody(address),
            Some(actor) => match &actor.integration {
                Some(integration) => Self::Integration(integration.id),
                None => Self::Person(actor.user_id),
            },
        }
    }
}

/// What is left to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Points a minute.
    pub limit: u32,
    /// Points left.
    pub remaining: u32,
    /// Seconds until all are there again.
    pub reset: u32,
}

/// All buckets of a process.
pub struct Limits {
    per_minute: u32,
    askers: Buckets<Asker>,
    pairs: Buckets<(String, Option<IpAddr>)>,
    addresses: Buckets<Option<IpAddr>>,
    accounts: Buckets<String>,
    known: Mutex<HashMap<(String, Option<IpAddr>), Timestamp>>,
}

impl Limits {
    /// Buckets of as many points a minute as are given; with nought, nobody is held up.
    pub fn new(per_minute: u32) -> Self {
        Self {
            per_minute,
            askers: Buckets::default(),
            pairs: Buckets::default(),
            addresses: Buckets::default(),
            accounts: Buckets::default(),
            known: Mutex::default(),
        }
    }

    fn size(&self) -> Size {
        let holds = f64::from(self.per_minute);
        Size {
            holds,
            per_second: holds / 60.0,
        }
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while there is no point left.
    pub fn admit(&self, asker: Asker, now: Timestamp) -> Result<(), Error> {
        if self.per_minute == 0 {
            return Ok(());
        }
        self.askers.look(&asker, self.size(), now)
    }

    /// Takes what a request has cost, given the fields that it may have come to; answers what is left.
    pub fn charge(&self, asker: Asker, fields: usize, now: Timestamp) -> Option<Quota> {
        if self.per_minute == 0 {
            return None;
        }
        let cost = 1.0 + (fields / FIELDS) as f64;
        let left = self.askers.take(asker, cost, self.size(), now);
        let missing = self.size().holds - left;
        Some(Quota {
            limit: self.per_minute,
            remaining: left.max(0.0) as u32,
            reset: (missing / self.size().per_second).ceil() as u32,
        })
    }

    /// Lets somebody try to sign in to an account.
    ///
    /// # Errors
    /// [`Error::RateLimited`] after too many wrong passwords.
    pub fn admit_sign_in(&self, account: &str, address: Option<IpAddr>, now: Timestamp) -> Result<(), Error> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let pair = (account.to_owned(), address);
        self.addresses.look(&address, ADDRESS, now)?;
        self.pairs.look(&pair, PAIR, now)?;
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(&pair);
        if known {
            return Ok(());
        }
        self.accounts.look(&pair.0, ACCOUNT, now)
    }

    /// Notes how it went.
    pub fn note_sign_in(&self, account: &str, address: Option<IpAddr>, right: bool, now: Timestamp) {
        if self.per_minute == 0 {
            return;
        }
        let pair = (account.to_owned(), address);
        if right {
            self.pairs.forget(&pair);
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() >= KEPT {
                known.clear();
            }
            known.insert(pair, now);
        } else {
            self.addresses.take(address, 1.0, ADDRESS, now);
            self.accounts.take(pair.0.clone(), 1.0, ACCOUNT, now);
            self.pairs.take(pair, 1.0, PAIR, now);
        }
    }
}

/// Buckets of one kind. One that nobody has taken from is full, and is not there.
struct Buckets<K>(Mutex<HashMap<K, (f64, Timestamp)>>);

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

fn filled((left, since): (f64, Timestamp), size: Size, now: Timestamp) -> f64 {
    let seconds = (now - since).as_seconds_f64().max(0.0);
    (left + seconds * size.per_second).min(size.holds)
}

impl<K: Eq + Hash> Buckets<K> {
    fn look(&self, key: &K, size: Size, now: Timestamp) -> Result<(), Error> {
        let buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(&bucket) = buckets.get(key) else {
            return Ok(());
        };
        let left = filled(bucket, size, now);
        if left >= 1.0 {
            return Ok(());
        }
        let seconds = ((1.0 - left) / size.per_second).ceil().max(1.0);
        Err(Error::RateLimited(seconds as u32))
    }

    fn take(&self, key: K, cost: f64, size: Size, now: Timestamp) -> f64 {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= KEPT {
            buckets.retain(|_, bucket| filled(*bucket, size, now) < size.holds);
        }
        if buckets.len() >= KEPT {
            buckets.clear();
        }
        let bucket = buckets.entry(key).or_insert((size.holds, now));
        // A debt is forgiven beyond what a whole bucket holds: one request keeps nobody out for longer than a minute
        // or two.
        *bucket = ((filled(*bucket, size, now) - cost).max(-size.holds), now);
        bucket.0
    }

    fn forget(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn address(n: u8) -> Option<IpAddr> {
        Some(IpAddr::from([10, 0, 0, n]))
    }

    #[test]
    fn points_are_spent_and_come_back() {
        let limits = Limits::new(60);
        let (asker, start) = (Asker::Nobody(address(1)), Timestamp::UNIX_EPOCH);
        for n in 1..=60 {
            assert!(limits.admit(asker, start).is_ok());
            let left = limits.charge(asker, 100, start).unwrap();
            assert_eq!((left.limit, left.remaining, left.reset), (60, 60 - n, n));
        }
        assert!(matches!(limits.admit(asker, start), Err(Error::RateLimited(1))));
        assert!(
            limits.admit(Asker::Nobody(address(2)), start).is_ok(),
            "somebody else"
        );
        assert!(limits.admit(asker, start + TimeDelta::seconds(1)).is_ok());
        // What is dear costs more, even more than there is.
        limits.charge(asker, 20_000, start + TimeDelta::seconds(1));
        assert!(limits.admit(asker, start + TimeDelta::seconds(30)).is_err());
        assert!(limits.admit(asker, start + TimeDelta::seconds(60)).is_ok());
        assert!(Limits::new(0).charge(asker, 1, start).is_none());
    }

    #[test]
    fn nobody_can_lock_a_colleague_out() {
        let limits = Limits::new(60);
        let now = Timestamp::UNIX_EPOCH;
        limits.note_sign_in("ann", address(1), true, now);
        // From one address.
        for _ in 0..10 {
            assert!(limits.admit_sign_in("ann", address(9), now).is_ok());
            limits.note_sign_in("ann", address(9), false, now);
        }
        assert!(limits.admit_sign_in("ann", address(9), now).is_err());
        assert!(
            limits.admit_sign_in("bob", address(9), now).is_ok(),
            "another account"
        );
        // From many.
        for n in 10..60 {
            limits.note_sign_in("ann", address(n), false, now);
        }
        assert!(limits.admit_sign_in("ann", address(99), now).is_err());
        assert!(
            limits.admit_sign_in("ann", address(1), now).is_ok(),
            "where Ann signs in"
        );
        assert!(
            limits
                .admit_sign_in("ann", address(99), now + TimeDelta::minutes(15))
                .is_ok()
        );
        // Whoever knows the password begins anew.
        for _ in 0..9 {
            limits.note_sign_in("ann", address(1), false, now);
        }
        limits.note_sign_in("ann", address(1), true, now);
        assert!(limits.admit_sign_in("ann", address(1), now).is_ok());
        // Many accounts from one address.
        for n in 0..100 {
            limits.note_sign_in(&n.to_string(), address(7), false, now);
        }
        assert!(limits.admit_sign_in("zoe", address(7), now).is_err());
    }
}
