//! GraphQL types: the `Node` interface.

use std::sync::Arc;

use async_graphql::{ID, Interface, SimpleObject};

use crate::graphql::kit::connection::PageInfo;
use crate::graphql::types::audit::AuditEntry;
use crate::graphql::types::auth::Session;
use crate::graphql::types::calendar::{Calendar, Event};
use crate::graphql::types::crm::CrmItem;
use crate::graphql::types::crm_activities::CrmActivity;
use crate::graphql::types::crm_roles::CrmRole;
use crate::graphql::types::departments::Department;
use crate::graphql::types::directories::{Directory, DirectoryGroup, RefusedRequest};
use crate::graphql::types::dismissals::Dismissal;
use crate::graphql::types::drive::{File, Folder};
use crate::graphql::types::identity_providers::{Identity, IdentityProvider};
use crate::graphql::types::integration_secrets::IntegrationSecret;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::ledger::{Handover, HandoverEntry};
use crate::graphql::types::people::User;
use crate::graphql::types::task_templates::TaskTemplate;
use crate::graphql::types::tasks::Task;
use crate::graphql::types::webhook_events::Change;
use crate::graphql::types::webhooks::{Webhook, WebhookDelivery};
use crate::store::page::Counter;

/// One of the objects of a page, with its cursor.
#[derive(SimpleObject)]
pub struct NodeEdge {
    /// The object.
    pub(crate) node: Node,
    /// Cursor of the object, for `after`.
    pub(crate) cursor: String,
}

/// A page of objects of any type.
pub struct NodeConnection {
    pub(crate) edges: Vec<NodeEdge>,
    pub(crate) page_info: PageInfo,
    pub(crate) count: Counter,
}

/// An object with an id. The id is a TypeID, for example `user_01j…`, whose prefix names the type.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "ID of the object."))]
pub enum Node {
    /// A person.
    User(Box<User>),
    /// A department.
    Department(Arc<Department>),
    /// A session.
    Session(Box<Session>),
    /// A dismissal.
    Dismissal(Box<Dismissal>),
    /// A task.
    Task(Box<Task>),
    /// A recurring task.
    TaskTemplate(Box<TaskTemplate>),
    /// A CRM record.
    CrmItem(Box<CrmItem>),
    /// A CRM activity.
    CrmActivity(Box<CrmActivity>),
    /// A CRM role.
    CrmRole(Box<CrmRole>),
    /// A calendar.
    Calendar(Box<Calendar>),
    /// An event of a calendar.
    Event(Box<Event>),
    /// A folder.
    Folder(Box<Folder>),
    /// A file.
    File(Box<File>),
    /// An integration.
    Integration(Box<Integration>),
    /// A secret of an integration.
    IntegrationSecret(Box<IntegrationSecret>),
    /// A directory.
    Directory(Box<Directory>),
    /// A group of a directory.
    DirectoryGroup(Box<DirectoryGroup>),
    /// A refused request of a directory.
    RefusedRequest(Box<RefusedRequest>),
    /// An identity provider.
    IdentityProvider(Box<IdentityProvider>),
    /// An account at an identity provider.
    Identity(Box<Identity>),
    /// A handover.
    Handover(Box<Handover>),
    /// An entry of a handover's ledger.
    HandoverEntry(Box<HandoverEntry>),
    /// An entry of the audit log.
    AuditEntry(Box<AuditEntry>),
    /// A webhook.
    Webhook(Box<Webhook>),
    /// A delivery of a webhook.
    WebhookDelivery(Box<WebhookDelivery>),
    /// A change that webhooks announce.
    Change(Box<Change>),
}
