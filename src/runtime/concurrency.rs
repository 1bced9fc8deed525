//! Limits concurrency per caller: a semaphore for each key.
//!
//! A key exists only while a permit for it is held or waited for, so the map can't be filled by trying many keys.
//! Dropping a permit releases it, however the request ends: complete response, closed connection, timeout or panic.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};

/// A fixed number of permits for each key. Clones share the permits.
pub struct Permits<K: Eq + Hash>(Arc<Shared<K>>);

struct Shared<K> {
    /// Permits for each key.
    limit: usize,
    keys: Mutex<HashMap<K, InUse>>,
}

struct InUse {
    semaphore: Arc<Semaphore>,
    /// Permits held, plus tasks waiting for one.
    users: usize,
}

impl<K> Shared<K> {
    fn lock(&self) -> MutexGuard<'_, HashMap<K, InUse>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Clone for Permits<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Eq + Hash + Clone> Permits<K> {
    /// Creates a set of `limit` permits for each key.
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            keys: Mutex::default(),
        }))
    }

    /// Returns a permit for `key` if one is free.
    pub fn try_acquire(&self, key: K) -> Option<Permit<K>> {
        let (semaphore, user) = self.join(key, 0)?;
        match semaphore.try_acquire_owned() {
            Ok(permit) => Some(Permit {
                _permit: permit,
                _user: user,
            }),
            Err(TryAcquireError::NoPermits | TryAcquireError::Closed) => None,
        }
    }

    /// Waits for a permit for `key` in FIFO order; returns `None` at once if `queue` tasks are waiting already.
    pub async fn acquire(&self, key: K, queue: usize) -> Option<Permit<K>> {
        let (semaphore, user) = self.join(key, queue)?;
        // The semaphore is never closed.
        let permit = semaphore.acquire_owned().await.ok()?;
        Some(Permit {
            _permit: permit,
            _user: user,
        })
    }

    /// Returns the number of keys for which a permit is held or waited for.
    pub fn keys_in_use(&self) -> usize {
        self.0.lock().len()
    }

    /// Registers a user of `key`, unless the users exceed the permits by `queue`.
    fn join(&self, key: K, queue: usize) -> Option<(Arc<Semaphore>, User<K>)> {
        let limit = self.0.limit;
        if limit == 0 {
            return None;
        }
        let mut keys = self.0.lock();
        let in_use = keys.entry(key.clone()).or_insert_with(|| InUse {
            semaphore: Arc::new(Semaphore::new(limit)),
            users: 0,
        });
        if in_use.users >= limit.saturating_add(queue) {
            return None;
        }
        in_use.users += 1;
        let semaphore = Arc::clone(&in_use.semaphore);
        drop(keys);
        let shared = Arc::clone(&self.0);
        Some((semaphore, User { shared, key }))
    }
}

/// A permit for one key; released on drop.
pub struct Permit<K: Eq + Hash> {
    // Dropped first: the key may be removed only when its semaphore is unused.
    _permit: OwnedSemaphorePermit,
    _user: User<K>,
}

/// A holder of a permit, or a waiting task.
struct User<K: Eq + Hash> {
    shared: Arc<Shared<K>>,
    key: K,
}

impl<K: Eq + Hash> Drop for User<K> {
    fn drop(&mut self) {
        let mut keys = self.shared.lock();
        if let Some(in_use) = keys.get_mut(&self.key) {
            in_use.users -= 1;
            if in_use.users == 0 {
                keys.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn each_key_has_its_own_permits_and_is_removed_when_unused() {
        let permits = Permits::new(2);
        let (one, two) = (permits.try_acquire("ann"), permits.try_acquire("ann"));
        assert!(one.is_some() && two.is_some());
        assert!(permits.try_acquire("ann").is_none());
        let bob = permits.try_acquire("bob");
        assert!(bob.is_some());
        assert_eq!(permits.keys_in_use(), 2);
        drop(one);
        assert!(permits.clone().try_acquire("ann").is_some());
        drop((two, bob));
        assert_eq!(permits.keys_in_use(), 0);
    }

    #[tokio::test]
    async fn waiters_are_served_in_order_and_bounded() {
        let permits = Permits::new(1);
        let held = permits.acquire(1, 2).await;
        let mut second = Box::pin(permits.acquire(1, 2));
        let mut third = Box::pin(permits.acquire(1, 2));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        assert!(
            permits.acquire(1, 2).now_or_never().flatten().is_none(),
            "the queue is full"
        );
        drop(held);
        assert!(third.as_mut().now_or_never().is_none(), "not its turn yet");
        let second = second.now_or_never().flatten();
        assert!(second.is_some());
        assert!(permits.try_acquire(1).is_none());
        drop(second);
        // Dropping the future leaves the queue.
        drop(third);
        assert_eq!(permits.keys_in_use(), 0);
        let zero = Permits::new(0);
        assert!(zero.try_acquire(1).is_none());
        assert_eq!(zero.keys_in_use(), 0);
    }
}
