//! How much somebody may ask for: a bucket of points for each caller, that fills again over time, and a bound on
//! what they may have under way at the same time.
//!
//! A request pays before anything is done for it: one point before it is looked at, and what it may come to once that
//! is known and before it is executed. Nothing is given back to whoever hangs up. [`attempts`] counts wrong passwords,
//! [`address`] says from where somebody calls.
//!
//! All of it is kept in memory, by each process for itself.

pub mod attempts;
mod buckets;
mod network;

use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use entity::{IntegrationId, Timestamp, UserId};
use lru::LruCache;

use self::attempts::Attempts;
use self::buckets::{Buckets, Size};

pub use self::network::Network;
use crate::domain::auth::Actor;
use crate::error::Error;
use crate::runtime::concurrency::{Permit, Permits};

/// Fields of an answer for which a request pays one point more.
pub const FIELDS: usize = 500;
/// Most tokens that are remembered as right.
const TOKENS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Requests of one person or integration that are executed at the same time: several tabs of an application that sends
/// all its queries at once, and no more than a small part of what the database answers side by side.
const SIGNED_IN: usize = 32;
/// The same for everybody of a network who is not signed in: they can do little but sign in.
const ANONYMOUS: usize = 16;
/// Requests that wait behind these. More are refused at once.
const QUEUE: usize = 64;
/// How long they wait. After it the caller has more under way than is answered in time.
const PATIENCE: Duration = Duration::from_secs(5);
/// Seconds after which to try again whoever has too much under way.
const RETRY: u32 = 1;

/// Whom a limit is counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateLimitKey {
    /// A person.
    Person(UserId),
    /// An integration.
    Integration(IntegrationId),
    /// Everybody of a network who is not signed in.
    Anonymous(Network),
}

impl RateLimitKey {
    /// The key of a caller.
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

/// What is left to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Points a minute.
    pub limit: u32,
    /// Points left.
    pub remaining: u32,
    /// Seconds until all are there again.
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
    right_tokens: Mutex<LruCache<u64, ()>>,
}

/// A request is under way; dropping it makes room for the next one of this caller.
pub type UnderWay = Option<Permit<RateLimitKey>>;

