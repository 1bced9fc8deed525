//! Connection slots: how many there are, who has them, and which connection has been waiting longest for its client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::Times;
use crate::domain::limits::Network;
use crate::runtime::concurrency::{Permit, Permits};
use crate::runtime::metrics::{self, labels::Listener};

/// How long an evicted connection may take to close.
const EVICTION: Duration = Duration::from_millis(250);

/// All connections of a server.
pub struct Connections(Arc<Shared>);

struct Shared {
    began: Instant,
    limit: u32,
    listener: Listener,
    places: Arc<Semaphore>,
    addresses: Option<Permits<Network>>,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    ids: AtomicU64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Activity>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// At most `limit` connections, and at most `per_address` of them from one address; counted for `listener`.
    pub fn new(limit: u32, per_address: Option<u32>, listener: Listener) -> Self {
        Self(Arc::new(Shared {
            began: Instant::now(),
            limit,
            listener,
            places: Arc::new(Semaphore::new(limit as usize)),
            addresses: per_address.map(|limit| Permits::new(limit as usize)),
            open: Mutex::default(),
            ids: AtomicU64::new(0),
        }))
    }

    /// A slot for a connection from `address`: a free one, or that of a connection that waits for its client. `None`
    /// when all are busy.
    pub async fn admit(&self, address: IpAddr) -> Option<Slot> {
        let address = Network::of(address);
        let shared = &self.0;
        let of_address = match &shared.addresses {
            None => None,
            Some(addresses) => Some(match addresses.try_acquire(address) {
                Some(permit) => permit,
                // Without a connection to evict there is no point in waiting: others are waiting to be accepted.
                None if !self.evict(Some(address)) => return None,
                None => timeout(EVICTION, addresses.acquire(address, 1)).await.ok()??,
            }),
        };
        let place = match Arc::clone(&shared.places).try_acquire_owned() {
            Ok(place) => place,
            Err(_) if !self.evict(None) => return None,
            Err(_) => {
                let freed = Arc::clone(&shared.places).acquire_owned();
                timeout(EVICTION, freed).await.ok()?.ok()?
            }
        };
        let activity = Arc::new(Activity::new(address, shared.began));
        let id = shared.ids.fetch_add(1, Ordering::Relaxed);
        let mut open = shared.lock();
        open.insert(id, Arc::clone(&activity));
        metrics::connections(shared.listener, open.len());
        drop(open);
        Some(Slot {
            shared: Arc::clone(shared),
            id,
            activity,
            _place: place,
            _of_address: of_address,
        })
    }

    /// Evicts the connection that has been waiting longest for its client: first one with an incomplete request head,
    /// then one that is idle between requests, then one whose client does not read the response. With an address, only
    /// one of that address. Returns whether there was one.
    pub fn evict(&self, address: Option<Network>) -> bool {
        let open = self.0.lock();
        let candidates = open
            .values()
            .filter(|one| address.is_none_or(|address| address == one.address));
        let longest = candidates
            .filter_map(|one| Some((one.evictable()?, one)))
            .min_by_key(|(waiting, _)| *waiting);
        if let Some((_, one)) = &longest {
            one.evict.notify_one();
        }
        longest.is_some()
    }

    /// Waits until all connections are closed.
    pub async fn all_closed(&self) {
        // The semaphore is never closed.
        let _all = self.0.places.acquire_many(self.0.limit).await;
    }

    /// The number of open connections.
    pub fn open(&self) -> usize {
        self.0.lock().len()
    }
}

/// The slot of a connection; dropping it frees the slot.
pub struct Slot {
    shared: Arc<Shared>,
    id: u64,
    activity: Arc<Activity>,
    _place: OwnedSemaphorePermit,
    _of_address: Option<Permit<Network>>,
}

impl Slot {
    /// The state of the connection.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.shared.lock();
        open.remove(&self.id);
        // Releases the memory of a burst.
        if open.capacity() > 4 * open.len().max(256) {
            open.shrink_to_fit();
        }
        metrics::connections(self.shared.listener, open.len());
    }
}

