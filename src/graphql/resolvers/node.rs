//! `node` and `nodes`: any object by its id, under the same access rules as every other way to read it.

use async_graphql::{Context, ID, Object};
use entity::{
    AuditEntryId, CalendarId, CrmActivityId, CrmItemId, CrmRoleId, DepartmentId, DismissalId, EventId,
    FileId, FolderId, HandoverId, IntegrationId, IntegrationSecretId, SessionId, TaskId, TaskTemplateId,
    UserId,
};
use uuid::Uuid;

use crate::domain::audit::list as audits;
use crate::domain::auth::Permission;
use crate::domain::auth::session;
use crate::domain::calendar::{access as calendar_access, list as calendars};
use crate::domain::crm::{activities, roles};
use crate::domain::dismissal::list as dismissals;
use crate::domain::handover::kinds;
use crate::domain::integrations::secrets;
use crate::domain::tasks::list as tasks;
use crate::domain::tasks::template_list as templates;
use crate::error::Error;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::resolvers::crm::may_read;
use crate::graphql::resolvers::drive;
use crate::graphql::resolvers::ledger as handovers;
use crate::graphql::types::auth::Session;
use crate::graphql::types::drive::DriveItem;
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::node::Node;

impl Node {
    /// The object of this type and id, if it exists and the caller can see it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the caller is not signed in.
    pub async fn load(ctx: &Context<'_>, prefix: &str, id: Uuid) -> Result<Option<Self>, Error> {
        let (actor, loaders, db) = (ctx.actor()?, ctx.loaders(), ctx.db());
        Ok(match prefix {
            UserId::PREFIX => loaders
                .users
                .load(UserId(id))
                .await?
                .map(|row| Self::User(Box::new(row.into()))),
            DepartmentId::PREFIX => {
                let department = loaders.departments.load(DepartmentId(id)).await?;
                department.map(Self::Department)
            }
            SessionId::PREFIX => {
                let row = session::find(db, SessionId(id)).await?;
                row.filter(|row| row.user_id == actor.user_id || actor.may(Permission::ManageUsers))
                    .map(|row| Self::Session(Box::new(Session::new(row, actor))))
            }
            DismissalId::PREFIX => dismissals::find(db, actor, DismissalId(id))
                .await?
                .map(|row| Self::Dismissal(Box::new(row.into()))),
            TaskId::PREFIX if actor.may(Permission::ReadWork) => loaders
                .tasks
                .load(TaskId(id))
                .await?
                .map(|row| Self::Task(Box::new(row.into()))),
            TaskId::PREFIX => tasks::find(db, actor, TaskId(id))
                .await?
                .map(|row| Self::Task(Box::new(row.into()))),
            TaskTemplateId::PREFIX if actor.may(Permission::ReadWork) => loaders
                .task_templates
                .load(TaskTemplateId(id))
                .await?
                .map(|row| Self::TaskTemplate(Box::new(row.into()))),
            TaskTemplateId::PREFIX => templates::find(db, actor, TaskTemplateId(id))
                .await?
                .map(|row| Self::TaskTemplate(Box::new(row.into()))),
            CrmItemId::PREFIX => match loaders.crm_items.load(CrmItemId(id)).await? {
                Some(row) if may_read(ctx, &row).await? => Some(Self::CrmItem(Box::new(row.into()))),
                _ => None,
            },
            CrmActivityId::PREFIX => activities::find(db, actor, CrmActivityId(id))
                .await?
                .map(|row| Self::CrmActivity(Box::new(row.into()))),
            CrmRoleId::PREFIX => roles::find(db, actor, CrmRoleId(id))
                .await?
                .map(|row| Self::CrmRole(Box::new(row.into()))),
            CalendarId::PREFIX => {
                let row = loaders.calendars.load(CalendarId(id)).await?;
                row.filter(|row| calendar_access::may_see(actor, row))
                    .map(|row| Self::Calendar(Box::new(row.into())))
            }
            EventId::PREFIX => {
                let row = loaders.events.load(EventId(id)).await?;
                match row {
                    Some(row) if calendars::may_see_event(db.read(), actor, row.id).await? => {
                        Some(Self::Event(Box::new(row.into())))
                    }
                    _ => None,
                }
            }
            FolderId::PREFIX => match drive::seen(ctx, id).await? {
                Some(DriveItem::Folder(folder)) => Some(Self::Folder(folder)),
                _ => None,
            },
            FileId::PREFIX => match drive::seen(ctx, id).await? {
                Some(DriveItem::File(file)) => Some(Self::File(file)),
                _ => None,
            },
            kinds::DRIVE_ITEM => drive::seen(ctx, id).await?.map(|item| match item {
                DriveItem::Folder(folder) => Self::Folder(folder),
                DriveItem::File(file) => Self::File(file),
            }),
            IntegrationId::PREFIX => Integration::load(ctx, IntegrationId(id))
                .await
                .transpose()?
                .map(|found| Self::Integration(Box::new(found))),
            IntegrationSecretId::PREFIX if actor.may(Permission::ManageIntegrations) => {
                let row = secrets::find(db, IntegrationSecretId(id)).await?;
                row.map(|row| Self::IntegrationSecret(Box::new(row.into())))
            }
            HandoverId::PREFIX if actor.may_read_ledgers() => loaders
                .handovers
                .load(HandoverId(id))
                .await?
                .map(|row| Self::Handover(Box::new(row.into()))),
            AuditEntryId::PREFIX if actor.may(Permission::ReadAuditLog) => {
                audits::find(db, actor, AuditEntryId(id))
                    .await?
                    .map(|row| Self::AuditEntry(Box::new(row.into())))
            }
            _ => None,
        })
    }

    async fn by_id(ctx: &Context<'_>, id: &str, argument: &str) -> Result<Option<Self>, Error> {
        if let Some((handover, kind, subject)) = handovers::read_entry_id(id) {
            if !ctx.actor()?.may_read_ledgers() {
                return Ok(None);
            }
            let row = crate::domain::handover::list::entry(ctx.db(), handover, kind, subject).await?;
            return Ok(row.map(|row| Self::HandoverEntry(Box::new(row.into()))));
        }
        let actor = ctx.actor()?;
        let (prefix, id) = read_id(id, argument)?;
        if WORK.contains(&prefix.as_str()) {
            actor.require_sight_of_work()?;
        }
        Self::load(ctx, &prefix, id).await
    }
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
        let loading = ids.iter().enumerate().map(|(place, id)| async move {
            Node::by_id(ctx, id, &format!("ids.{place}")).await.transpose()
        });
        Ok(futures_util::future::join_all(loading).await)
    }
}

/// The maximum number of ids for `nodes`.
const MAX_NODES: usize = 100;

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

/// Splits an id into its prefix and its UUID.
///
/// # Errors
/// [`Error::BadInput`] that names the argument.
pub fn read_id(id: &str, argument: &str) -> Result<(String, Uuid), Error> {
    let read = id
        .rsplit_once('_')
        .and_then(|(prefix, suffix)| Some((prefix.to_owned(), entity::id::decode_suffix(suffix)?)));
    read.ok_or_else(|| Error::BadInput(format!("{argument}: this is not an id")))
}
