//! Rate limits: a token bucket of points for each caller, and a limit on concurrent requests.
//!
//! A request pays in advance: one point before it is read, and the rest once its cost is known and before it is
//! executed. Disconnecting gives no refund. [`attempts`] counts wrong passwords, [`Network`] is
//! the unit in which unauthenticated callers are counted.
//!
//! All state is in memory, separate for each process.

pub mod attempts;
mod buckets;
mod doors;
mod network;

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use entity::{IntegrationId, Timestamp, UserId};
use lru::LruCache;

use self::attempts::Attempts;
use self::buckets::{Buckets, Size};
use self::doors::Doors;

pub use self::network::Network;
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::runtime::concurrency::{Permit, Permits};

/// Fields in an answer that cost one additional point.
pub const FIELDS: usize = 500;
/// Maximum number of tokens remembered as valid.
const MAX_TOKENS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Concurrent requests of a person or integration: enough for several tabs of an application that sends all its queries
/// at once, and only a small part of what the database handles concurrently.
const SIGNED_IN: usize = 32;
/// Concurrent requests of all unauthenticated callers in a network: they can do little but sign in.
const ANONYMOUS: usize = 16;
/// Maximum number of requests waiting behind these; further ones are refused at once.
const QUEUE: usize = 64;
/// Maximum wait; after it, the caller has more requests in flight than are answered in time.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds after which a caller with too many concurrent requests may retry.
const RETRY: u32 = 1;

/// Key of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
    /// All unauthenticated callers in a network.
    Anonymous(Network),
}

impl RateLimitKey {
    /// Returns the key of a caller.
    pub fn of(actor: Option<&Actor>, network: Network) -> Self {
        match actor {
            None => Self::Anonymous(network),
            Some(actor) => match &actor.integration {
                Some(integration) => Self::Integration(integration.id),
                None => Self::Person(actor.user_id),
            },
        }
    }
}

/// Remaining points of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Points per minute.
    pub limit: u32,
    /// Points left.
    pub remaining: u32,
    /// Seconds until all points are refilled.
    pub reset: u32,
}

/// All limits of a process.
pub struct Limits {
    per_minute: u32,
    points: Buckets,
    /// Wrong passwords.
    pub attempts: Attempts,
    signed_in: Permits<RateLimitKey>,
    anonymous: Permits<RateLimitKey>,
    hasher: RandomState,
    valid_tokens: Mutex<LruCache<u64, ()>>,
    doors: Doors,
}

/// Permit of a request in flight, released on drop.
pub type InFlight = Option<Permit<RateLimitKey>>;

impl Limits {
    /// Allows this many points per minute and caller; 0 for no limits.
    pub fn new(per_minute: u32) -> Self {
        let holds = f64::from(per_minute);
        Self {
            per_minute,
            points: Buckets::new(Size {
                holds,
                per_second: holds / 60.0,
            }),
            attempts: Attempts::new(per_minute != 0),
            signed_in: Permits::new(SIGNED_IN),
            anonymous: Permits::new(ANONYMOUS),
            hasher: RandomState::new(),
            valid_tokens: Mutex::new(LruCache::new(MAX_TOKENS)),
            doors: Doors::new(),
        }
    }

    fn is_off(&self) -> bool {
        self.per_minute == 0
    }

