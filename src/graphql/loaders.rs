//! Batch loaders, made anew for each request, and within one for each field of a mutation: a page of fifty people asks for its departments once.
//!
//! Rules that keep them right: they are cached and never shared between requests, each batch answers every
//! key, a batch holds a whole page, and nothing but other loads is awaited before a list item's `load`.

use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};

use dataloader::BatchFn;
use dataloader::cached::Loader;
use entity::drive_share::ShareAccess;
use entity::task_member::MemberRole;
use entity::{
    AuditEntryId, CalendarId, CrmActivityId, CrmItemId, CrmRoleId, DepartmentId, DirectoryGroupId,
    DirectoryId, DismissalId, EventId, HandoverId, IdentityId, IdentityProviderId, IntegrationId,
    IntegrationSecretId, RefusedRequestId, SessionId, TaskId, TaskTemplateId, Timestamp, UserId,
    WebhookDeliveryId, WebhookId,
};
use entity::{
    audit_entry, calendar, crm_activity, crm_item, crm_role, department, directory, directory_group,
    directory_person, directory_refusal, dismissal, drive_item, event, handover, handover_entry,
    handover_line, identity, identity_provider, integration, integration_secret, session, task,
    task_template, user, webhook, webhook_delivery,
};
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, OnceCell};
use uuid::Uuid;

use crate::domain::audit::list as audits;
use crate::domain::auth::session as sessions;
use crate::domain::calendar::list as calendars;
use crate::domain::crm;
use crate::domain::crm::access::{Access, Subject};
use crate::domain::directory::admin::list as directories;
use crate::domain::dismissal::list as dismissals;
use crate::domain::drive::access::Link;
use crate::domain::drive::list as drive;
use crate::domain::handover::list as handovers;
use crate::domain::handover::list::{EntryKey, Undoing};
use crate::domain::handover::returnable;
use crate::domain::handover::work;
use crate::domain::handover::work::WorkLine;
use crate::domain::integrations::secrets;
use crate::domain::openid::{identities, list as providers};
use crate::domain::people::abilities::RuleContext;
use crate::domain::people::{heads, list as people};
use crate::domain::recurrence::Budget;
use crate::domain::tasks::access::{TASKS, TEMPLATES};
use crate::domain::tasks::list as tasks;
use crate::domain::tasks::template_list as templates;
use crate::domain::webhooks::list as webhooks;
use crate::error::Error;
use crate::graphql::types::departments::Department;
use crate::store::db::Db;

/// Most keys in one batch: more than a page has items, less than SQLite binds values.
const BATCH: usize = 1_000;

type Fetch<K, V> = for<'a> fn(&'a Db, &'a [K]) -> BoxFuture<'a, Result<HashMap<K, V>, Error>>;

/// Fetches a batch with one function.
pub struct Batch<K, V> {
    db: Arc<Db>,
    fetch: Fetch<K, V>,
}

impl<K, V> BatchFn<K, Result<Option<V>, Error>> for Batch<K, V>
where
    K: Eq + Hash + Clone + Debug + Send + Sync,
    V: Clone + Send,
{
    async fn load(&mut self, keys: &[K]) -> HashMap<K, Result<Option<V>, Error>> {
        match (self.fetch)(&self.db, keys).await {
            Ok(mut found) => keys
                .iter()
                .map(|key| (key.clone(), Ok(found.remove(key))))
                .collect(),
            Err(error) => keys.iter().map(|key| (key.clone(), Err(error.clone()))).collect(),
        }
    }
}

/// Loads values of one kind by key. Made when the first one is asked for: a request uses few of the kinds there are.
pub struct Of<K, V>
where
    K: Eq + Hash + Clone + Debug + Send + Sync,
    V: Clone + Send,
{
    db: Arc<Db>,
    fetch: Fetch<K, V>,
    loader: OnceLock<Loaded<K, V>>,
}

type Loaded<K, V> = Loader<K, Result<Option<V>, Error>, Batch<K, V>>;