/// The state of a connection: waiting for its client, or busy with a response. Written by the connection's own task,
/// read by the accepting task.
pub struct Activity {
    address: Network,
    began: Instant,
    /// [`BUSY`], [`FLUSHING`], or the time since which a request from the client has been awaited, in milliseconds.
    waiting: AtomicU64,
    /// [`NO_HEAD`], or the time since which the rest of a request head has been awaited.
    head: AtomicU64,
    /// [`READS`], or the time since which the client has not read what is written to it.
    stalled: AtomicU64,
    evict: Notify,
}

/// A request is being processed.
const BUSY: u64 = 0;
/// The response is complete, but not yet written.
const FLUSHING: u64 = 1;
/// No part of the next request head has been received.
const NO_HEAD: u64 = 0;
/// The client reads what is written.
const READS: u64 = 0;
/// How long a client may not read before its connection can be evicted, in milliseconds.
const STALLED: u64 = 2_000;

impl Activity {
    fn new(address: Network, server_began: Instant) -> Self {
        let new = Self {
            address,
            began: server_began,
            waiting: AtomicU64::new(BUSY),
            head: AtomicU64::new(NO_HEAD),
            stalled: AtomicU64::new(READS),
            evict: Notify::new(),
        };
        // The first request head is awaited from the beginning.
        let now = new.now();
        new.waiting.store(now, Ordering::Relaxed);
        new.head.store(now, Ordering::Relaxed);
        new
    }

    /// The current time in milliseconds, distinct from [`BUSY`] and [`FLUSHING`].
    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64 + 2
    }

    /// Marks the connection as busy once a request has been received, until the returned value is dropped.
    pub fn begin(activity: &Arc<Self>) -> Busy {
        activity.waiting.store(BUSY, Ordering::Relaxed);
        activity.head.store(NO_HEAD, Ordering::Relaxed);
        Busy(Arc::clone(activity), FLUSHING)
    }

    /// Records that bytes were received.
    pub fn has_read(&self) {
        if self.is_waiting() && self.head.load(Ordering::Relaxed) == NO_HEAD {
            self.head.store(self.now(), Ordering::Relaxed);
        }
    }

    /// Records that everything has been written.
    pub fn has_flushed(&self) {
        if self.waiting.load(Ordering::Relaxed) == FLUSHING {
            self.waiting.store(self.now(), Ordering::Relaxed);
        }
    }

    /// Whether a request from the client is awaited.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > FLUSHING
    }

    /// The time since which the rest of a request head (these are evicted first), or a request, has been awaited.
    fn waiting(&self) -> Option<(bool, u64)> {
        let (waiting, head) = (
            self.waiting.load(Ordering::Relaxed),
            self.head.load(Ordering::Relaxed),
        );
        match (waiting, head) {
            (BUSY | FLUSHING, _) => None,
            (since, NO_HEAD) => Some((true, since)),
            (_, since) => Some((false, since)),
        }
    }

    /// Records whether a write waits for the client to read.
    pub fn stalls(&self, stalls: bool) {
        if !stalls {
            self.stalled.store(READS, Ordering::Relaxed);
        } else if self.stalled.load(Ordering::Relaxed) == READS {
            self.stalled.store(self.now(), Ordering::Relaxed);
        }
    }

    /// The eviction order of the connection, and the time since which it waits; `None` if it must not be evicted.
    fn evictable(&self) -> Option<(u8, u64)> {
        if let Some((idle, since)) = self.waiting() {
            return Some((u8::from(idle), since));
        }
        let since = self.stalled.load(Ordering::Relaxed);
        (since != READS && self.now() - since > STALLED).then_some((2, since))
    }

    /// Whether the connection can be evicted.
    pub fn makes_room(&self) -> bool {
        self.evictable().is_some()
    }

    /// When the connection times out; `None` while it is busy.
    pub fn deadline(&self, times: &Times) -> Option<Instant> {
        let (idle, since) = self.waiting()?;
        let since = self.began + Duration::from_millis(since - 2);
        Some(since + if idle { times.idle } else { times.head })
    }

    /// Ready when the connection is evicted.
    pub async fn evicted(&self) {
        self.evict.notified().await;
    }
}