    /// Takes the one point that every request costs, before it is read.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if no point is left.
    pub fn admit(&self, key: RateLimitKey, now: Timestamp) -> Result<(), Error> {
        if self.is_off() {
            return Ok(());
        }
        let taken = self.points.take(&key, 1.0, 1.0, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Takes the cost of an [admitted](Self::admit) request beyond its one point, before it is executed. A cost above
    /// the capacity needs a full bucket, and leaves it in debt.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if there are not enough points.
    pub fn reserve(&self, key: RateLimitKey, points: u32, now: Timestamp) -> Result<(), Error> {
        if self.is_off() || points == 0 {
            return Ok(());
        }
        let cost = f64::from(points);
        // One point was taken for this request already.
        let needed = cost.min(f64::from(self.per_minute) - 1.0);
        let taken = self.points.take(&key, cost, needed, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Waits until the caller has few enough requests in flight.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many are waiting, or the wait was too long.
    pub async fn begin(&self, key: RateLimitKey) -> Result<InFlight, Error> {
        if self.is_off() {
            return Ok(None);
        }
        let permits = match key {
            RateLimitKey::Anonymous(_) => &self.anonymous,
            RateLimitKey::Person(_) | RateLimitKey::Integration(_) => &self.signed_in,
        };
        if let Some(permit) = permits.try_acquire(key) {
            return Ok(Some(permit));
        }
        let waited = tokio::time::timeout(QUEUE_TIMEOUT, permits.acquire(key, QUEUE)).await;
        let permit = waited.ok().flatten();
        permit.map(Some).ok_or(Error::RateLimited(RETRY))
    }

    /// Takes points for work already done; returns the seconds until the debt is paid, if there is any.
    pub fn charge(&self, key: RateLimitKey, points: u32, now: Timestamp) -> Option<u32> {
        if self.is_off() {
            return None;
        }
        let left = self.points.charge(&key, f64::from(points), now);
        (left < 0.0).then(|| (-left * 60.0 / f64::from(self.per_minute)).ceil() as u32)
    }

    /// Refunds points.
    pub fn give_back(&self, key: RateLimitKey, points: u32, now: Timestamp) {
        if !self.is_off() {
            self.points.give_back(&key, f64::from(points), now);
        }
    }

    /// Returns the remaining points of a caller; `None` without limits.
    pub fn quota(&self, key: RateLimitKey, now: Timestamp) -> Option<Quota> {
        if self.is_off() {
            return None;
        }
        let holds = f64::from(self.per_minute);
        let left = self.points.left(&key, now);
        Some(Quota {
            limit: self.per_minute,
            remaining: left.max(0.0) as u32,
            reset: ((holds - left) * 60.0 / holds).ceil() as u32,
        })
    }

    /// Takes a point from the network for an integration's token before it is looked up. A token known to be valid
    /// costs the network nothing, so callers with wrong tokens don't block others there.
    ///
    /// # Errors
    /// [`Error::RateLimited`] if no point is left.
    pub fn admit_token(&self, token: &str, network: Network, now: Timestamp) -> Result<TokenCheck, Error> {
        let token = self.hasher.hash_one(token);
        let remembered = self.is_off() || self.valid_tokens().get(&token).is_some();
        if !remembered {
            self.admit(RateLimitKey::Anonymous(network), now)?;
        }
        Ok(TokenCheck {
            token,
            network,
            remembered,
        })
    }

    /// Records the result of a check, and refunds the point unless the token was wrong.
    pub fn record_token_check<T>(&self, check: &TokenCheck, found: &Result<T, Error>, now: Timestamp) {
        if self.is_off() {
            return;
        }
        let key = RateLimitKey::Anonymous(check.network);
        match (found, check.remembered) {
            (Ok(_), true) => {}
            (Ok(_), false) => {
                self.valid_tokens().put(check.token, ());
                self.give_back(key, 1, now);
            }
            (Err(Error::Unauthenticated), true) => {
                self.valid_tokens().pop(&check.token);
                self.charge(key, 1, now);
            }
            (Err(Error::Unauthenticated), false) | (Err(_), true) => {}
            (Err(_), false) => self.give_back(key, 1, now),
        }
    }

    fn valid_tokens(&self) -> std::sync::MutexGuard<'_, LruCache<u64, ()>> {
        self.valid_tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token being checked.
#[derive(Debug)]
pub struct TokenCheck {
    token: u64,
    network: Network,
    /// Whether it was valid at the last check.
    remembered: bool,
}

/// Returns the points for this many fields, beyond the one point of every request.
pub fn points(fields: usize) -> u32 {
    u32::try_from(fields / FIELDS).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use chrono::TimeDelta;
    use futures_util::FutureExt;

    use super::*;

    fn network(n: u8) -> Network {
        Network::of(IpAddr::from([10, 0, 0, n]))
    }

    #[test]
    fn points_are_spent_and_refilled() {
        let limits = Limits::new(60);
        let (key, start) = (RateLimitKey::Anonymous(network(1)), Timestamp::UNIX_EPOCH);
        for n in 1..=60 {
            assert!(limits.admit(key, start).is_ok());
            let left = limits.quota(key, start).unwrap();
            assert_eq!((left.limit, left.remaining, left.reset), (60, 60 - n, n));
        }
        assert!(matches!(limits.admit(key, start), Err(Error::RateLimited(1))));
        let other = RateLimitKey::Anonymous(network(2));
        assert!(limits.admit(other, start).is_ok(), "another caller");
        assert!(limits.admit(key, start + TimeDelta::seconds(1)).is_ok());
        assert!(Limits::new(0).quota(key, start).is_none());
    }

    #[test]
    fn a_burst_is_limited_by_its_points() {
        let limits = Limits::new(1_200);
        let (key, now) = (RateLimitKey::Anonymous(network(1)), Timestamp::UNIX_EPOCH);
        let executed = (0..400)
            .filter(|_| limits.admit(key, now).is_ok() && limits.reserve(key, 38, now).is_ok())
            .count();
        assert!((29..=30).contains(&executed), "{executed}");
    }

    #[tokio::test]
    async fn concurrent_requests_of_a_caller_are_limited() {
        let limits = Limits::new(60);
        let (one, other) = (network(1), network(2));
        let mut in_flight = Vec::new();
        for _ in 0..ANONYMOUS {
            in_flight.push(limits.begin(RateLimitKey::Anonymous(one)).await.unwrap());
        }
        let mut waiting: Vec<_> = (0..QUEUE)
            .map(|_| Box::pin(limits.begin(RateLimitKey::Anonymous(one))))
            .collect();
        for one in &mut waiting {
            assert!(one.as_mut().now_or_never().is_none());
        }
        let refused = limits.begin(RateLimitKey::Anonymous(one)).await;
        assert!(matches!(refused, Err(Error::RateLimited(1))));
        assert!(limits.begin(RateLimitKey::Anonymous(other)).await.is_ok());
        // A disconnected client frees its place, waiting or in flight.
        in_flight.pop();
        assert!(waiting.remove(0).now_or_never().unwrap().is_ok());
        drop((waiting, in_flight));
        assert_eq!(limits.anonymous.keys_in_use(), 0);
        assert!(matches!(
            Limits::new(0).begin(RateLimitKey::Anonymous(one)).await,
            Ok(None)
        ));
    }

    #[test]
    fn a_cost_above_the_capacity_needs_a_full_bucket() {
        let limits = Limits::new(10);
        let (key, now) = (RateLimitKey::Anonymous(network(1)), Timestamp::UNIX_EPOCH);
        assert!(limits.admit(key, now).is_ok() && limits.reserve(key, 38, now).is_ok());
        assert!(
            limits.admit(key, now + TimeDelta::seconds(60)).is_err(),
            "in debt"
        );
        let later = now + TimeDelta::seconds(120);
        assert!(limits.admit(key, later).is_ok());
        assert!(limits.admit(key, later).is_ok() && limits.reserve(key, 38, later).is_err());
    }

    #[test]
    fn wrong_tokens_cost_points_and_right_ones_do_not() {
        let limits = Limits::new(60);
        let now = Timestamp::UNIX_EPOCH;
        let wrong = Err::<(), _>(Error::Unauthenticated);
        let check = limits.admit_token("right", network(1), now).unwrap();
        limits.record_token_check(&check, &Ok(()), now);
        let anonymous = RateLimitKey::Anonymous(network(1));
        assert_eq!(limits.quota(anonymous, now).unwrap().remaining, 60);
        for n in 0..60 {
            let check = limits.admit_token(&n.to_string(), network(1), now).unwrap();
            limits.record_token_check(&check, &wrong, now);
        }
        assert!(limits.admit_token("wrong", network(1), now).is_err());
        assert!(limits.admit_token("wrong", network(2), now).is_ok());
        // Once wrong, it is like any other token.
        let check = limits.admit_token("right", network(1), now).unwrap();
        limits.record_token_check(&check, &wrong, now);
        assert!(limits.admit_token("right", network(1), now).is_err());
    }
}
