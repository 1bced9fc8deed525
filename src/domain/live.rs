//! Live notifications for waiting requests: sessions that end or lose rights, progress of handovers, and changes of
//! status.
//!
//! One poll of the database every quarter of a second serves all waiters in this process, so it doesn't matter which
//! process made a change, and nothing is polled while nobody waits. Waiters get the latest state and not each step to
//! it, so a slow reader holds nothing up.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use entity::handover::{HandoverState, Model as Handover};
use entity::{AuditEntryId, HandoverId, SessionId, Timestamp, UserId, audit_entry, handover};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{broadcast, watch};

use crate::domain::auth::authenticate::reauthenticate;
use crate::domain::auth::{Actor, Rights};
use crate::domain::integrations::authenticate::{Credential, valid};
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::journal;
use crate::store::journal::Action;

/// Polling interval.
const POLL_INTERVAL: Duration = Duration::from_millis(250);
/// Ids per statement.
const BATCH: usize = 1_000;
/// Maximum lag of a receiver of status changes, in messages; beyond it, messages are lost.
const MAX_LAG: usize = 1_000;
/// How late a transaction may commit entries that carry an earlier time.
const SLACK: TimeDelta = TimeDelta::seconds(10);

/// Actions that change the status of a person.
const STATUS_ACTIONS: [Action; 4] = [
    Action::UserDismissed,
    Action::UserHired,
    Action::UserInvited,
    Action::InvitationAccepted,
];

/// Actions that change the state of a handover.
const HANDOVER_ACTIONS: [Action; 4] = [
    Action::HandoverQueued,
    Action::HandoverRetried,
    Action::HandoverCancelled,
    Action::HandoverFinished,
];
/// Maximum number of unfinished handovers that are polled.
const MAX_UNFINISHED: u64 = 1_000;

/// Subscriptions of this process.
pub struct Live {
    db: Db,
    stop: watch::Receiver<bool>,
    callers: Watchers<Session, SessionState>,
    handovers: Watchers<HandoverId, Option<Handover>>,
    statuses: broadcast::Sender<(UserId, Timestamp)>,
    /// Unfinished handovers, and those whose state changed within [`SLACK`].
    current_handovers: watch::Sender<Arc<Vec<Handover>>>,
}

/// The credential of a caller: a session, or that of an integration.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Session {
    Of(SessionId),
    Integration(Credential),
}

impl Session {
    /// Returns `None` for what the program does in the name of an integration: it uses no secret, so none can be
    /// revoked.
    fn of(actor: &Actor) -> Option<Self> {
        match &actor.integration {
            Some(integration) => Credential::of(integration).map(Self::Integration),
            None => Some(Self::Of(actor.session_id)),
        }
    }
}

/// State of a session when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum SessionState {
    /// Not read yet.
    Unread,
    /// Ended.
    Ended,
    /// Active, with the rights of its caller.
    Alive(Rights),
}

/// Watchers of rows, by id.
struct Watchers<K, V>(Mutex<HashMap<K, watch::Sender<V>>>);

impl<K: Eq + Hash + Copy, V: Clone + PartialEq> Watchers<K, V> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn join(&self, key: K, now: V) -> watch::Receiver<V> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = watched.entry(key).or_insert_with(|| watch::channel(now).0);
        sender.subscribe()
    }

    /// Returns the ids that are still watched.
    fn keys(&self) -> Vec<K> {
        let mut watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watched.retain(|_, sender| sender.receiver_count() > 0);
        // Releases the memory of a burst.
        if watched.capacity() > 4 * watched.len().max(256) {
            watched.shrink_to_fit();
        }
        watched.keys().copied().collect()
    }

    fn publish(&self, key: &K, value: V) {
        let watched = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = watched.get(key) {
            sender.send_if_modified(|old| {
                let changed = *old != value;
                *old = value;
                changed
            });
        }
    }
}

impl Live {
    /// Creates an instance without watchers. Once `stop` is true, long-lived requests have to end.
    pub fn new(db: Db, stop: watch::Receiver<bool>) -> Self {
        Self {
            db,
            stop,
            callers: Watchers::new(),
            handovers: Watchers::new(),
            statuses: broadcast::channel(MAX_LAG).0,
            current_handovers: watch::channel(Arc::default()).0,
        }
    }

