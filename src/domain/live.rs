//! What happens, told to those who wait for it: that a session has ended or that its caller may do less, how far a
//! handover is, whose status has changed.
//!
//! One look at the database every quarter of a second answers for all who wait in this process, so it does not
//! matter which process has done what, and nothing is asked while nobody waits. Those who wait get the latest
//! state and not each step to it: somebody who reads slowly holds nothing up.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use entity::handover::Model as Handover;
use entity::{
    AuditEntryId, HandoverId, IntegrationSecretId, SessionId, Timestamp, UserId, audit_entry, handover,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use tokio::sync::{broadcast, watch};

use crate::domain::auth::authenticate::again;
use crate::domain::auth::{Actor, Rights};
use crate::domain::integrations;
use crate::error::Error;
use crate::store::db;
use crate::store::db::Db;
use crate::store::journal;
use crate::store::journal::Action;

/// How often the database is looked at.
const TICK: Duration = Duration::from_millis(250);
/// Ids in one statement.
const SET: usize = 1_000;
/// Changes of status that a reader may be behind; then it is cut off.
const BEHIND: usize = 1_000;
/// How much later than others a transaction may commit what carries an earlier time.
const SLACK: TimeDelta = TimeDelta::seconds(10);

/// The changes of a person's status.
const STATUS: [Action; 4] = [
    Action::UserDismissed,
    Action::UserHired,
    Action::UserInvited,
    Action::InvitationAccepted,
];

/// Those who wait.
pub struct Live {
    db: Db,
    stop: watch::Receiver<bool>,
    callers: Waiting<Session, Standing>,
    handovers: Waiting<HandoverId, Option<Handover>>,
    statuses: broadcast::Sender<(UserId, Timestamp)>,
}

/// What lets somebody in: a session, or the secret of an integration.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Session {
    Of(SessionId),
    Integration(IntegrationSecretId),
}

impl Session {
    /// `None` for what the program does in the name of an integration: no secret lets it in, none can end it.
    fn of(actor: &Actor) -> Option<Self> {
        match &actor.integration {
            Some(integration) => integration.secret.map(Self::Integration),
            None => Some(Self::Of(actor.session_id)),
        }
    }
}

/// What the database said about a session when it was last read.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    /// It has not been read yet.
    Unread,
    /// It has ended.
    Ended,
    /// It is alive, and its caller may do this.
    Alive(Rights),
}

/// Those who wait for something about a row, by its id.
struct Waiting<K, V>(Mutex<HashMap<K, watch::Sender<V>>>);

impl<K: Eq + Hash + Copy, V: Clone + PartialEq> Waiting<K, V> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn join(&self, key: K, now: V) -> watch::Receiver<V> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = waiting.entry(key).or_insert_with(|| watch::channel(now).0);
        sender.subscribe()
    }

    /// The ids that somebody still waits for.
    fn keys(&self) -> Vec<K> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, sender| sender.receiver_count() > 0);
        // A burst does not stay in memory.
        if waiting.capacity() > 4 * waiting.len().max(256) {
            waiting.shrink_to_fit();
        }
        waiting.keys().copied().collect()
    }

    fn tell(&self, key: &K, value: V) {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = waiting.get(key) {
            sender.send_if_modified(|old| {
                let changed = *old != value;
                *old = value;
                changed
            });
        }
    }
}

impl Live {
    /// Nobody waits yet. Once `stop` holds true, everything that lasts has to end.
    pub fn new(db: Db, stop: watch::Receiver<bool>) -> Self {
        Self {
            db,
            stop,
            callers: Waiting::new(),
            handovers: Waiting::new(),
            statuses: broadcast::channel(BEHIND).0,
        }
    }

    /// Whether a session is alive, and with which rights, each time that changes.
    fn standing(&self, session: Session) -> watch::Receiver<Standing> {
        self.callers.join(session, Standing::Unread)
    }

    /// The handover, each time it has changed. `now` is how it is.
    pub fn handover(&self, now: &Handover) -> watch::Receiver<Option<Handover>> {
        let mut changes = self.handovers.join(now.id, Some(now.clone()));
        // Somebody who came before may have been told more already.
        if changes.borrow().as_ref() != Some(now) {
            changes.mark_changed();
        }
        changes
    }

    /// Those whose status changes, and when; what has changed shortly before may be among it.
    pub fn statuses(&self) -> broadcast::Receiver<(UserId, Timestamp)> {
        self.statuses.subscribe()
    }
}

/// Why something that lasts has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CutOff {
    /// The caller has been locked out or has signed out.
    LockedOut,
    /// The caller has lost a permission that they had when it began.
    RightsLost,
    /// The process is to end.
    Stopping,
}