/// A request that is being processed.
pub struct Busy(Arc<Activity>, u64);

impl Busy {
    /// The connection stays busy until it is closed.
    pub fn for_ever(mut self) {
        self.1 = BUSY;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.waiting.store(self.1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn neighbours_in_a_network_are_one_address() {
        for (one, other, same) in [
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("2001:db8::1", "2001:db8::ffff:2", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            assert_eq!(
                Network::of(address(one)) == Network::of(address(other)),
                same,
                "{one} {other}"
            );
        }
    }

    #[tokio::test]
    async fn a_new_connection_gets_the_place_of_one_that_waits() {
        let connections = Connections::new(3, Some(2), Listener::Public);
        let (ann, bob) = (address("10.0.0.1"), address("10.0.0.2"));
        let busy = connections.admit(ann).await.unwrap();
        let request = Activity::begin(busy.activity());
        let waiting = connections.admit(ann).await.unwrap();
        let evicted = Arc::clone(waiting.activity());
        let (third, _) = tokio::join!(connections.admit(ann), async move {
            evicted.evicted().await;
            drop(waiting);
        });
        assert!(third.is_some());
        let _second_request = Activity::begin(third.as_ref().unwrap().activity());
        assert!(connections.admit(ann).await.is_none(), "both are busy");
        let of_bob = connections.admit(bob).await.unwrap();
        let _third_request = Activity::begin(of_bob.activity());
        assert!(connections.admit(bob).await.is_none(), "all places are busy");
        // A response has ended when it has been written, not before.
        drop(request);
        assert!(!busy.activity().is_waiting());
        busy.activity().has_flushed();
        assert!(busy.activity().is_waiting());
        assert_eq!(connections.open(), 3);
        drop((busy, third, of_bob));
        connections.all_closed().await;
        assert_eq!(connections.open(), 0);
    }

    #[tokio::test]
    async fn an_answer_that_nobody_reads_makes_room_too() {
        let connections = Connections::new(1, None, Listener::Public);
        let unread = connections.admit(address("10.0.0.1")).await.unwrap();
        let activity = Arc::clone(unread.activity());
        let _request = Activity::begin(&activity);
        activity.stalls(true);
        assert!(!activity.makes_room(), "a client may pause");
        std::thread::sleep(Duration::from_millis(STALLED + 10));
        assert!(activity.makes_room() && connections.evict(None));
        activity.stalls(false);
        assert!(!activity.makes_room() && !connections.evict(None));
    }

    #[test]
    fn a_head_has_less_time_than_a_pause() {
        let times = Times::default();
        let activity = Arc::new(Activity::new(Network::of(address("10.0.0.1")), Instant::now()));
        let left = |activity: &Activity| {
            let deadline = activity.deadline(&times)?;
            Some((deadline - Instant::now()).as_secs_f64().round() as u64)
        };
        let (head, idle) = (Some(times.head.as_secs()), Some(times.idle.as_secs()));
        assert_eq!(left(&activity), head);
        let request = Activity::begin(&activity);
        assert_eq!(left(&activity), None);
        drop(request);
        assert_eq!(left(&activity), None);
        activity.has_flushed();
        assert_eq!(left(&activity), idle);
        activity.has_read();
        assert_eq!(left(&activity), head);
        // More bytes do not extend the time.
        let deadline = activity.deadline(&times);
        std::thread::sleep(Duration::from_millis(20));
        activity.has_read();
        assert_eq!(activity.deadline(&times), deadline);
        Activity::begin(&activity).for_ever();
        activity.has_flushed();
        assert_eq!(left(&activity), None);
    }
}
