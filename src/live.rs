//! What happens, told to those who wait for it: that a session has ended, how far a handover is, whose status has
//! changed.
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

use crate::app::App;
use crate::auth::Actor;
use crate::db::{self, Db};
use crate::error::Error;
use crate::journal::{self, Action};

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
    callers: Waiting<Session, bool>,
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

impl Default for Live {
    fn default() -> Self {
        Self {
            callers: Waiting::new(),
            handovers: Waiting::new(),
            statuses: broadcast::channel(BEHIND).0,
        }
    }
}

impl Live {
    /// Becomes true when the one who called is let in no longer.
    fn ended(&self, session: Session) -> watch::Receiver<bool> {
        self.callers.join(session, false)
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
    /// Whoever it is for has been locked out or has signed out.
    LockedOut,
    /// The process is to end.
    Stopping,
}

/// Waits until what is done for `actor` has to end.
pub fn cut_off(app: Arc<App>, actor: Option<&Actor>) -> impl Future<Output = CutOff> + Send + use<> {
    let session = actor.and_then(Session::of);
    async move {
        let mut stop = app.stop.subscribe();
        // Whoever is not signed in can't be locked out.
        let locked_out = async {
            if let Some(session) = session {
                let mut ended = app.live.ended(session);
                if ended.wait_for(|ended| *ended).await.is_ok() {
                    return;
                }
            }
            std::future::pending().await
        };
        tokio::select! {
            () = locked_out => CutOff::LockedOut,
            _ = stop.wait_for(|stop| *stop) => CutOff::Stopping,
        }
    }
}

/// Tells those who wait until `stop` says so.
pub async fn work(app: Arc<App>, mut stop: watch::Receiver<bool>) {
    let mut told = Told::default();
    while !*stop.borrow() {
        if let Err(cause) = tick(&app, &mut told).await {
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

async fn tick(app: &App, told: &mut Told) -> Result<(), Error> {
    end_sessions(app).await?;
    for some in app.live.handovers.keys().chunks(SET) {
        let rows = handover::Entity::find()
            .filter(handover::Column::Id.is_in(some.iter().copied()))
            .all(app.db.read())
            .await?;
        for row in rows {
            app.live.handovers.tell(&row.id.clone(), Some(row));
        }
    }
    tell_statuses(app, told).await
}

async fn end_sessions(app: &App) -> Result<(), Error> {
    for some in app.live.callers.keys().chunks(SET) {
        let alive = alive(&app.db, some).await?;
        for session in some.iter().filter(|session| !alive.contains(session)) {
            app.live.callers.tell(session, true);
        }
    }
    Ok(())
}

async fn alive(db: &Db, sessions: &[Session]) -> Result<HashSet<Session>, Error> {
    let (mut people, mut programs) = (Vec::new(), Vec::new());
    for session in sessions {
        match *session {
            Session::Of(id) => people.push(id),
            Session::Integration(id) => programs.push(id),
        }
    }
    let now = db.clock().now();
    let mut alive = HashSet::with_capacity(sessions.len());
    if !people.is_empty() {
        let sql = format!(
            "SELECT c.id FROM sessions c JOIN users u ON u.id = c.user_id \
             WHERE c.id IN ({}) AND c.ended_at IS NULL AND c.expires_at > $1 AND u.status = 'ACTIVE'",
            db::placeholders(2, people.len())
        );
        let values = std::iter::once(now.into()).chain(people.iter().map(|&id| id.into()));
        for row in db::query(db.read(), &sql, values).await? {
            alive.insert(Session::Of(row.try_get_by_index(0)?));
        }
    }
    if !programs.is_empty() {
        let sql = format!(
            "SELECT s.id FROM integration_secrets s JOIN integrations i ON i.id = s.integration_id \
             WHERE s.id IN ({}) AND s.revoked_at IS NULL AND (s.expires_at IS NULL OR s.expires_at > $1) \
             AND i.revoked_at IS NULL",
            db::placeholders(2, programs.len())
        );
        let values = std::iter::once(now.into()).chain(programs.iter().map(|&id| id.into()));
        for row in db::query(db.read(), &sql, values).await? {
            alive.insert(Session::Integration(row.try_get_by_index(0)?));
        }
    }
    Ok(alive)
}

async fn tell_statuses(app: &App, told: &mut Told) -> Result<(), Error> {
    let now = app.db.clock().now();
    if app.live.statuses.receiver_count() == 0 {
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
        .all(app.db.read())
        .await?;
    let known: HashSet<AuditEntryId> = rows.iter().map(|row| row.0).collect();
    for (id, subject, at) in rows {
        if let (true, Some(person)) = (!told.entries.contains(&id), subject) {
            // Nobody left to tell is no failure.
            let _nobody = app.live.statuses.send((UserId(person), at));
        }
    }
    told.entries = known;
    Ok(())
}