/// Waits until what is done for `actor` has to end: they are locked out, or may no longer do all that they may now.
pub fn cut_off(live: Arc<Live>, actor: Option<&Actor>) -> impl Future<Output = CutOff> + Send + use<> {
    let actor = actor.cloned();
    async move {
        let mut stop = live.stop.clone();
        let lost = async {
            match &actor {
                Some(actor) => lost(&live, actor).await,
                // An anonymous caller has nothing to lose.
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            why = lost => why,
            _ = stop.wait_for(|stop| *stop) => CutOff::Stopping,
        }
    }
}

/// Waits until the actor's session has ended, or allows less than it did.
async fn lost(live: &Live, actor: &Actor) -> CutOff {
    let rights = actor.rights();
    let Some(session) = Session::of(actor) else {
        return std::future::pending().await;
    };
    let mut standing = live.standing(session);
    loop {
        let now = standing.borrow_and_update().clone();
        match now {
            Standing::Ended => return CutOff::LockedOut,
            // What was read may be older than the actor, who has been promoted since: the database decides.
            Standing::Alive(now) if !now.cover(&rights) => match again(&live.db, actor).await {
                Ok(now) if now.rights().cover(&rights) => {}
                Err(Error::Unauthenticated) => return CutOff::LockedOut,
                Ok(_) | Err(_) => return CutOff::RightsLost,
            },
            Standing::Alive(_) | Standing::Unread => {}
        }
        if standing.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Tells those who wait until `stop` says so.
pub async fn work(live: &Live, mut stop: watch::Receiver<bool>) {
    let mut told = Told::default();
    while !*stop.borrow() {
        if let Err(cause) = tick(live, &mut told).await {
            tracing::error!(?cause, "it could not be looked for what has happened");
        }
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// The changes of status that have been told.
#[derive(Default)]
struct Told {
    since: Option<Timestamp>,
    entries: HashSet<AuditEntryId>,
}

async fn tick(live: &Live, told: &mut Told) -> Result<(), Error> {
    read_sessions(live).await?;
    for some in live.handovers.keys().chunks(SET) {
        let rows = handover::Entity::find()
            .filter(handover::Column::Id.is_in(some.iter().copied()))
            .all(live.db.read())
            .await?;
        for row in rows {
            live.handovers.tell(&row.id.clone(), Some(row));
        }
    }
    publish_statuses(live, told).await
}

async fn read_sessions(live: &Live) -> Result<(), Error> {
    for some in live.callers.keys().chunks(SET) {
        let mut alive = alive(&live.db, some).await?;
        for session in some {
            let standing = alive.remove(session).map_or(Standing::Ended, Standing::Alive);
            live.callers.tell(session, standing);
        }
    }
    Ok(())
}

/// Those of the sessions that are alive, with what their callers may do.
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
    if !programs.is_empty() {
        let sql = format!(
            "SELECT s.id, i.scopes FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
             WHERE s.id IN ({}) AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1) \
             AND i.revoked_at IS NULL",
            db::placeholders(2, programs.len())
        );
        let values = std::iter::once(now.into()).chain(programs.iter().map(|&id| id.into()));
        for row in db::query(db.read(), &sql, values).await? {
            let scopes: String = row.try_get_by_index(1)?;
            let rights = Rights::of_integration(&integrations::read_scopes(&scopes));
            alive.insert(Session::Integration(row.try_get_by_index(0)?), rights);
        }
    }
    Ok(alive)
}

async fn publish_statuses(live: &Live, told: &mut Told) -> Result<(), Error> {
    let now = live.db.clock().now();
    if live.statuses.receiver_count() == 0 {
        *told = Told::default();
        return Ok(());
    }
    // The first look takes what has happened since somebody has begun to listen, at the tick before or later.
    let since = *told.since.get_or_insert(now - TimeDelta::seconds(1));
    let from = since.max(now - SLACK);
    let rows: Vec<(AuditEntryId, Option<uuid::Uuid>, Timestamp)> = audit_entry::Entity::find()
        .select_only()
        .columns([
            audit_entry::Column::Id,
            audit_entry::Column::SubjectId,
            audit_entry::Column::At,
        ])
        .filter(audit_entry::Column::Id.gt(journal::first_id(from)))
        .filter(audit_entry::Column::Action.is_in(STATUS.map(Action::as_str)))
        .order_by_asc(audit_entry::Column::Id)
        .into_tuple()
        .all(live.db.read())
        .await?;
    let known: HashSet<AuditEntryId> = rows.iter().map(|row| row.0).collect();
    for (id, subject, at) in rows {
        if let (true, Some(person)) = (!told.entries.contains(&id), subject) {
            // Nobody left to tell is no failure.
            let _nobody = live.statuses.send((UserId(person), at));
        }
    }
    told.entries = known;
    Ok(())
}