impl<K, V> Of<K, V>
where
    K: Eq + Hash + Clone + Debug + Send + Sync,
    V: Clone + Send,
{
    /// The value for a key; `None` when there is none.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load(&self, key: K) -> Result<Option<V>, Error> {
        self.loader().load(key).await
    }

    /// The values for these keys, in their order; keys without one are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn load_all(&self, keys: &[K]) -> Result<Vec<V>, Error> {
        let mut found = self.load_many(keys.to_vec()).await;
        let loaded = keys.iter().filter_map(|key| found.remove(key)?.transpose());
        loaded.collect()
    }

    /// The values for some keys.
    pub async fn load_many(&self, keys: Vec<K>) -> HashMap<K, Result<Option<V>, Error>> {
        self.loader().load_many(keys).await
    }

    fn loader(&self) -> &Loaded<K, V> {
        self.loader.get_or_init(|| {
            let batch = Batch {
                db: Arc::clone(&self.db),
                fetch: self.fetch,
            };
            Loader::new(batch).with_max_batch_size(BATCH).with_yield_count(1)
        })
    }
}

fn loader<K, V>(db: &Arc<Db>, fetch: Fetch<K, V>) -> Of<K, V>
where
    K: Eq + Hash + Clone + Debug + Send + Sync,
    V: Clone + Send,
{
    Of {
        db: Arc::clone(db),
        fetch,
        loader: OnceLock::new(),
    }
}

/// Fifty people are in a few departments: each of these is made for the API once.
async fn departments(
    db: &Db,
    keys: &[DepartmentId],
) -> Result<HashMap<DepartmentId, Arc<Department>>, Error> {
    let found = people::departments_by_ids(db, keys).await?;
    Ok(found
        .into_iter()
        .map(|(id, row)| (id, Arc::new(row.into())))
        .collect())
}

