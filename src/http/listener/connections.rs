//! The places for connections: how many there are, who has them, and which of them waits longest for its client.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

use super::Times;
use crate::runtime::concurrency::{Permit, Permits};

/// How long a connection that has to go may take for it.
const EVICTION: Duration = Duration::from_millis(250);

/// All connections of a server.
pub struct Connections(Arc<Shared>);

struct Shared {
    began: Instant,
    limit: u32,
    places: Arc<Semaphore>,
    addresses: Option<Permits<IpAddr>>,
    open: Mutex<HashMap<u64, Arc<Activity>>>,
    ids: AtomicU64,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<u64, Arc<Activity>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connections {
    /// At most `limit` connections, at most `per_address` of them from one address.
    pub fn new(limit: u32, per_address: Option<u32>) -> Self {
        Self(Arc::new(Shared {
            began: Instant::now(),
            limit,
            places: Arc::new(Semaphore::new(limit as usize)),
            addresses: per_address.map(|limit| Permits::new(limit as usize)),
            open: Mutex::default(),
            ids: AtomicU64::new(0),
        }))
    }

    /// A place for a connection from `address`: a free one, or that of another which waits for its client. `None`
    /// when all are busy.
    pub async fn admit(&self, address: IpAddr) -> Option<Slot> {
        let address = network(address);
        let shared = &self.0;
        let of_address = match &shared.addresses {
            None => None,
            Some(addresses) => Some(match addresses.try_acquire(address) {
                Some(permit) => permit,
                // Without a place to take over there is nothing to wait for: others want to be accepted.
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
        metrics::gauge!("handover_connections").set(open.len() as f64);
        drop(open);
        Some(Slot {
            shared: Arc::clone(shared),
            id,
            activity,
            _place: place,
            _of_address: of_address,
        })
    }

    /// Closes the connection that has been waiting longest for its client: one that owes the rest of a head before one
    /// that pauses between requests, and that before one whose client does not read the answer. With an address, only one
    /// of that address. Answers whether there was one.
    pub fn evict(&self, address: Option<IpAddr>) -> bool {
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

    /// Waits until no connection is left.
    pub async fn all_closed(&self) {
        // The semaphore is never closed.
        let _all = self.0.places.acquire_many(self.0.limit).await;
    }

    /// How many connections there are.
    pub fn open(&self) -> usize {
        self.0.lock().len()
    }
}

/// The address by which connections are counted: of IPv6 the network of 64 bits, which one customer has whole.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// The place of a connection; dropping it makes room for another one.
pub struct Slot {
    shared: Arc<Shared>,
    id: u64,
    activity: Arc<Activity>,
    _place: OwnedSemaphorePermit,
    _of_address: Option<Permit<IpAddr>>,
}

impl Slot {
    /// What the connection is doing.
    pub fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.shared.lock();
        open.remove(&self.id);
        // A burst does not stay in memory.
        if open.capacity() > 4 * open.len().max(256) {
            open.shrink_to_fit();
        }
        metrics::gauge!("handover_connections").set(open.len() as f64);
    }
}

/// What a connection is doing: waiting for its client, or busy with an answer. Written by the connection's own task,
/// read by the one that accepts.
pub struct Activity {
    address: IpAddr,
    began: Instant,
    /// [`BUSY`], [`FLUSHING`], or since when the client has owed a request, in milliseconds.
    waiting: AtomicU64,
    /// [`NO_HEAD`], or since when it has owed the rest of a head.
    head: AtomicU64,
    /// [`READS`], or since when the client has not taken what is written to it.
    stalled: AtomicU64,
    evict: Notify,
}

/// A request is being answered.
const BUSY: u64 = 0;
/// The answer is complete, but not yet written.
const FLUSHING: u64 = 1;
/// Nothing of the next head has come.
const NO_HEAD: u64 = 0;
/// The client takes what is written.
const READS: u64 = 0;
/// How long a client may not have read before its place can go to somebody else, in milliseconds.
const STALLED: u64 = 2_000;

impl Activity {
    fn new(address: IpAddr, server_began: Instant) -> Self {
        let new = Self {
            address,
            began: server_began,
            waiting: AtomicU64::new(BUSY),
            head: AtomicU64::new(NO_HEAD),
            stalled: AtomicU64::new(READS),
            evict: Notify::new(),
        };
        // The first head is owed from the beginning.
        let now = new.now();
        new.waiting.store(now, Ordering::Relaxed);
        new.head.store(now, Ordering::Relaxed);
        new
    }

    /// Milliseconds that are neither [`BUSY`] nor [`FLUSHING`].
    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64 + 2
    }

    /// Notes that a request has come whole; it is being answered until what this returns is dropped.
    pub fn begin(activity: &Arc<Self>) -> Busy {
        activity.waiting.store(BUSY, Ordering::Relaxed);
        activity.head.store(NO_HEAD, Ordering::Relaxed);
        Busy(Arc::clone(activity), FLUSHING)
    }

    /// Notes that bytes have come.
    pub fn has_read(&self) {
        if self.is_waiting() && self.head.load(Ordering::Relaxed) == NO_HEAD {
            self.head.store(self.now(), Ordering::Relaxed);
        }
    }

    /// Notes that everything has been written.
    pub fn has_flushed(&self) {
        if self.waiting.load(Ordering::Relaxed) == FLUSHING {
            self.waiting.store(self.now(), Ordering::Relaxed);
        }
    }

    /// Whether the client owes a request.
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > FLUSHING
    }

    /// Since when the client has owed the rest of a head (these come first), or a request.
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

    /// Notes whether what is written waits for the client to read.
    pub fn stalls(&self, stalls: bool) {
        if !stalls {
            self.stalled.store(READS, Ordering::Relaxed);
        } else if self.stalled.load(Ordering::Relaxed) == READS {
            self.stalled.store(self.now(), Ordering::Relaxed);
        }
    }

    /// In which order connections make room for others, and since when; `None` for one that is to stay.
    fn evictable(&self) -> Option<(u8, u64)> {
        if let Some((idle, since)) = self.waiting() {
            return Some((u8::from(idle), since));
        }
        let since = self.stalled.load(Ordering::Relaxed);
        (since != READS && self.now() - since > STALLED).then_some((2, since))
    }

    /// Whether the connection makes room when it is asked to.
    pub fn makes_room(&self) -> bool {
        self.evictable().is_some()
    }

    /// When the connection will have waited too long; `None` while it is busy.
    pub fn deadline(&self, times: &Times) -> Option<Instant> {
        let (idle, since) = self.waiting()?;
        let since = self.began + Duration::from_millis(since - 2);
        Some(since + if idle { times.idle } else { times.head })
    }

    /// Ready when the place is wanted for another connection.
    pub async fn evicted(&self) {
        self.evict.notified().await;
    }
}

/// A request that is being answered.
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
                network(address(one)) == network(address(other)),
                same,
                "{one} {other}"
            );
        }
    }

    #[tokio::test]
    async fn a_new_connection_gets_the_place_of_one_that_waits() {
        let connections = Connections::new(3, Some(2));
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
        // An answer is over when it has been written, not before.
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
        let connections = Connections::new(1, None);
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
        let activity = Arc::new(Activity::new(address("10.0.0.1"), Instant::now()));
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
        // More bytes are no more time.
        let deadline = activity.deadline(&times);
        std::thread::sleep(Duration::from_millis(20));
        activity.has_read();
        assert_eq!(activity.deadline(&times), deadline);
        Activity::begin(&activity).for_ever();
        activity.has_flushed();
        assert_eq!(left(&activity), None);
    }
}