    /// Watches the state of a session.
    fn state(&self, session: Session) -> watch::Receiver<SessionState> {
        self.callers.join(session, SessionState::Unread)
    }

    /// Watches a handover; `now` is its current state.
    pub fn handover(&self, now: &Handover) -> watch::Receiver<Option<Handover>> {
        let mut changes = self.handovers.join(now.id, Some(now.clone()));
        // An earlier watcher may have received a newer state already.
        if changes.borrow().as_ref() != Some(now) {
            changes.mark_changed();
        }
        changes
    }

    /// Subscribes to changes of status, as person and time; may include changes from shortly before.
    pub fn statuses(&self) -> broadcast::Receiver<(UserId, Timestamp)> {
        self.statuses.subscribe()
    }

    /// Watches the handovers that have not finished, or only just.
    pub fn current_handovers(&self) -> watch::Receiver<Arc<Vec<Handover>>> {
        self.current_handovers.subscribe()
    }
}

/// Why a long-lived request has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Termination {
    /// The caller was locked out or signed out.
    LockedOut,
    /// The caller lost a permission they had at the start.
    RightsLost,
    /// The process is shutting down.
    Stopping,
}

/// Waits until a request of `actor` has to end: they are locked out, or have lost one of their current rights.
pub fn wait_until_revoked(
    live: Arc<Live>,
    actor: Option<&Actor>,
) -> impl Future<Output = Termination> + Send + use<> {
    let actor = actor.cloned();
    async move {
        let mut stop = live.stop.clone();
        let lost = async {
            match &actor {
                Some(actor) => lost(&live, actor).await,
                // An anonymous caller has no rights to lose.
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            why = lost => why,
            _ = stop.wait_for(|stop| *stop) => Termination::Stopping,
        }
    }
}

/// Waits until the actor's session has ended, or has fewer rights than before.
async fn lost(live: &Live, actor: &Actor) -> Termination {
    let rights = actor.rights();
    let Some(session) = Session::of(actor) else {
        return std::future::pending().await;
    };
    let mut state = live.state(session);
    loop {
        let now = state.borrow_and_update().clone();
        match now {
            SessionState::Ended => return Termination::LockedOut,
            // The state may be older than the actor, who may have been promoted since: the database decides.
            SessionState::Alive(now) if !now.cover(&rights) => match reauthenticate(&live.db, actor).await {
                Ok(now) if now.rights().cover(&rights) => {}
                Err(Error::Unauthenticated) => return Termination::LockedOut,
                Ok(_) | Err(_) => return Termination::RightsLost,
            },
            SessionState::Alive(_) | SessionState::Unread => {}
        }
        if state.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Publishes changes until `stop` is true.
pub async fn work(live: &Live, mut stop: watch::Receiver<bool>) {
    let mut published = Published::default();
    while !*stop.borrow() {
        if let Err(cause) = tick(live, &mut published).await {
            tracing::error!(?cause, "failed to poll for changes");
        }
        tokio::select! {
            () = tokio::time::sleep(POLL_INTERVAL) => {}
            _ = stop.changed() => {}
        }
    }
}

/// The status changes published so far.
#[derive(Default)]
struct Published {
    since: Option<Timestamp>,
    entries: HashSet<AuditEntryId>,
}

async fn tick(live: &Live, published: &mut Published) -> Result<(), Error> {
    read_sessions(live).await?;
    for some in live.handovers.keys().chunks(BATCH) {
        let rows = handover::Entity::find()
            .filter(handover::Column::Id.is_in(some.iter().copied()))
            .all(live.db.read())
            .await?;
        for row in rows {
            live.handovers.publish(&row.id.clone(), Some(row));
        }
    }
    publish_current_handovers(live).await?;
    publish_statuses(live, published).await
}

async fn publish_current_handovers(live: &Live) -> Result<(), Error> {
    if live.current_handovers.receiver_count() == 0 {
        live.current_handovers.send_replace(Arc::default());
        return Ok(());
    }
    let db = &live.db;
    let changed = recent(db, &HANDOVER_ACTIONS, db.clock().now() - SLACK).await?;
    let changed = changed.into_iter().filter_map(|(_, subject, _)| subject);
    let unfinished = handover::Entity::find()
        .filter(handover::Column::State.is_in([HandoverState::Queued, HandoverState::Running]))
        .order_by_desc(handover::Column::Id)
        .limit(MAX_UNFINISHED)
        .all(db.read())
        .await?;
    let known: HashSet<HandoverId> = unfinished.iter().map(|row| row.id).collect();
    let finished: HashSet<HandoverId> = changed.map(HandoverId).filter(|id| !known.contains(id)).collect();
    let finished: Vec<HandoverId> = finished.into_iter().collect();
    let mut current = unfinished;
    for some in finished.chunks(BATCH) {
        let rows = handover::Entity::find().filter(handover::Column::Id.is_in(some.iter().copied()));
        current.extend(rows.all(db.read()).await?);
    }
    current.sort_unstable_by_key(|row| row.id);
    live.current_handovers.send_if_modified(|old| {
        let changed = **old != current;
        *old = Arc::new(current);
        changed
    });
    Ok(())
}

/// Returns the audit entries with one of these actions since a time: id, subject and time.
async fn recent(
    db: &Db,
    actions: &[Action],
    since: Timestamp,
) -> Result<Vec<(AuditEntryId, Option<uuid::Uuid>, Timestamp)>, Error> {
    let found = audit_entry::Entity::find()
        .select_only()
        .columns([
            audit_entry::Column::Id,
            audit_entry::Column::SubjectId,
            audit_entry::Column::At,
        ])
        .filter(audit_entry::Column::Id.gt(journal::min_id_at(since)))
        .filter(audit_entry::Column::Action.is_in(actions.iter().map(|action| action.as_str())))
        .order_by_asc(audit_entry::Column::Id)
        .into_tuple()
        .all(db.read());
    Ok(found.await?)
}

async fn read_sessions(live: &Live) -> Result<(), Error> {
    for some in live.callers.keys().chunks(BATCH) {
        let mut alive = alive(&live.db, some).await?;
        for session in some {
            let state = alive
                .remove(session)
                .map_or(SessionState::Ended, SessionState::Alive);
            live.callers.publish(session, state);
        }
    }
    Ok(())
}

/// Returns the active ones among the sessions, with the rights of their callers.
async fn alive(db: &Db, sessions: &[Session]) -> Result<HashMap<Session, Rights>, Error> {
    let (mut people, mut programs) = (Vec::new(), Vec::new());
    for session in sessions {
        match *session {
            Session::Of(id) => people.push(id),
            Session::Integration(id) => programs.push(id),
        }
    }
    let now = db.clock().now();
    let mut alive = HashMap::with_capacity(sessions.len());
    if !people.is_empty() {
        let sql = format!(
            "SELECT c.id, u.role, s.show_dismissed_employees \
             FROM sessions c JOIN users u ON u.id = c.user_id CROSS JOIN settings s \
             WHERE c.id IN ({}) AND c.ended_at IS NULL AND c.expires_at > $1 AND u.status = 'ACTIVE'",
            db::placeholders(2, people.len())
        );
        let values = std::iter::once(now.into()).chain(people.iter().map(|&id| id.into()));
        for row in db::query(db.read(), &sql, values).await? {
            let rights = Rights::of_person(row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            alive.insert(Session::Of(row.try_get_by_index(0)?), rights);
        }
    }
    for (credential, scopes) in valid(db, &programs, now).await? {
        alive.insert(Session::Integration(credential), Rights::of_integration(&scopes));
    }
    Ok(alive)
}

async fn publish_statuses(live: &Live, published: &mut Published) -> Result<(), Error> {
    let now = live.db.clock().now();
    if live.statuses.receiver_count() == 0 {
        *published = Published::default();
        return Ok(());
    }
    // The first poll also covers the time since the subscription, which may be up to a tick earlier.
    let since = *published.since.get_or_insert(now - TimeDelta::seconds(1));
    let from = since.max(now - SLACK);
    let rows = recent(&live.db, &STATUS_ACTIONS, from).await?;
    let known: HashSet<AuditEntryId> = rows.iter().map(|row| row.0).collect();
    for (id, subject, at) in rows {
        if let (true, Some(person)) = (!published.entries.contains(&id), subject) {
            // Fails only if there are no receivers left.
            let _no_receivers = live.statuses.send((UserId(person), at));
        }
    }
    published.entries = known;
    Ok(())
}