impl Limits {
    /// So many points a minute for each caller; with 0 nothing is limited.
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
            right_tokens: Mutex::new(LruCache::new(TOKENS)),
        }
    }

    fn is_off(&self) -> bool {
        self.per_minute == 0
    }

    /// Takes the point that every request costs, before anything of it is looked at.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while there is no point left.
    pub fn admit(&self, key: RateLimitKey, now: Timestamp) -> Result<(), Error> {
        if self.is_off() {
            return Ok(());
        }
        let taken = self.points.take(&key, 1.0, 1.0, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Takes what a request that is [admitted](Self::admit) costs beyond its one point, before it is executed. What
    /// costs more than a whole bucket holds needs a full one, and leaves it in debt.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while these points are not there.
    pub fn reserve(&self, key: RateLimitKey, points: u32, now: Timestamp) -> Result<(), Error> {
        if self.is_off() || points == 0 {
            return Ok(());
        }
        let cost = f64::from(points);
        // One point has been taken for the same request.
        let needed = cost.min(f64::from(self.per_minute) - 1.0);
        let taken = self.points.take(&key, cost, needed, now);
        taken.map(|_| ()).map_err(Error::RateLimited)
    }

    /// Begins to execute a request, once few enough of the same caller are under way.
    ///
    /// # Errors
    /// [`Error::RateLimited`] when too many wait already, or it has waited for too long.
    pub async fn begin(&self, key: RateLimitKey) -> Result<UnderWay, Error> {
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
        let waited = tokio::time::timeout(PATIENCE, permits.acquire(key, QUEUE)).await;
        let permit = waited.ok().flatten();
        permit.map(Some).ok_or(Error::RateLimited(RETRY))
    }

    /// Takes points for what has been done already; answers the seconds until the debt is paid, if it is one.
    pub fn charge(&self, key: RateLimitKey, points: u32, now: Timestamp) -> Option<u32> {
        if self.is_off() {
            return None;
        }
        let left = self.points.charge(&key, f64::from(points), now);
        (left < 0.0).then(|| (-left * 60.0 / f64::from(self.per_minute)).ceil() as u32)
    }

    /// Gives points back that turned out not to be owed.
    pub fn give_back(&self, key: RateLimitKey, points: u32, now: Timestamp) {
        if !self.is_off() {
            self.points.give_back(&key, f64::from(points), now);
        }
    }

    /// What is left to a caller; `None` when nothing is limited.
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

    /// Takes a point of the network for an integration's token, before the database is asked about it. One that was right
    /// before costs the network nothing: whoever sends wrong ones keeps nobody else there from working.
    ///
    /// # Errors
    /// [`Error::RateLimited`] while there is no point left.
    pub fn admit_token(&self, token: &str, network: Network, now: Timestamp) -> Result<TokenCheck, Error> {
        let token = self.hasher.hash_one(token);
        let remembered = self.is_off() || self.right_tokens().get(&token).is_some();
        if !remembered {
            self.admit(RateLimitKey::Anonymous(network), now)?;
        }
        Ok(TokenCheck {
            token,
            network,
            remembered,
        })
    }

    /// Notes what came of a check, and gives the point back unless the token was wrong.
    pub fn note_token<T>(&self, check: &TokenCheck, found: &Result<T, Error>, now: Timestamp) {
        if self.is_off() {
            return;
        }
        let key = RateLimitKey::Anonymous(check.network);
        match (found, check.remembered) {
            (Ok(_), true) => {}
            (Ok(_), false) => {
                self.right_tokens().put(check.token, ());
                self.give_back(key, 1, now);
            }
            (Err(Error::Unauthenticated), true) => {
                self.right_tokens().pop(&check.token);
                self.charge(key, 1, now);
            }
            (Err(Error::Unauthenticated), false) | (Err(_), true) => {}
            (Err(_), false) => self.give_back(key, 1, now),
        }
    }

    fn right_tokens(&self) -> std::sync::MutexGuard<'_, LruCache<u64, ()>> {
        self.right_tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token that is being checked.
#[derive(Debug)]
pub struct TokenCheck {
    token: u64,
    network: Network,
    /// Whether it was right before.
    remembered: bool,
}

/// Points for so many fields, beyond the one of every request.
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
    fn points_are_spent_and_come_back() {
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
    fn a_burst_gets_what_its_points_buy() {
        let limits = Limits::new(1_200);
        let (key, now) = (RateLimitKey::Anonymous(network(1)), Timestamp::UNIX_EPOCH);
        let executed = (0..400)
            .filter(|_| limits.admit(key, now).is_ok() && limits.reserve(key, 38, now).is_ok())
            .count();
        assert!((29..=30).contains(&executed), "{executed}");
    }

    #[tokio::test]
    async fn few_requests_of_a_caller_are_under_way() {
        let limits = Limits::new(60);
        let (one, other) = (network(1), network(2));
        let mut under_way = Vec::new();
        for _ in 0..ANONYMOUS {
            under_way.push(limits.begin(RateLimitKey::Anonymous(one)).await.unwrap());
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
        // Whoever hangs up makes room, waiting or under way.
        under_way.pop();
        assert!(waiting.remove(0).now_or_never().unwrap().is_ok());
        drop((waiting, under_way));
        assert_eq!(limits.anonymous.keys_in_use(), 0);
        assert!(matches!(
            Limits::new(0).begin(RateLimitKey::Anonymous(one)).await,
            Ok(None)
        ));
    }

    #[test]
    fn what_costs_more_than_a_bucket_holds_needs_a_full_one() {
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
    fn wrong_tokens_cost_and_right_ones_go_on() {
        let limits = Limits::new(60);
        let now = Timestamp::UNIX_EPOCH;
        let wrong = Err::<(), _>(Error::Unauthenticated);
        let check = limits.admit_token("right", network(1), now).unwrap();
        limits.note_token(&check, &Ok(()), now);
        let anonymous = RateLimitKey::Anonymous(network(1));
        assert_eq!(limits.quota(anonymous, now).unwrap().remaining, 60);
        for n in 0..60 {
            let check = limits.admit_token(&n.to_string(), network(1), now).unwrap();
            limits.note_token(&check, &wrong, now);
        }
        assert!(limits.admit_token("wrong", network(1), now).is_err());
        assert!(limits.admit_token("wrong", network(2), now).is_ok());
        // Once it is wrong, it is like any other.
        let check = limits.admit_token("right", network(1), now).unwrap();
        limits.note_token(&check, &wrong, now);
        assert!(limits.admit_token("right", network(1), now).is_err());
    }
}