/// The loaders of one request.
pub struct Loaders {
    /// People.
    pub users: Of<UserId, user::Profile>,
    /// When a person was last changed.
    pub changes: Of<UserId, Timestamp>,
    /// Sessions.
    pub sessions: Of<SessionId, session::Model>,
    /// Departments.
    pub departments: Of<DepartmentId, Arc<Department>>,
    /// The departments right below one.
    pub children: Of<DepartmentId, Vec<department::Model>>,
    /// How many people a department has.
    pub members: Of<DepartmentId, i64>,
    /// The active heads of a department and those above, the nearest first.
    pub heads: Of<DepartmentId, Vec<UserId>>,
    /// The dismissals of a person, the latest first.
    pub dismissals: Of<UserId, Vec<dismissal::Model>>,
    /// Dismissals.
    pub dismissals_by_id: Of<DismissalId, dismissal::Model>,
    /// What a person holds.
    pub work: Of<UserId, Vec<WorkLine>>,
    /// Tasks.
    pub tasks: Of<TaskId, task::Model>,
    /// Whether a person can see a task.
    pub visible_tasks: Of<(UserId, TaskId), ()>,
    /// The members of a task.
    pub task_members: Of<TaskId, Vec<(MemberRole, UserId)>>,
    /// Recurring tasks.
    pub task_templates: Of<TaskTemplateId, task_template::Model>,
    /// Whether a person can see a recurring task.
    pub visible_templates: Of<(UserId, TaskTemplateId), ()>,
    /// The members of a recurring task.
    pub template_members: Of<TaskTemplateId, Vec<(MemberRole, UserId)>>,
    /// CRM records.
    pub crm_items: Of<CrmItemId, crm_item::Model>,
    /// CRM activities.
    pub crm_activities: Of<CrmActivityId, crm_activity::Model>,
    /// Which CRM records the caller may read.
    pub crm_readable: OnceCell<Access>,
    /// Whether a CRM record can be read, where departments decide.
    pub crm_readable_items: Of<(Subject, CrmItemId), ()>,
    /// CRM roles.
    pub crm_roles: Of<CrmRoleId, crm_role::Model>,
    /// What decides whom the caller may dismiss, hire and change.
    pub abilities: OnceCell<RuleContext>,
    /// Calendars.
    pub calendars: Of<CalendarId, calendar::Model>,
    /// The calendars that a person owns.
    pub calendars_owned: Of<UserId, Vec<calendar::Model>>,
    /// The favourite calendars of a person.
    pub calendars_favored: Of<UserId, Vec<calendar::Model>>,
    /// What may still be looked at to find occurrences of recurring events.
    pub occurrences: Arc<Mutex<Budget>>,
    /// Events.
    pub events: Of<EventId, event::Model>,
    /// Whether a person can see an event.
    pub visible_events: Of<(UserId, EventId), ()>,
    /// Who attends an event.
    pub event_attendees: Of<EventId, Vec<UserId>>,
    /// Folders and files.
    pub drive_items: Of<Uuid, drive_item::Model>,
    /// The way up from a folder or file, as a person stands to it.
    pub drive_ways: Of<(UserId, Uuid), Vec<Link>>,
    /// Whom a folder itself is shared with.
    pub drive_shares: Of<Uuid, Vec<(UserId, ShareAccess)>>,
    /// Handovers.
    pub handovers: Of<HandoverId, handover::Model>,
    /// Entries of ledgers.
    pub ledger_entries: Of<EntryKey, handover_entry::Model>,
    /// The results of a handover by kind and recipient.
    pub handover_lines: Of<HandoverId, Vec<handover_line::Model>>,
    /// What a handover takes back, and what takes it back.
    pub undoing: Of<HandoverId, Undoing>,
    /// Whether something of a handover could be taken back.
    pub undoable: Of<HandoverId, bool>,
    /// Integrations.
    pub integrations: Of<IntegrationId, integration::Model>,
    /// Identity providers.
    pub identity_providers: Of<IdentityProviderId, identity_provider::Model>,
    /// Accounts at identity providers.
    pub identities: Of<IdentityId, identity::Model>,
    /// The accounts of a person at identity providers.
    pub identities_of: Of<UserId, Vec<identity::Model>>,
    /// Directories.
    pub directories: Of<DirectoryId, directory::Model>,
    /// Groups of directories.
    pub directory_groups: Of<DirectoryGroupId, directory_group::Model>,
    /// Refused requests of directories.
    pub refused_requests: Of<RefusedRequestId, directory_refusal::Model>,
    /// Webhooks.
    pub webhooks: Of<WebhookId, webhook::Model>,
    /// Deliveries of webhooks.
    pub webhook_deliveries: Of<WebhookDeliveryId, webhook_delivery::Model>,
    /// What the directory of a person says of them.
    pub directory_people: Of<UserId, directory_person::Model>,
    /// The secrets of an integration, the newest first.
    pub integration_secrets: Of<IntegrationId, Vec<integration_secret::Model>>,
    /// Entries of the audit log.
    pub audit_entries: Of<AuditEntryId, audit_entry::Model>,
    /// Secrets of integrations.
    pub secrets: Of<IntegrationSecretId, integration_secret::Model>,
}

