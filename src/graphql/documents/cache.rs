//! A cache that is bounded by the memory of what it holds.

use std::borrow::Borrow;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Keeps values up to a total weight; the least recently used ones are evicted first.
pub struct Cache<K: Hash + Eq, V> {
    inner: Mutex<Inner<K, V>>,
    capacity: usize,
}

struct Inner<K: Hash + Eq, V> {
    entries: LruCache<K, (V, usize)>,
    weight: usize,
}

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// An empty cache that holds entries of at most `capacity` bytes together.
    pub fn new(capacity: usize) -> Self {
        let inner = Inner {
            entries: LruCache::unbounded(),
            weight: 0,
        };
        Self {
            inner: Mutex::new(inner),
            capacity,
        }
    }

    /// The value of a key; it counts as used.
    pub fn get<Q: Hash + Eq + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.lock().entries.get(key).map(|(value, _)| value.clone())
    }

    /// Keeps a value that takes about `weight` bytes, its key included. One that is heavier than the whole cache is not kept.
    pub fn put(&self, key: K, value: V, weight: usize) {
        if weight > self.capacity {
            return;
        }
        let mut inner = self.lock();
        inner.weight += weight;
        if let Some((_, replaced)) = inner.entries.put(key, (value, weight)) {
            inner.weight -= replaced;
        }
        while inner.weight > self.capacity {
            let Some((_, (_, evicted))) = inner.entries.pop_lru() else {
                break;
            };
            inner.weight -= evicted;
        }
    }

    /// The weight of everything that is kept.
    #[cfg(test)]
    pub fn weight(&self) -> usize {
        self.lock().weight
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K, V>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weight_is_bounded_and_the_least_recently_used_goes_first() {
        let cache = Cache::new(10);
        cache.put("a", 1, 4);
        cache.put("b", 2, 4);
        assert_eq!(cache.get("a"), Some(1));
        cache.put("c", 3, 4);
        assert_eq!(
            [cache.get("a"), cache.get("b"), cache.get("c")],
            [Some(1), None, Some(3)]
        );
        // Replaced, an entry counts once.
        cache.put("c", 4, 6);
        assert_eq!([cache.get("a"), cache.get("c")], [Some(1), Some(4)]);
        cache.put("d", 5, 11);
        assert_eq!([cache.get("a"), cache.get("d")], [Some(1), None]);
        assert!(cache.weight() <= 10);
    }
}
