//! Resolvers: the audit log.

use async_graphql::{ComplexObject, Context, Object};

use crate::domain::audit::{changes, list};
use crate::domain::auth::Permission;
use crate::error::Error;
use crate::graphql::kit::connection::page_cost;
use crate::graphql::kit::context::ContextExt;
use crate::graphql::kit::nullable::Nullable;
use crate::graphql::types::audit::{AuditAction, AuditEntry, AuditEntryConnection, AuditFilter, FieldChange};
use crate::graphql::types::integrations::Integration;
use crate::graphql::types::node::Node;
use crate::graphql::types::people::User;
use crate::store::journal::Action;
use crate::store::page::PageArgs;

#[ComplexObject]
impl AuditEntry {
    /// The person who made the change; null when it was not a person.
    async fn actor_user(&self, ctx: &Context<'_>) -> Nullable<User> {
        User::load(ctx, self.row.actor_user_id?).await
    }

    /// The integration that made the change; null when it was not an integration. Needs MANAGE_INTEGRATIONS, unless the
    /// caller is that integration; null otherwise.
    async fn actor_integration(&self, ctx: &Context<'_>) -> Nullable<Integration> {
        Integration::load(ctx, self.row.actor_integration_id?).await
    }

    /// The changed fields, with their values before and after; empty for actions that have none. Ids are texts.
    async fn changes(&self) -> Vec<FieldChange> {
        let changes = changes::of(&self.row);
        let change = |(field, before, after)| FieldChange { field, before, after };
        changes.into_iter().map(change).collect()
    }

    /// The object that was changed; null when it is not a node.
    async fn subject(&self, ctx: &Context<'_>) -> Nullable<Node> {
        let (prefix, id) = (self.row.subject_type.as_ref()?, self.row.subject_id?);
        Node::load(ctx, prefix, id).await.transpose()
    }
}

/// Queries for the audit log.
#[derive(Default)]
pub struct AuditQuery;

#[Object]
impl AuditQuery {
    /// All actions that the audit log can contain. Needs READ_AUDIT_LOG.
    async fn audit_actions(&self, ctx: &Context<'_>) -> Result<Vec<AuditAction>, Error> {
        ctx.actor()?.require(Permission::ReadAuditLog)?;
        let action = |action: &Action| AuditAction {
            name: action.as_str().to_owned(),
            description: action.description().to_owned(),
        };
        Ok(Action::ALL.iter().map(action).collect())
    }

    /// The audit log, newest entry first. Needs READ_AUDIT_LOG.
    #[graphql(complexity = "page_cost(first, last, child_complexity)")]
    async fn audit_log(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Filter; defaults to everything you can access.")] filter: Option<AuditFilter>,
        #[graphql(desc = "Returns the first n items (default 20, maximum 100).")] first: Option<i32>,
        #[graphql(desc = "Returns the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Returns the last n items (maximum 100), without `first`.")] last: Option<i32>,
        #[graphql(desc = "Returns the items before this cursor.")] before: Option<String>,
    ) -> Result<AuditEntryConnection, Error> {
        let filter = filter.unwrap_or_default().check("filter")?;
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