impl Loaders {
    /// Fresh loaders, for one request.
    pub fn new(db: &Arc<Db>) -> Self {
        Self {
            users: loader(db, |db, keys| Box::pin(people::by_ids(db, keys))),
            changes: loader(db, |db, keys| Box::pin(people::changes(db, keys))),
            sessions: loader(db, |db, keys| Box::pin(sessions::by_ids(db, keys))),
            departments: loader(db, |db, keys| Box::pin(departments(db, keys))),
            children: loader(db, |db, keys| Box::pin(people::children(db, keys))),
            members: loader(db, |db, keys| Box::pin(people::member_counts(db, keys))),
            heads: loader(db, |db, keys| Box::pin(heads::above(db.read(), keys))),
            dismissals: loader(db, |db, keys| Box::pin(dismissals::of_people(db, keys))),
            dismissals_by_id: loader(db, |db, keys| Box::pin(dismissals::by_ids(db, keys))),
            work: loader(db, |db, keys| {
                Box::pin(work::inventory(db.read(), db.clock().now(), keys))
            }),
            tasks: loader(db, |db, keys| Box::pin(tasks::by_ids(db, keys))),
            visible_tasks: loader(db, |db, keys| Box::pin(TASKS.visible_to(db.read(), keys))),
            task_members: loader(db, |db, keys| Box::pin(tasks::members(db, keys))),
            task_templates: loader(db, |db, keys| Box::pin(templates::by_ids(db, keys))),
            visible_templates: loader(db, |db, keys| Box::pin(TEMPLATES.visible_to(db.read(), keys))),
            template_members: loader(db, |db, keys| Box::pin(templates::members(db, keys))),
            crm_items: loader(db, |db, keys| Box::pin(crm::list::by_ids(db, keys))),
            crm_activities: loader(db, |db, keys| Box::pin(crm::activities::by_ids(db, keys))),
            crm_readable: OnceCell::new(),
            crm_readable_items: loader(db, |db, keys| Box::pin(crm::access::readable(db, keys))),
            crm_roles: loader(db, |db, keys| Box::pin(crm::roles::by_ids(db, keys))),
            abilities: OnceCell::new(),
            calendars: loader(db, |db, keys| Box::pin(calendars::by_ids(db, keys))),
            calendars_owned: loader(db, |db, keys| Box::pin(calendars::owned(db, keys))),
            calendars_favored: loader(db, |db, keys| Box::pin(calendars::favorites(db, keys))),
            occurrences: Arc::new(Mutex::new(Budget::new(calendars::OCCURRENCE_BUDGET))),
            events: loader(db, |db, keys| Box::pin(calendars::events_by_ids(db, keys))),
            visible_events: loader(db, |db, keys| Box::pin(calendars::visible_events(db, keys))),
            event_attendees: loader(db, |db, keys| Box::pin(calendars::attendees(db, keys))),
            drive_items: loader(db, |db, keys| Box::pin(drive::by_ids(db.read(), keys))),
            drive_ways: loader(db, |db, keys| Box::pin(drive::paths_up_for(db, keys))),
            drive_shares: loader(db, |db, keys| Box::pin(drive::shares(db.read(), keys))),
            handovers: loader(db, |db, keys| Box::pin(handovers::by_ids(db, keys))),
            ledger_entries: loader(db, |db, keys| Box::pin(handovers::entries_by_keys(db, keys))),
            handover_lines: loader(db, |db, keys| Box::pin(handovers::lines(db, keys))),
            undoing: loader(db, |db, keys| Box::pin(handovers::undoing(db, keys))),
            undoable: loader(db, |db, keys| Box::pin(returnable::undoable(db, keys))),
            integrations: loader(db, |db, keys| Box::pin(secrets::integrations_by_ids(db, keys))),
            identity_providers: loader(db, |db, keys| Box::pin(providers::by_ids(db, keys))),
            identities: loader(db, |db, keys| Box::pin(providers::identities_by_ids(db, keys))),
            identities_of: loader(db, |db, keys| Box::pin(identities::of_people(db, keys))),
            directories: loader(db, |db, keys| Box::pin(directories::by_ids(db, keys))),
            directory_groups: loader(db, |db, keys| Box::pin(directories::groups_by_ids(db, keys))),
            refused_requests: loader(db, |db, keys| Box::pin(directories::refusals_by_ids(db, keys))),
            webhooks: loader(db, |db, keys| Box::pin(webhooks::by_ids(db, keys))),
            webhook_deliveries: loader(db, |db, keys| Box::pin(webhooks::deliveries_by_ids(db, keys))),
            directory_people: loader(db, |db, keys| Box::pin(directories::links(db, keys))),
            integration_secrets: loader(db, |db, keys| Box::pin(secrets::of_integrations(db, keys))),
            audit_entries: loader(db, |db, keys| Box::pin(audits::by_ids(db, keys))),
            secrets: loader(db, |db, keys| Box::pin(secrets::by_ids(db, keys))),
        }
    }
}
