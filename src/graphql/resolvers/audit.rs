//! The audit log in the API.

use async_graphql::{ComplexObject, Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use entity::audit_entry;

use crate::domain::audit::list;
use crate::error::Error;
use crate::graphql::kit::connection::{connection, page_cost};
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::fast::columns::columns;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::kit::user_error::argument_id;
use crate::graphql::resolvers::integrations::Integration;
use crate::graphql::resolvers::node;
use crate::graphql::resolvers::node::Node;
use crate::graphql::resolvers::people::User;
use crate::store::input;
use crate::store::page::PageArgs;

/// One change: who did what to whom, and when. Entries are only ever added.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct AuditEntry {
    /// The id.
    pub id: ID,
    /// When.
    at: DateTime<Utc>,
    /// What: `user.dismissed`, `user.hired`, `handover.queued`, …
    action: String,
    /// Who: an e-mail address, or the name of a command.
    actor: String,
    /// What changed, as a JSON object.
    data: String,
    #[graphql(skip)]
    row: audit_entry::Model,
}

impl From<audit_entry::Model> for AuditEntry {
    fn from(row: audit_entry::Model) -> Self {
        Self {
            id: row.id.to_string().into(),
            at: row.at,
            action: row.action.clone(),
            actor: row.actor.clone(),
            data: row.data.clone(),
            row,
        }
    }
}

#[ComplexObject]
impl AuditEntry {
    /// Who, where it was a person.
    async fn actor_user(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.actor_user_id?).await
    }

    /// Who, where it was an integration. For those with MANAGE_INTEGRATIONS, and the integration itself; null for others.
    async fn actor_integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.actor_integration_id?).await
    }

    /// What was changed; null where that is not a node.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let (prefix, id) = (self.row.subject_type.as_ref()?, self.row.subject_id?);
        Node::load(ctx, prefix, id).await.transpose()
    }
}

columns!(AuditEntry {
    "id": id,
    "at": at,
    "action": action,
    "actor": actor,
    "data": data,
});
connection!(AuditEntry, AuditEntryConnection, AuditEntryEdge, "audit entries");

/// Which entries. Conditions that are left out, or null, do not restrict.
#[derive(InputObject, Default)]
pub struct AuditFilter {
    /// Those about this node.
    subject_id: Option<ID>,
    /// Those of changes by this person or integration.
    actor_id: Option<ID>,
    /// Those with one of these actions.
    action: Option<Vec<String>>,
    /// Those at this moment or later.
    since: Option<DateTime<Utc>>,
    /// Those before this moment.
    until: Option<DateTime<Utc>>,
}

fn author(id: &ID) -> Result<list::Author, Error> {
    match id.parse() {
        Ok(integration) => Ok(list::Author::Integration(integration)),
        Err(_) => argument_id(id, "filter.actorId").map(list::Author::Person),
    }
}

/// Reads of the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// The audit log, the latest entry first. Needs READ_AUDIT_LOG.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all that you may see, when left out.")] filter: Option<AuditFilter>,
        #[graphql(desc = "How many from the start, 20 when left out; 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, 100 at most; not together with `first`.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<AuditEntryConnection, Error> {
        let filter = filter.unwrap_or_default();
        let filter = list::AuditFilter {
            subject: filter
                .subject_id
                .map(|id| node::read_id(&id, "filter.subjectId").map(|(_, id)| id))
                .transpose()?,
            actor: filter.actor_id.map(|id| author(&id)).transpose()?,
            action: input::argument_texts(filter.action, "filter.action")?,
            since: filter.since.map(input::bound),
            until: filter.until.map(input::bound),
        };
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        Ok(list::entries(ctx.db(), ctx.actor()?, &filter, &args)
            .await?
            .into())
    }
}
