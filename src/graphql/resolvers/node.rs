//! `node` and `nodes`: any object by its id, under the same access rules as every other way to read it.

use std::fmt::Debug;
use std::hash::Hash;

use async_graphql::{Context, ID, Object};
use entity::{
    AuditEntryId, CalendarId, ChangeId, CrmActivityId, CrmItemId, CrmRoleId, DepartmentId, DirectoryGroupId,
    DirectoryId, DismissalId, EventId, FileId, FolderId, HandoverId, IdentityId, IdentityProviderId,
    IntegrationId, IntegrationSecretId, RefusedRequestId, SessionId, TaskId, TaskTemplateId, UserId,
    WebhookDeliveryId, WebhookId,
};
use futures_util::future::{join_all, try_join_all};
use uuid::Uuid;

use crate::domain::audit::confidential;
use crate::domain::auth::Permission;
use crate::domain::calendar::access as calendar_access;
use crate::domain::dismissal::list as dismissals;
use crate::domain::handover::{kinds, work};
use crate::domain::webhooks::{changes, list as webhooks};
use crate::error::Error;
use crate::graphql::kit::connection::{PageInfo, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::{argument_id, read_id};
use crate::graphql::loaders::Of;
use crate::graphql::resolvers::crm::{may_read, may_read_activity};
use crate::graphql::resolvers::drive;
use crate::graphql::resolvers::ledger as handovers;
use crate::graphql::types::auth::Session;
use crate::graphql::types::drive::DriveItem;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::node::{Node, NodeConnection, NodeEdge};
use crate::graphql::types::work::WorkKind;
use crate::store::page::PageArgs;

impl Node {
    /// The object of this type and id, if it exists and the caller can see it.
    ///
    /// What a type needs of the database goes through the loaders, so that a list of ids costs a few statements for
    /// each type and none for each id.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the caller is not signed in.
    pub async fn load(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let (actor, loaders) = (ctx.actor()?, ctx.loaders());
        Ok(match prefix {
            UserId::PREFIX => {
                let row = loaders.users.load(UserId(id)).await?;
                row.map(|row| Self::User(Box::new(row.into())))
            }
            DepartmentId::PREFIX => {
                let department = loaders.departments.load(DepartmentId(id)).await?;
                department.map(Self::Department)
            }
            SessionId::PREFIX => {
                let row = loaders.sessions.load(SessionId(id)).await?;
                row.filter(|row| row.user_id == actor.user_id || actor.may(Permission::ManageUsers))
                    .map(|row| Self::Session(Box::new(Session::new(row, actor))))
            }
            DismissalId::PREFIX => {
                let row = loaders.dismissals_by_id.load(DismissalId(id)).await?;
                row.filter(|row| dismissals::is_visible(actor, row))
                    .map(|row| Self::Dismissal(Box::new(row.into())))
            }
            CrmRoleId::PREFIX if actor.may(Permission::ManageSettings) => {
                let row = loaders.crm_roles.load(CrmRoleId(id)).await?;
                row.map(|row| Self::CrmRole(Box::new(row.into())))
            }
            IntegrationId::PREFIX => Integration::load(ctx, IntegrationId(id))
                .await
                .transpose()?
                .map(|found| Self::Integration(Box::new(found))),
            IntegrationSecretId::PREFIX if actor.may(Permission::ManageIntegrations) => {
                let row = loaders.secrets.load(IntegrationSecretId(id)).await?;
                row.map(|row| Self::IntegrationSecret(Box::new(row.into())))
            }
            DirectoryId::PREFIX | DirectoryGroupId::PREFIX | RefusedRequestId::PREFIX => {
                Self::load_directory(ctx, prefix, id).await?
            }
            IdentityProviderId::PREFIX | IdentityId::PREFIX => Self::load_identity(ctx, prefix, id).await?,
            HandoverId::PREFIX if actor.may_read_ledgers() => {
                let row = loaders.handovers.load(HandoverId(id)).await?;
                row.map(|row| Self::Handover(Box::new(row.into())))
            }
            AuditEntryId::PREFIX if actor.may(Permission::ReadAuditLog) => {
                let row = loaders.audit_entries.load(AuditEntryId(id)).await?;
                row.and_then(|row| confidential::visible(actor, row))
                    .map(|row| Self::AuditEntry(Box::new(row.into())))
            }
            WebhookId::PREFIX | WebhookDeliveryId::PREFIX | ChangeId::PREFIX => {
                Self::load_webhook(ctx, prefix, id).await?
            }
            _ => Self::load_work(ctx, prefix, id).await?,
        })
    }

    /// As [`load`](Self::load), for webhooks and changes.
    async fn load_webhook(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let (actor, loaders) = (ctx.actor()?, ctx.loaders());
        Ok(match prefix {
            ChangeId::PREFIX => {
                let row = loaders.audit_entries.load(AuditEntryId(id)).await?;
                row.and_then(|row| changes::visible(actor, row))
                    .map(|row| Self::Change(Box::new(row.into())))
            }
            WebhookId::PREFIX if actor.may(Permission::ManageIntegrations) => {
                let row = loaders.webhooks.load(WebhookId(id)).await?;
                row.filter(|row| row.deleted_at.is_none())
                    .map(|row| Self::Webhook(Box::new(row.into())))
            }
            WebhookDeliveryId::PREFIX => {
                let row = loaders.webhook_deliveries.load(WebhookDeliveryId(id)).await?;
                row.filter(|row| webhooks::is_visible(actor, row))
                    .map(|row| Self::WebhookDelivery(Box::new(row.into())))
            }
            _ => None,
        })
    }

    /// As [`load`](Self::load), for the types of identity providers.
    async fn load_identity(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let (actor, loaders) = (ctx.actor()?, ctx.loaders());
        if prefix == IdentityProviderId::PREFIX {
            let row = loaders.identity_providers.load(IdentityProviderId(id)).await?;
            let row = row.filter(|row| row.retired_at.is_none());
            return Ok(row.map(|row| Self::IdentityProvider(Box::new(row.into()))));
        }
        let row = loaders.identities.load(IdentityId(id)).await?;
        let visible =
            row.filter(|row| row.user_id == actor.user_id || actor.may(Permission::ManageIntegrations));
        Ok(visible.map(|row| Self::Identity(Box::new(row.into()))))
    }

    /// As [`load`](Self::load), for the types of directories.
    async fn load_directory(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let loaders = ctx.loaders();
        if !ctx.actor()?.may(Permission::ManageIntegrations) {
            return Ok(None);
        }
        Ok(match prefix {
            DirectoryId::PREFIX => {
                let row = loaders.directories.load(DirectoryId(id)).await?;
                row.map(|row| Self::Directory(Box::new(row.into())))
            }
            DirectoryGroupId::PREFIX => {
                let row = loaders.directory_groups.load(DirectoryGroupId(id)).await?;
                row.map(|row| Self::DirectoryGroup(Box::new(row.into())))
            }
            RefusedRequestId::PREFIX => {
                let row = loaders.refused_requests.load(RefusedRequestId(id)).await?;
                row.map(|row| Self::RefusedRequest(Box::new(row.into())))
            }
            _ => None,
        })
    }

    /// As [`load`](Self::load), for the types whose objects can be handed over.
    async fn load_work(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let loaders = ctx.loaders();
        Ok(match prefix {
            TaskId::PREFIX if sees(ctx, &loaders.visible_tasks, TaskId(id)).await? => {
                let row = loaders.tasks.load(TaskId(id)).await?;
                row.map(|row| Self::Task(Box::new(row.into())))
            }
            TaskTemplateId::PREFIX if sees(ctx, &loaders.visible_templates, TaskTemplateId(id)).await? => {
                let row = loaders.task_templates.load(TaskTemplateId(id)).await?;
                row.map(|row| Self::TaskTemplate(Box::new(row.into())))
            }
            CrmItemId::PREFIX => match loaders.crm_items.load(CrmItemId(id)).await? {
                Some(row) if may_read(ctx, &row).await? => Some(Self::CrmItem(Box::new(row.into()))),
                _ => None,
            },
            CrmActivityId::PREFIX => match loaders.crm_activities.load(CrmActivityId(id)).await? {
                Some(row) if may_read_activity(ctx, &row).await? => {
                    Some(Self::CrmActivity(Box::new(row.into())))
                }
                _ => None,
            },
            CalendarId::PREFIX => {
                let (actor, row) = (ctx.actor()?, loaders.calendars.load(CalendarId(id)).await?);
                row.filter(|row| calendar_access::may_see(actor, row))
                    .map(|row| Self::Calendar(Box::new(row.into())))
            }
            EventId::PREFIX if sees(ctx, &loaders.visible_events, EventId(id)).await? => {
                let row = loaders.events.load(EventId(id)).await?;
                row.map(|row| Self::Event(Box::new(row.into())))
            }
            FolderId::PREFIX | FileId::PREFIX | kinds::DRIVE_ITEM => match drive::seen(ctx, id).await? {
                Some(DriveItem::Folder(folder)) if prefix != FileId::PREFIX => Some(Self::Folder(folder)),
                Some(DriveItem::File(file)) if prefix != FolderId::PREFIX => Some(Self::File(file)),
                _ => None,
            },
            _ => None,
        })
    }

    async fn by_id(ctx: &Context<'_>, id: &str, argument: &str) -> Result<Option<Self>, Error> {
        if let Some(key) = handovers::read_entry_id(id) {
            if !ctx.actor()?.may_read_ledgers() {
                return Ok(None);
            }
            let row = ctx.loaders().ledger_entries.load(key).await?;
            return Ok(row.map(|row| Self::HandoverEntry(Box::new(row.into()))));
        }
        let actor = ctx.actor()?;
        let (prefix, id) = read_id(id, argument)?;
        if WORK.contains(&prefix.as_str()) {
            actor.require_work_access()?;
        }
        Self::load(ctx, &prefix, id).await
    }
}

/// Whether the caller can read everybody's work, or see this object of it.
async fn sees<K>(ctx: &Context<'_>, visible: &Of<(UserId, K), ()>, id: K) -> Result<bool, Error>
where
    K: Eq + Hash + Clone + Debug + Send + Sync,
{
    let actor = ctx.actor()?;
    Ok(actor.may(Permission::ReadWork) || visible.load((actor.user_id, id)).await?.is_some())
}

/// Queries for objects by id.
#[derive(Default)]
pub struct NodeQuery;

#[Object]
impl NodeQuery {
    /// Any object by its id; null when it does not exist or you can't see it.
    async fn node(&self, ctx: &Context<'_>, #[graphql(desc = "ID of the object.")] id: ID) -> Nullable<Node> {
        Node::by_id(ctx, &id, "id").await.transpose()
    }

    /// Several objects by their ids, in the same order; null for each that does not exist or that you can't see. At
    /// most 100.
    #[graphql(complexity = "ids.len() * child_complexity.max(1)")]
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "IDs of the objects, at most 100.")] ids: Vec<ID>,
    ) -> Result<Vec<Nullable<Node>>, Error> {
        ctx.actor()?;
        if ids.len() > MAX_NODES {
            return Err(Error::BadInput(format!("ids: at most {MAX_NODES}")));
        }
        let ids: Vec<(usize, &ID)> = ids.iter().enumerate().collect();
        let load = async |&(place, id): &(usize, &ID)| {
            let found = Node::by_id(ctx, id, &format!("ids.{place}")).await;
            found.transpose()
        };
        let groups = ids.chunks(GROUP).map(|some| join_all(some.iter().map(load)));
        Ok(join_all(groups).await.into_iter().flatten().collect())
    }

    /// Items of a kind of work that a person holds: what a handover of this kind would move. Items that you can't see are
    /// left out. Your own; those of others need REASSIGN_WORK or READ_WORK.
    #[graphql(complexity = "page_cost(first, None, child_complexity)")]
    async fn held_items(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "ID of the person.")] user_id: ID,
        #[graphql(desc = "Kind of work.")] kind: WorkKind,
        #[graphql(desc = "Only open items, or only closed ones; both when left out.")] open: Option<bool>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
    ) -> Result<NodeConnection, Error> {
        let person = argument_id(&user_id, "userId")?;
        let args = PageArgs {
            first,
            after,
            ..PageArgs::default()
        };
        let page = work::held_items(ctx.db(), ctx.actor()?, person, kind.into(), open, &args).await?;
        let page_info = PageInfo::from(&page);
        let prefix = kinds::of(kind.into()).subject();
        let groups = page.items.chunks(GROUP).map(|some| {
            try_join_all(some.iter().map(async |(id, cursor)| {
                let node = Node::load(ctx, prefix, *id).await?;
                let cursor = cursor.to_string();
                Ok::<_, Error>(node.map(|node| NodeEdge { node, cursor }))
            }))
        });
        let edges = try_join_all(groups).await?;
        Ok(NodeConnection {
            edges: edges.into_iter().flatten().flatten().collect(),
            page_info,
            count: page.count,
        })
    }
}

/// The maximum number of ids for `nodes`.
const MAX_NODES: usize = 100;

/// A page of objects of any type.
#[Object]
impl NodeConnection {
    /// The objects with their cursors.
    async fn edges(&self) -> &[NodeEdge] {
        &self.edges
    }

    /// The objects.
    async fn nodes(&self) -> Vec<&Node> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Position of the page in its list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// Total number of objects in the list, over all pages. Counted only when requested.
    async fn total_count(&self) -> Result<i32, Error> {
        Ok(i32::try_from((self.count)().await?).unwrap_or(i32::MAX))
    }
}

/// Ids that are loaded together. `join_all` polls up to thirty futures without a break: with more of them, the batch
/// loaders would start before all have asked.
pub const GROUP: usize = 25;

/// The prefixes of the types that an integration can see with READ_WORK.
const WORK: [&str; 9] = [
    TaskId::PREFIX,
    TaskTemplateId::PREFIX,
    CrmItemId::PREFIX,
    CrmActivityId::PREFIX,
    CalendarId::PREFIX,
    EventId::PREFIX,
    FolderId::PREFIX,
    FileId::PREFIX,
    kinds::DRIVE_ITEM,
];
